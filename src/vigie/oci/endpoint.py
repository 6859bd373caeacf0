"""One registry host: its scheme, its challenges, our tokens."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vigie.errors import TargetError
from vigie.http import Answer, NetworkError, Session
from vigie.oci.credentials import Credential, candidates
from vigie.oci.references import DOCKER_HUB
from vigie.oci.tokens import Challenge, Refused, Token, basic, fetch_token, parse_challenges, plain_is_fine
from vigie.settings.groups import RegistryOptions

if TYPE_CHECKING:
    import httpx


class RegistryError(TargetError):
    """A registry refused, failed or lied. status: its HTTP status; None when it did not come to one."""

    def __init__(self, message: str, hint: str = "", status: int | None = None) -> None:
        super().__init__(message, hint)
        self.status = status

    @property
    def temporary(self) -> bool:
        """Whether another host may do better (busy, broken or out of reach)."""
        return self.status is None or self.status == 429 or self.status >= 500


class Endpoint:
    """A registry's API at `host`; `prefix` is put before every repository (mirrors that serve under a path)."""

    def __init__(self, session: Session, host: str, options: RegistryOptions, prefix: str = "") -> None:
        self.session, self.host, self.prefix = session, host, prefix
        self._options = options
        self._scheme = ""
        self._tokens: dict[str, Token] = {}
        self._lock = threading.Lock()

    @contextmanager
    def stream(self, repository: str, path: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """GET below `/v2/<repository>/`, authorised as the registry asks. Raises RegistryError (401), NetworkError."""
        repository = f"{self.prefix}/{repository}" if self.prefix else repository
        token, further = self._known(repository), None
        while True:
            url = f"{self.scheme()}://{self.host}/v2/{repository}/{path}"
            with self.session.stream(
                "GET", url, {**headers, **({"Authorization": token.header} if token else {})}
            ) as response:
                if response.status_code != 401:
                    if token:
                        self._tokens[repository] = token
                    yield response
                    return
                challenges = parse_challenges(", ".join(response.headers.get_list("www-authenticate")))
            if further is None:
                further = self._authorise(challenges, repository, f"repository:{repository}:pull")
            token = next(further, None)
            if token is None:
                raise denied(self.host, repository)

    def fetch(self, repository: str, path: str, headers: Mapping[str, str], limit: int) -> Answer:
        """The same as `stream`, read whole and tried again while the host is busy."""

        def once() -> Answer:
            with self.stream(repository, path, headers) as response:
                return self.session.read(response, limit)

        return self.session.persist(once)

    def check(self, credential: Credential) -> None:
        """Shows a credential to the registry. Raises RegistryError when it is not accepted, NetworkError."""
        url = f"{self.scheme()}://{self.host}/v2/"
        answer = self.session.fetch(url, limit=1 << 20)
        if answer.status != 401 and not 200 <= answer.status < 300:
            raise RegistryError(f"{self.host} answered {answer.status}", "is it a registry?", answer.status)
        challenges = parse_challenges(answer.headers.get("www-authenticate", ""))
        token = self._token(challenges, "", credential) if challenges else basic(credential)
        status = self.session.fetch(url, {"Authorization": token.header}, limit=1 << 20).status if token else 401
        if status in (401, 403):
            raise RegistryError(
                f"{self.host}: user name or password not accepted",
                "try again; some registries want a token as password",
                401,
            )
        if not 200 <= status < 300:
            raise RegistryError(f"{self.host} answered {status}", status=status)

    def scheme(self) -> str:
        """https; http where plain HTTP is allowed and https does not answer."""
        with self._lock:
            if not self._scheme:
                self._scheme = "https"
                if plain_is_fine(self.host, self.session.insecure):
                    try:
                        with self.session.stream("GET", f"https://{self.host}/v2/"):
                            pass
                    except NetworkError as error:
                        if error.kind in ("connect", "cut"):
                            self._scheme = "http"
            return self._scheme

    def _known(self, repository: str) -> Token | None:
        token = self._tokens.get(repository)
        if token is None and self._options.token:
            return Token(f"Bearer {self._options.token}")
        return token if token and token.alive else None

    def _authorise(self, challenges: list[Challenge], repository: str, scope: str) -> Iterator[Token]:
        refused: RegistryError | None = None
        for credential in candidates(self.host, repository, self._options):
            try:
                token = self._token(challenges, scope, credential)
            except RegistryError as error:
                refused = error
                continue
            if token:
                yield token
        if refused is not None:
            raise refused

    def _token(self, challenges: list[Challenge], scope: str, credential: Credential) -> Token | None:
        if credential.bearer:
            return Token(f"Bearer {credential.bearer}")
        for challenge in challenges:
            if challenge.scheme == "bearer":
                try:
                    return fetch_token(self.session, challenge, scope, credential)
                except Refused as error:
                    if error.status in (400, 401, 403, 404):
                        raise denied(self.host, scope.partition(":")[2].rpartition(":")[0]) from None
                    raise RegistryError(
                        f"{self.host}: its token service answered {error.status}", status=error.status
                    ) from None
                except ValueError as error:
                    raise RegistryError(f"{self.host}: {error}", status=401) from None
        if any(challenge.scheme == "basic" for challenge in challenges):
            return basic(credential) if credential.user else None
        if not challenges:
            return None
        names = ", ".join(challenge.scheme for challenge in challenges)
        raise RegistryError(f"{self.host} wants a way of logging in that is not known here ({names})", status=401)


def login_name(host: str) -> str:
    """What to give to `registry login` for a host."""
    return "docker.io" if host == DOCKER_HUB else host


def denied(host: str, repository: str) -> RegistryError:
    """Unknown and forbidden look the same from outside."""
    what = f" to {repository}" if repository else ""
    hint = f"check the name; for a private image: vigie registry login {login_name(host)}"
    return RegistryError(f"{host} denies access{what}", hint, 401)


def failure(host: str, what: str, status: int, body: bytes = b"") -> RegistryError:
    """What a status means, with the registry's own words when it has some."""
    said = _own_words(body)
    if status in (401, 403):
        error = denied(host, what)
        return RegistryError(error.message + said, error.hint, status)
    if status == 404:
        return RegistryError(f"{host} has no {what}{said}", "check the name and the tag", status)
    if status == 429:
        hint = f"wait, or log in for a higher limit: vigie registry login {login_name(host)}"
        return RegistryError(f"{host} limits how much may be downloaded{said}", hint, status)
    return RegistryError(
        f"{host} answered {status} for {what}{said}", "try again later" if status >= 500 else "", status
    )


def _own_words(body: bytes) -> str:
    """The first message of an error answer (distribution specification), printable and short."""
    try:
        message = json.loads(body)["errors"][0]["message"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return ""
    text = "".join(sign for sign in str(message) if sign.isprintable())[:200]
    return f" ({text})" if text else ""
