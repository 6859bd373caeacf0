"""Answers to a registry's challenge: Basic, or a bearer token from the realm it names (distribution specification)."""

from __future__ import annotations

import base64
import json
import re
import time
from urllib.parse import urlencode, urlsplit

from msgspec import Struct

from vigie.http import Session
from vigie.oci.credentials import Credential

_PAIR = re.compile(r'([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)?')
_SCHEME = re.compile(r"(?:^|,\s*)(Bearer|Basic|Negotiate|Digest|NTLM)(?=\s|,|$)", re.IGNORECASE)
_LIMIT = 1 << 20
_LEAST_LIFE = 60.0


class Challenge(Struct, frozen=True):
    """One way in: `scheme` is lower-case, `values` what it says (realm, service, scope, error)."""

    scheme: str
    values: dict[str, str]


class Token(Struct, frozen=True):
    """The value of an Authorization header and when it ends (monotonic seconds)."""

    header: str
    until: float = float("inf")

    def __repr__(self) -> str:
        return "Token(…)"

    @property
    def alive(self) -> bool:
        """Whether it will still do for the next request."""
        return time.monotonic() < self.until - 5


class Refused(Exception):
    """The realm does not accept this credential. `status` is its answer."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def parse_challenges(header: str) -> list[Challenge]:
    """The challenges of a WWW-Authenticate header (RFC 9110 §11.6.1); what is not understood is left out."""
    starts = list(_SCHEME.finditer(header[:8192]))
    challenges = []
    for number, start in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(header)
        values = {
            pair[1].lower(): re.sub(r"\\(.)", r"\1", pair[2]) if pair[2] is not None else pair[3]
            for pair in _PAIR.finditer(header[start.end() : end])
        }
        challenges.append(Challenge(start[1].lower(), values))
    return challenges


def basic(credential: Credential) -> Token:
    """The Basic header of a user and password."""
    return Token("Basic " + base64.b64encode(f"{credential.user}:{credential.password}".encode()).decode())


def plain_is_fine(host: str, insecure: bool) -> bool:
    """Whether plain HTTP may be used with a host (`name[:port]`): it is this machine, or the user accepts the risk."""
    name = urlsplit(f"//{host}").hostname or ""
    return (
        insecure
        or name == "localhost"
        or name.endswith(".localhost")
        or name == "::1"
        or bool(re.fullmatch(r"127(\.\d{1,3}){3}", name))
    )


def fetch_token(session: Session, challenge: Challenge, scope: str, credential: Credential) -> Token:
    """A bearer token for `scope`. Raises Refused, ValueError (the realm is unusable or its answer is), NetworkError.

    Credentials go to the realm the registry names, as the protocol wants, but never over plain HTTP to another machine.
    """
    realm, service = challenge.values.get("realm", ""), challenge.values.get("service", "")
    parts = urlsplit(realm)
    if parts.scheme not in ("https", "http") or not parts.netloc or "@" in parts.netloc:
        raise ValueError("it names no usable place for tokens")
    if parts.scheme == "http" and not plain_is_fine(parts.netloc, session.insecure):
        raise ValueError("it wants credentials sent over plain http")
    scope = scope or challenge.values.get("scope", "")
    headers = {"Accept": "application/json"}
    if credential.identity_token:
        form = {
            "grant_type": "refresh_token",
            "service": service,
            "client_id": "vigie",
            "refresh_token": credential.identity_token,
        }
        body = urlencode(form | ({"scope": scope} if scope else {})).encode()
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = session.fetch(realm, headers, limit=_LIMIT, method="POST", body=body)
    else:
        query = urlencode({key: value for key, value in (("service", service), ("scope", scope)) if value})
        if credential.user:
            headers["Authorization"] = basic(credential).header
        answer = session.fetch(f"{realm}{'&' if parts.query else '?'}{query}", headers, limit=_LIMIT)
    if answer.status != 200:
        raise Refused(answer.status)
    try:
        document = json.loads(answer.body)
        token = document.get("token") or document.get("access_token")
        life = document.get("expires_in")
    except (ValueError, AttributeError, RecursionError):
        token, life = None, None
    if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]{1,65536}", token):
        raise ValueError("its token service answers without a token")
    seconds = float(life) if isinstance(life, int | float) and life > 0 else _LEAST_LIFE
    return Token(f"Bearer {token}", time.monotonic() + max(seconds, _LEAST_LIFE))
