"""Registries of modules: https://developer.hashicorp.com/terraform/internals/module-registry-protocol.

A token (`TF_TOKEN_<host>`) goes to the host it is named for, and to no other.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from vigie.errors import VigieError
from vigie.http import Answer, Session
from vigie.misconfig.languages.terraform.addresses import DEFAULT_HOST, follow

_MAX_ANSWER = 8 << 20
_MAX_CONSTRAINT = 500
_KNOWN_BASES = {DEFAULT_HOST: "/v1/modules/"}

Version = tuple[tuple[int, ...], bool, tuple[tuple[int, int, str], ...]]
"""Numbers, whether it is a release, parts of the pre-release: in the order of semver."""


class RegistryError(VigieError):
    """A registry that does not answer, or not with what was asked for."""


class Registry:
    """One registry. scheme: `https` (tests have plain http)."""

    def __init__(
        self, session: Session, host: str, scheme: str = "https", environment: Mapping[str, str] | None = None
    ) -> None:
        self._session, self._host, self._scheme = session, host, scheme
        self._environment = os.environ if environment is None else environment
        self._base = ""

    def locate(self, module: str, constraint: str) -> str:
        """Where the best version of `namespace/name/provider` is: an address as in a module's source. Raises
        VigieError."""
        version = self._choose(module, constraint)
        url = urljoin(self._modules(), f"{module}/{version}/download")
        answer = self._get(url)
        location = answer.headers.get("x-terraform-get", "")
        if not location and answer.status == 200:
            location = str(_object(answer).get("location") or "")
        if not location:
            raise RegistryError(f"{self._host} does not say where {module} {version} is")
        return follow(url, location)

    def _choose(self, module: str, constraint: str) -> str:
        answer = _object(self._get(urljoin(self._modules(), f"{module}/versions")))
        try:
            listed = [str(entry["version"]) for entry in answer["modules"][0]["versions"]]
        except (KeyError, IndexError, TypeError) as error:
            raise RegistryError(f"{self._host} names no versions of {module}") from error
        fitting = [text for text in listed if (key := version_key(text)) is not None and meets(key, constraint)]
        if not fitting:
            raise RegistryError(f"no version of {module} meets {constraint or 'the call'}")
        return max(fitting, key=lambda text: version_key(text) or ())

    def _modules(self) -> str:
        """The base URL of the service."""
        if not self._base:
            root = f"{self._scheme}://{self._host}"
            path = _KNOWN_BASES.get(self._host)
            if path is None:
                path = _object(self._get(f"{root}/.well-known/terraform.json")).get("modules.v1")
            if not isinstance(path, str):
                raise RegistryError(f"{self._host} is no registry of modules")
            self._base = urljoin(root, path if path.endswith("/") else path + "/")
        return self._base

    def _get(self, url: str) -> Answer:
        split = urlsplit(url)
        if split.scheme not in ("https", self._scheme):
            raise RegistryError(f"{self._host} leads to an address that is not fetched")
        secret = token(split.netloc, self._environment)
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        with self._session.stream("GET", url, headers) as response:  # once: who has no network should not wait
            answer = self._session.read(response, _MAX_ANSWER)
        if answer.status in (401, 403):
            raise RegistryError(f"{split.netloc} denies access", f"TF_TOKEN_{split.hostname} may hold a token for it")
        if answer.status == 404:
            raise RegistryError(f"{split.netloc} does not know it")
        if answer.status not in (200, 204):
            raise RegistryError(f"{split.netloc} answers with status {answer.status}")
        return answer


def token(host: str, environment: Mapping[str, str]) -> str:
    """The token for a host: of `TF_TOKEN_` and the host's name, `_` for dots and `__` or `-` for dashes."""
    for name, value in environment.items():
        if name.startswith("TF_TOKEN_"):
            named = name.removeprefix("TF_TOKEN_").replace("__", "-").replace("_", ".")
            if named.lower() == host.lower():
                return value
    return ""


def _object(answer: Answer) -> dict[str, Any]:
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise RegistryError("the registry's answer is not JSON") from error
    return value if isinstance(value, dict) else {}


def version_key(text: str) -> Version | None:
    """A version as a key of its order; None when it is none."""
    found = re.fullmatch(r"v?(\d{1,9}(?:\.\d{1,9}){0,3})(?:-([0-9A-Za-z.-]{1,100}))?(?:\+[0-9A-Za-z.-]*)?", text)
    if not found:
        return None
    numbers = tuple(map(int, found[1].split(".")))
    pre = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in (found[2] or "").split(".") if part)
    return (*numbers, *(0,) * (3 - len(numbers))), not pre, pre


def meets(version: Version, constraint: str) -> bool:
    """Whether a version meets all terms (`~> 1.2, != 1.2.5`). Pre-releases meet none but their own name. Raises
    RegistryError for a constraint that is none."""
    if len(constraint) > _MAX_CONSTRAINT:
        raise RegistryError("its version constraint is too long")
    terms = [term.strip() for term in constraint.split(",") if term.strip()]
    if not version[1] and not any(_exact(term) == version for term in terms):
        return False
    return all(_meets(version, term) for term in terms)


def _exact(term: str) -> Version | None:
    return version_key(term.removeprefix("=").strip())


def _meets(version: Version, term: str) -> bool:
    found = re.fullmatch(r"(~>|>=|<=|!=|=|>|<)?\s*(\S+)", term)
    wanted = version_key(found[2]) if found else None
    if not found or wanted is None:
        raise RegistryError(f"{term} is no version constraint")
    if found[1] == "~>":
        written = found[2].removeprefix("v").partition("-")[0].count(".") + 1
        fixed = max(written - 1, 1)
        return version >= wanted and version[0][:fixed] == wanted[0][:fixed]
    return {
        ">=": version >= wanted,
        "<=": version <= wanted,
        "!=": version != wanted,
        ">": version > wanted,
        "<": version < wanted,
    }.get(found[1] or "=", version == wanted)
