"""`registry login` and `registry logout`: credentials are checked, then kept where Docker keeps them."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

from vigie.errors import UsageError, VigieError
from vigie.http import NetworkError, Session
from vigie.oci.credentials import HUB_KEY, Credential, config_path, helper, read_config
from vigie.oci.endpoint import Endpoint
from vigie.oci.references import DOCKER_HUB, parse_reference
from vigie.settings.groups import RegistryOptions


def login(host: str, user: str, password: str, *, insecure: bool = False, cacert: str = "") -> str:
    """Checks the credentials with the registry, then stores them; returns where.

    They go to the credential helper or store that Docker's configuration names, else into the file itself (mode 0600).
    Raises UsageError, RegistryError when they are not accepted, VigieError when they cannot be stored.
    """
    host = _host(host)
    if not user or not password:
        raise UsageError("a user name and a password are needed", "--username NAME --password-stdin")
    if any(sign in user + password for sign in "\r\n\0") or ":" in user:
        raise UsageError("the user name or password holds a character that cannot be sent")
    with Session(insecure=insecure, cacert=cacert) as session:
        try:
            Endpoint(session, host, RegistryOptions()).check(Credential(user, password))
        except NetworkError as error:
            raise VigieError(error.message, error.hint) from error
    document, key = read_config(), _key(host)
    program = _helper(document, host)
    if program:
        entry = json.dumps({"ServerURL": key, "Username": user, "Secret": password})
        if helper(program, "store", entry) is None:
            raise VigieError(
                f"docker-credential-{program} did not store the credentials", "is it installed and unlocked?"
            )
        _entries(document)[key] = {}
    else:
        _entries(document)[key] = {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}
    _write(document)
    return f"docker-credential-{program}" if program else str(config_path())


def logout(host: str) -> bool:
    """Forgets the credentials of a registry; False when there were none. Raises UsageError, VigieError."""
    host = _host(host)
    document, key = read_config(), _key(host)
    program = _helper(document, host)
    erased = program != "" and helper(program, "erase", key) is not None
    entries = _entries(document)
    spellings = {key, host, f"https://{host}", f"http://{host}"}
    found = [name for name in entries if name.rstrip("/") in spellings or name == key]
    for name in found:
        del entries[name]
    if found:
        _write(document)
    return erased or bool(found)


def _host(text: str) -> str:
    """A registry from `host[:port]` or its URL."""
    host = text.strip().removeprefix("https://").removeprefix("http://").strip("/")
    if "/" in host or "@" in host or not host:
        if host.partition("/")[0] != DOCKER_HUB:
            raise UsageError(f"“{text}” is not a registry", "give host or host:port, without a path")
        host = DOCKER_HUB
    reference = parse_reference(
        f"{host}/x" if any(sign in host for sign in ".:[") or host == "localhost" else f"{host}:443/x"
    )
    return reference.registry if any(sign in host for sign in ".:[") or host == "localhost" else host


def _key(host: str) -> str:
    return HUB_KEY if host == DOCKER_HUB else host


def _helper(document: dict[str, Any], host: str) -> str:
    helpers = document.get("credHelpers")
    for name in (helpers.get(_key(host)) if isinstance(helpers, dict) else None, document.get("credsStore")):
        if isinstance(name, str) and name:
            return name
    return ""


def _entries(document: dict[str, Any]) -> dict[str, Any]:
    entries = document.get("auths")
    if not isinstance(entries, dict):
        entries = document["auths"] = {}
    return entries


def _write(document: dict[str, Any]) -> None:
    """Replaces the configuration as a whole, so that no reader sees half of it; links to it stay links."""
    from tempfile import mkstemp

    path = Path(os.path.realpath(config_path()))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = mkstemp(prefix=".config-", dir=path.parent)  # mode 0600 from the start
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(document, file, indent="\t", ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise VigieError(f"{path}: {error.strerror or error}", "DOCKER_CONFIG names another folder") from error
