"""Who we are to a registry: options, Docker's configuration file, credential helper programs."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from vigie.errors import VigieError
from vigie.oci.references import DOCKER_HUB
from vigie.settings.groups import RegistryOptions

HUB_KEY = "https://index.docker.io/v1/"
"""What Docker's configuration calls Docker Hub."""

_LIMIT = 4 << 20
_log = logging.getLogger(__name__)


class Credential(Struct, frozen=True):
    """user and password, or identity_token (OAuth2 refresh token), or bearer (sent as it is). All empty: anonymous."""

    user: str = ""
    password: str = ""
    identity_token: str = ""
    bearer: str = ""

    def __repr__(self) -> str:
        return "Credential(…)"

    @property
    def anonymous(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.user or self.identity_token or self.bearer)


ANONYMOUS = Credential()


def config_path() -> Path:
    """Docker's configuration file: in $DOCKER_CONFIG, else in ~/.docker."""
    import os

    folder = os.environ.get("DOCKER_CONFIG", "")
    return (Path(folder) if folder else Path.home() / ".docker") / "config.json"


def read_config(path: Path | None = None) -> dict[str, Any]:
    """Docker's configuration; empty when there is none. Raises VigieError when it is damaged."""
    path = path or config_path()
    try:
        with path.open("rb") as file:
            data = file.read(_LIMIT + 1)
        document = json.loads(data) if data.strip() else {}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not valid JSON"
        raise VigieError(f"{path}: {reason}", "mend or remove this Docker configuration file") from error
    if not isinstance(document, dict):
        raise VigieError(f"{path}: not a JSON object", "mend or remove this Docker configuration file")
    return document


def candidates(host: str, repository: str, options: RegistryOptions) -> Iterator[Credential]:
    """What to try for a repository, anonymous last. Raises VigieError for half a pair or a damaged file."""
    if len(options.usernames) != len(options.passwords):
        raise VigieError(
            f"{len(options.usernames)} user names but {len(options.passwords)} passwords",
            "give --username and --password (or --password-stdin) in pairs",
        )
    if options.token:
        yield Credential(bearer=options.token)
    for user, password in zip(options.usernames, options.passwords, strict=True):
        yield Credential(user=user, password=password)
    stored = from_config(host, repository)
    if stored is not None and not stored.anonymous:
        yield stored
    yield ANONYMOUS


def from_config(host: str, repository: str) -> Credential | None:
    """What Docker's configuration holds for a host: its helper, the general store, then the file itself."""
    document = read_config()
    helpers = _table(document, "credHelpers")
    for key in _keys(host, ""):
        if isinstance(helpers.get(key), str) and helpers[key]:
            return run_helper(helpers[key], key)
    store = document.get("credsStore")
    if isinstance(store, str) and store:
        found = run_helper(store, HUB_KEY if host == DOCKER_HUB else host)
        if found is not None:
            return found
    entries = _table(document, "auths")
    for key in _keys(host, repository):
        if isinstance(entries.get(key), dict):
            return _decode(entries[key], key)
    return None


def _table(document: dict[str, Any], key: str) -> dict[str, Any]:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _keys(host: str, repository: str) -> Iterator[str]:
    """Spellings under which a registry is found, the most particular first (a key may name a namespace)."""
    names = ["index.docker.io", "docker.io", "registry-1.docker.io"] if host == DOCKER_HUB else [host]
    if host == DOCKER_HUB:
        yield HUB_KEY
    parts = repository.split("/") if repository else []
    for name in names:
        for count in range(len(parts), 0, -1):
            yield "/".join([name, *parts[:count]])
    for name in names:
        yield name
        for scheme in ("https", "http"):
            for end in ("", "/", "/v1/", "/v2/", "/v1", "/v2"):
                yield f"{scheme}://{name}{end}"


def _decode(entry: dict[str, Any], key: str) -> Credential:
    import base64
    import binascii

    def text(name: str) -> str:
        value = entry.get(name)
        return value if isinstance(value, str) else ""

    user, password = text("username"), text("password")
    if text("auth"):
        try:
            user, colon, password = base64.b64decode(text("auth"), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            colon = ""
        if not colon:
            raise VigieError(
                f"{config_path()}: the entry for {key} is not base64 of user:password",
                f"vigie registry login {key} writes a new one",
            )
        password = password.rstrip("\0")
    return Credential(user, password, text("identitytoken"), text("registrytoken"))


def run_helper(name: str, host: str) -> Credential | None:
    """Asks `docker-credential-NAME get`; None when it has nothing or cannot run (the log says so, not its answer)."""
    answer = helper(name, "get", host)
    if answer is None:
        return None
    try:
        document = json.loads(answer)
        user, secret = document["Username"], document["Secret"]
    except (ValueError, KeyError, TypeError):
        _log.warning("docker-credential-%s: its answer is not what the protocol says", name)
        return None
    if not isinstance(user, str) or not isinstance(secret, str):
        return None
    return Credential(identity_token=secret) if user == "<token>" else Credential(user, secret)


def helper(name: str, action: str, text: str, seconds: float = 30.0) -> str | None:
    """Runs a credential helper (Docker's protocol: an argument and standard input); None when it fails."""
    import re
    import subprocess

    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        _log.warning("the Docker configuration names a credential helper that is no program name")
        return None
    program = f"docker-credential-{name}"
    try:
        done = subprocess.run(
            [program, action], input=text, capture_output=True, text=True, timeout=seconds, check=False
        )
    except FileNotFoundError:
        _log.warning("%s is not installed, but the Docker configuration names it", program)
        return None
    except (subprocess.TimeoutExpired, OSError, UnicodeDecodeError) as error:
        _log.warning(
            "%s: %s", program, "no answer in time" if isinstance(error, subprocess.TimeoutExpired) else "could not run"
        )
        return None
    if done.returncode:
        _log.debug("%s %s: exit status %d", program, action, done.returncode)
        return None
    return done.stdout
