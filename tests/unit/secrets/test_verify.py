"""Asking providers, against stubs on this machine: what they are told, what their answers mean, and what they never
hear."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from servers.fake_registry import Answer, Registry, Request, running
from vigie.errors import UsageError
from vigie.secrets import verify
from vigie.secrets.rules import SecretRule, Verify
from vigie.secrets.rules import load as load_rules
from vigie.secrets.verify import Question, State, Verifier
from vigie.settings.groups import HistoryOptions, Options, ScanOptions, SecretOptions
from vigie.settings.resolve import Given, declared, resolve

SECRET = "sk_" + "Zq8Lr2Vx9Tn4" + "Kp7Wm1Yb6Hd3"


def rule(id_: str = "acme", host: str = "api.acme.example", **more: Any) -> SecretRule:
    request = {"url": f"https://{host}/me", "active": (200,), "inactive": (401,)}
    request |= {"headers": {"Authorization": "Bearer {secret}"}} | more
    texts = {"title": "t", "category": "c", "why": "w", "fix": "f", "url": "https://acme.example/"}
    return SecretRule(id=id_, severity="HIGH", keywords=(), pattern="", verify=Verify(**request), **texts)


@pytest.fixture
def stub() -> Iterator[Registry]:
    with running() as server:
        yield server


def asked(address: str, *questions: Question, **more: Any) -> tuple[list[State], list[str]]:
    """The states in order, and the problems."""

    def at(url: str) -> str:
        parts = urlsplit(url)
        assert parts.scheme == "https"
        return parts._replace(scheme="http", netloc=address).geturl()

    verifier = Verifier(address=at, **more)
    states = verifier.ask(questions)
    return [states[one.key()] for one in questions], [f"{one.where}: {one.what}" for one in verifier.problems]


@pytest.mark.parametrize(
    ("status", "state", "problem"),
    [
        (200, "active", ""),
        (401, "inactive", ""),
        (403, "unknown", "it answered with status 403"),
        (429, "unknown", "it answered with status 429"),
        (500, "unknown", "it answered with status 500"),
        (503, "unknown", "it answered with status 503"),
    ],
)
def test_answers(stub: Registry, status: int, state: State, problem: str) -> None:
    stub.hook = lambda _: Answer(status, b"x" * 1000)
    states, problems = asked(stub.host, Question(rule(), SECRET))
    assert states == [state]
    expected = f"api.acme.example: whether 1 secret is active is not known: {problem}"
    assert problems == ([expected] if problem else [])
    (request,) = stub.requests  # never a second time
    assert (request.method, request.path, request.headers["authorization"]) == ("GET", "/me", f"Bearer {SECRET}")


def test_a_redirect_is_not_followed(stub: Registry) -> None:
    with running() as other:
        for status in (301, 302, 303, 307, 308):
            stub.hook = lambda _, status=status: Answer(status, headers={"Location": f"http://{other.host}/"})  # type: ignore[misc]
            states, problems = asked(stub.host, Question(rule(), SECRET))
            assert states == ["unknown"] and f"status {status}" in problems[0]
        assert other.requests == [] and len(stub.requests) == 5


def test_each_secret_is_asked_about_once(stub: Registry) -> None:
    stub.hook = lambda _: Answer(200)
    same = [Question(rule(), SECRET), Question(rule(), SECRET)]
    assert asked(stub.host, *same)[0] == ["active", "active"]
    assert len(stub.requests) == 1
    two = [Question(rule("a", "a.example"), SECRET), Question(rule("b", "b.example"), SECRET)]
    assert asked(stub.host, *two)[0] == ["active", "active"]
    assert len(stub.requests) == 3


def test_a_rule_without_a_request_is_not_asked_about(stub: Registry) -> None:
    plain = SecretRule(
        id="x", title="t", category="c", severity="LOW", keywords=(), pattern="", why="w", fix="f", url="https://x/"
    )
    assert Verifier().ask([Question(plain, SECRET)]) == {}
    assert Verifier().ask([]) == {}


def test_where_a_secret_is_filled_in(stub: Registry) -> None:
    stub.hook = lambda _: Answer(200)
    odd = 'a/b?c=d&e#f %41"\\{id}'
    url = rule("url", "a.example", url="https://a.example/bot{secret}/x?id={id}", headers={})
    form = rule("form", "b.example", url="https://b.example/", method="POST", body="a=1&t={secret}", headers={})
    body = rule("json", "c.example", url="https://c.example/", method="POST", body='{"t": "{secret}"}', headers={})
    states, problems = asked(stub.host, *(Question(one, odd, "i{secret}&d") for one in (url, form, body)))
    assert (states, problems) == (["active"] * 3, [])
    requests = {request.method + request.path[:4]: request for request in stub.requests}
    path, _, query = requests["GET/bot"].path.partition("?")
    assert unquote(path) == f"/bot{odd}/x" and path.count("/") == 2
    assert query == "id=i%7Bsecret%7D%26d"
    texts = sorted(request.body.decode() for request in stub.requests if request.method == "POST")
    assert texts[0].startswith("a=1&t=a%2Fb") and "&" not in texts[0][4:]
    assert json.loads(texts[1]) == {"t": odd}


@pytest.mark.parametrize("value", ["a\r\nX-Evil: b", "a\nb", "a\0b", "aéb", "a\x7fb"])
def test_what_no_header_may_hold_is_not_sent(stub: Registry, value: str) -> None:
    states, problems = asked(stub.host, Question(rule(), value))
    assert states == ["unknown"] and stub.requests == []
    assert problems == [
        "api.acme.example: whether 1 secret is active is not known: it has characters that cannot be sent there"
    ]


def test_a_secret_cannot_name_the_host(stub: Registry) -> None:
    sly = rule(url="https://{secret}.example/x", headers={})
    assert asked(stub.host, Question(sly, "evil.example/"))[0] == ["unknown"]
    plain = rule(url="http://api.acme.example/{secret}", headers={})
    assert asked(stub.host, Question(plain, SECRET))[0] == ["unknown"]
    assert stub.requests == []


def test_a_server_that_never_answers(stub: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "SECONDS_EACH", 0.3)
    stub.hook = lambda request: Answer(stall=True) if request.path == "/slow" else Answer(200)
    slow = [
        Question(rule(f"s{n}", f"slow{n}.example", url=f"https://slow{n}.example/slow"), f"{SECRET}{n}")
        for n in range(3)
    ]
    start = time.monotonic()
    states, problems = asked(stub.host, *slow, Question(rule(), SECRET))
    assert time.monotonic() - start < 4
    assert states == ["unknown"] * 3 + ["active"]
    assert all("it did not answer within" in problem for problem in problems) and len(problems) == 3


@contextmanager
def dripping(answer: bytes, pause: float) -> Iterator[str]:
    """A server that answers a byte at a time."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    connection.recv(65536)
                    for number in range(len(answer)):
                        connection.sendall(answer[number : number + 1])
                        if ended.wait(pause):
                            return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        listener.close()


def test_a_server_that_answers_in_drops(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: " + b"y" * 500 + b"\r\n\r\nhello"
    with dripping(text, 0.0) as address:
        assert asked(address, Question(rule(), SECRET)) == (["active"], [])
    monkeypatch.setattr(verify, "SECONDS_EACH", 0.5)
    start = time.monotonic()
    with dripping(text, 0.05) as address:
        states, problems = asked(address, Question(rule(), SECRET))
    assert states == ["unknown"] and "did not answer" in problems[0]
    assert time.monotonic() - start < 4


@pytest.mark.parametrize("answer", [b"nonsense\r\n\r\n", b"", b"HTTP/1.1 999999 X\r\n\r\n", b"HTTP/1.1 200"])
def test_a_server_that_talks_nonsense(answer: bytes) -> None:
    with dripping(answer, 0.0) as address:
        states, problems = asked(address, Question(rule(), SECRET))
    assert states == ["unknown"] and len(problems) == 1
    assert SECRET not in problems[0]


def test_nobody_listens() -> None:
    states, problems = asked("127.0.0.1:1", Question(rule(), SECRET))
    assert states == ["unknown"]
    assert problems == ["api.acme.example: whether 1 secret is active is not known: it could not be reached"]


def test_how_often_a_host_is_asked(stub: Registry) -> None:
    times: list[float] = []
    stub.hook = lambda _: times.append(time.monotonic()) or Answer(200)  # type: ignore[func-returns-value]
    start = time.monotonic()
    states, _ = asked(stub.host, *(Question(rule(), f"{SECRET}{number}") for number in range(5)))
    assert states == ["active"] * 5
    assert time.monotonic() - start >= 1.9
    assert all(times[at + 2] - times[at] > 0.8 for at in range(3))


def test_how_many_at_once(stub: Registry) -> None:
    now = [0, 0]
    lock = threading.Lock()

    def hook(_: Request) -> Answer:
        with lock:
            now[0] += 1
            now[1] = max(now)
        time.sleep(0.1)
        with lock:
            now[0] -= 1
        return Answer(200)

    stub.hook = hook
    states, _ = asked(stub.host, *(Question(rule(f"r{n}", f"h{n}.example"), SECRET) for n in range(20)))
    assert states == ["active"] * 20 and 2 <= now[1] <= 5


def test_all_have_an_end(stub: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    stub.hook = lambda _: Answer(200)
    many = [Question(rule(), f"{SECRET}{number}") for number in range(40)]
    start = time.monotonic()
    states, problems = asked(stub.host, *many, deadline=start + 1.2)
    assert time.monotonic() - start < 3
    assert 2 <= states.count("active") <= 4 and states.count("unknown") == 40 - states.count("active")
    assert problems == [
        f"api.acme.example: whether {states.count('unknown')} secrets are active is not known: the time for it was over"
    ]
    monkeypatch.setattr(verify, "SECONDS", 0.3)
    assert asked(stub.host, *many)[0].count("active") == 1


def test_cookies_stay_with_their_host(stub: Registry) -> None:
    stub.hook = lambda _: Answer(200, headers={"Set-Cookie": "a=b; Domain=127.0.0.1; Path=/"})
    two = [Question(rule("a", "a.example"), SECRET), Question(rule("b", "b.example"), SECRET)]
    assert asked(stub.host, *two)[0] == ["active", "active"]
    assert not any("cookie" in request.headers for request in stub.requests)


def test_nothing_is_said_of_a_secret(
    stub: Registry, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    question = Question(rule(), SECRET, SECRET)
    assert SECRET not in repr(question) + str(question) + f"{[question]}"
    logging.getLogger().setLevel(logging.DEBUG)
    with caplog.at_level(logging.DEBUG):
        for hook in (Answer(200), Answer(500), Answer(302, headers={"Location": "/"}), Answer(200, cut_after=0)):
            stub.hook = lambda _, hook=hook: hook  # type: ignore[misc]
            asked(stub.host, question)
        asked("127.0.0.1:1", question)
        asked(stub.host, Question(rule(), SECRET + "\n"))
    told = caplog.text + "".join(capfd.readouterr())
    assert SECRET not in told and SECRET[5:15] not in told


def test_a_file_of_certificates_that_is_none(stub: Registry, tmp_path: Any) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("nonsense")
    states, problems = asked(stub.host, Question(rule(), SECRET), cacert=str(path))
    assert states == ["unknown"] and "no PEM certificates" in problems[0]


def test_our_rules_can_be_asked(stub: Registry) -> None:
    """Every rule's request is one: filled in, it arrives with the secret in it."""
    stub.hook = lambda _: Answer(418)
    for one in load_rules():
        if one.verify is None:
            continue
        request = verify._filled(one.verify, Question(one, SECRET, "an-id"))
        assert request is not None, one.id
        told = request.url + json.dumps(request.headers) + (request.body or b"").decode()
        assert SECRET in told and "{secret}" not in told and "{id}" not in told
        assert not set(one.verify.active) & set(one.verify.inactive)


def test_verify_is_asked_for_on_the_command_line_in_ci() -> None:
    settings = declared(["secret"])

    def verifies(given: list[Given], **environment: str) -> bool:
        return resolve(settings, given, environment).options.secret.verify

    flag = [Given("--verify", "--verify", "true")]
    for name in ("VIGIE_VERIFY", "TRIVY_VERIFY"):
        assert verifies([], **{name: "true"}) is True
        assert verifies([], CI="true", **{name: "true"}) is False
        assert verifies([], CI="1", **{name: "true"}) is False
        assert verifies([], CI="false", **{name: "true"}) is True
    assert verifies(flag, CI="true") is True
    warnings = resolve(settings, [], {"CI": "true", "VIGIE_VERIFY": "true"}).warnings
    assert warnings == ["VIGIE_VERIFY is passed over where CI is set, give --verify itself"]


def test_offline_and_verify_do_not_go_together() -> None:
    from vigie.compose import scan

    options = Options(
        scan=ScanOptions(offline=True, scanners=("secret",)),
        secret=SecretOptions(verify=True),
        history=HistoryOptions(),
    )
    with pytest.raises(UsageError, match="--offline-scan"):
        scan(".", "fs", options)
