"""`--verify`: asks providers whether secrets that were found still work, by the harmless request of their rule.

A secret goes to the one host that its rule names, over https, and nowhere else: no redirect is followed, nothing is
tried again, no answer is read beyond its status, and what goes wrong is told without it.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from typing import Literal
from urllib.parse import quote, urlsplit

from msgspec import Struct

from vigie.errors import VigieError
from vigie.http import NetworkError, Session
from vigie.model.inventory import Problem
from vigie.secrets.rules import SecretRule, Verify

State = Literal["active", "inactive", "unknown"]

AT_ONCE = 5
PER_SECOND = 2
"""Requests to one host."""
SECONDS_EACH = 5.0
SECONDS = 60.0
"""For all of them."""

_REASONS = {
    "connect": "it could not be reached",
    "certificate": "its certificate is not trusted",
    "timeout": f"it did not answer within {SECONDS_EACH:.0f} seconds",
    "cut": "the connection broke",
    "refused": "the request could not be sent",
}


class Question(Struct, frozen=True):
    """A secret that is to be asked about, and the id that belongs to it. It never says what they are."""

    rule: SecretRule
    secret: str
    key_id: str = ""

    def __repr__(self) -> str:
        return f"Question({self.rule.id})"

    def key(self) -> tuple[str, str, str]:
        """What sets it apart from others."""
        return self.rule.id, self.secret, self.key_id


class _Request(Struct, frozen=True):
    """One request, filled in."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None

    def __repr__(self) -> str:
        return f"_Request({self.method})"


class Verifier:
    """Asks about secrets, each once. problems: host and reason of what could not be asked.

    deadline: `time.monotonic`, 0 for none. address: where a request goes instead, for tests.
    """

    def __init__(
        self,
        *,
        insecure: bool = False,
        cacert: str = "",
        deadline: float = 0.0,
        address: Callable[[str], str] = lambda url: url,
    ) -> None:
        self._insecure, self._cacert, self._address = insecure, cacert, address
        end = time.monotonic() + SECONDS
        self._end = min(end, deadline) if deadline else end
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._next: dict[str, float] = defaultdict(float)
        self._failures: Counter[tuple[str, str]] = Counter()

    def ask(self, questions: Iterable[Question]) -> dict[tuple[str, str, str], State]:
        """What providers say, by `Question.key`. Questions whose rule has no request are left out."""
        waiting: dict[str, deque[Question]] = defaultdict(deque)
        states: dict[tuple[str, str, str], State] = {}
        for question in questions:
            if question.rule.verify is not None and question.key() not in states:
                states[question.key()] = "unknown"
                waiting[_host(question.rule.verify)].append(question)

        def crew() -> None:
            while (chosen := self._choose(waiting)) is not None:
                host, question = chosen
                if question is None:
                    time.sleep(0.02)  # all hosts that are left had a request just now
                    continue
                state = self._ask(host, question)
                with self._lock:
                    states[question.key()] = state

        crews = [threading.Thread(target=crew, daemon=True) for _ in range(min(len(states), AT_ONCE))]
        for thread in crews:
            thread.start()
        for thread in crews:
            thread.join(max(self._end - time.monotonic(), 0.0) + 0.2)
        with self._lock:
            for host, left in waiting.items():
                self._failures[host, "the time for it was over"] += len(left)
                left.clear()
            told = dict(states)
        self._close()
        return told

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be asked, by host."""
        with self._lock:
            failures = sorted(self._failures.items())
        return tuple(
            Problem(host, f"whether {count} secret{'s are' if count > 1 else ' is'} active is not known: {reason}")
            for (host, reason), count in failures
            if count
        )

    def _choose(self, waiting: Mapping[str, deque[Question]]) -> tuple[str, Question | None] | None:
        """The next question whose host may be asked now; none while all must wait; None at the end."""
        now = time.monotonic()
        with self._lock:
            if now >= self._end or not any(waiting.values()):
                return None
            for host, questions in waiting.items():
                if questions and self._next[host] <= now:
                    self._next[host] = now + 1 / PER_SECOND
                    return host, questions.popleft()
        return "", None

    def _ask(self, host: str, question: Question) -> State:
        verify = question.rule.verify
        request = _filled(verify, question) if verify else None
        if request is None or verify is None:
            return self._unknown(host, "it has characters that cannot be sent there")
        statuses: list[int] = []
        reasons: list[str] = []

        def send() -> None:
            try:
                session = self._session(host)
                url = self._address(request.url)
                statuses.append(session.status(request.method, url, request.headers, request.body))
            except NetworkError as error:
                reasons.append(_REASONS.get(error.kind, _REASONS["cut"]))
            except VigieError as error:  # the file of --cacert
                reasons.append(error.message)
            except Exception:  # its text may hold the request
                reasons.append(_REASONS["refused"])

        sending = threading.Thread(target=send, daemon=True)
        sending.start()
        sending.join(max(min(SECONDS_EACH, self._end - time.monotonic()), 0.0))
        if sending.is_alive():  # it answers in drops
            self._forget(host)
            return self._unknown(host, _REASONS["timeout"])
        if not statuses:
            return self._unknown(host, *reasons)
        (status,) = statuses
        if status in verify.active:
            return "active"
        if status in verify.inactive:
            return "inactive"
        return self._unknown(host, f"it answered with status {status}")

    def _unknown(self, host: str, reason: str) -> State:
        with self._lock:
            self._failures[host, reason] += 1
        return "unknown"

    def _session(self, host: str) -> Session:
        """The connections to one host: cookies of one never come to another."""
        with self._lock:
            if host not in self._sessions:
                self._sessions[host] = Session(insecure=self._insecure, cacert=self._cacert, stall=SECONDS_EACH)
            return self._sessions[host]

    def _forget(self, host: str) -> None:
        with self._lock:
            session = self._sessions.pop(host, None)
        if session is not None:
            session.close()

    def _close(self) -> None:
        for host in list(self._sessions):
            self._forget(host)


def _host(verify: Verify) -> str:
    return urlsplit(verify.url).hostname or ""


def _filled(verify: Verify, question: Question) -> _Request | None:
    """The request with the secret in it; None when the secret cannot stand there."""
    url = _put(verify.url, question, lambda text: quote(text, safe=""))
    headers = {name: _put(value, question, str) for name, value in verify.headers.items()}
    if not url.startswith("https://") or _host(verify) != urlsplit(url).hostname:
        return None
    if any(not value.isascii() or not value.isprintable() for value in headers.values()):
        return None
    is_json = verify.body[:1] in ("{", "[")
    body = _put(verify.body, question, _in_json if is_json else lambda text: quote(text, safe=""))
    return _Request(verify.method, url, headers, body.encode() if verify.body else None)


def _put(text: str, question: Question, written: Callable[[str], str]) -> str:
    parts = text.split("{secret}")
    inner = (written(question.key_id).join(part.split("{id}")) for part in parts)
    return written(question.secret).join(inner)


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]
