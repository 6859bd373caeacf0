"""Image references: `[registry/]repository[:tag][@digest]`."""

from __future__ import annotations

import re

from msgspec import Struct

from vigie.errors import TargetError

DOCKER_HUB = "index.docker.io"

_COMPONENT = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_HOST = re.compile(r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9._-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:.]{2,45}\])(?::[0-9]{1,5})?")


class Reference(Struct, frozen=True):
    """Where an image is. registry: `host[:port]`, `index.docker.io` for Docker Hub. A digest goes before a tag."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """Registry and repository."""
        return f"{self.registry}/{self.repository}"

    @property
    def familiar_name(self) -> str:
        """The name as people write it: Docker Hub and its `library/` go without saying."""
        return self.repository.removeprefix("library/") if self.registry == DOCKER_HUB else self.name

    @property
    def identifier(self) -> str:
        """What is asked for: the digest, else the tag."""
        return self.digest or self.tag

    def __str__(self) -> str:
        return f"{self.name}@{self.digest}" if self.digest else f"{self.name}:{self.tag}"


def is_digest(text: str) -> bool:
    """Whether this is a digest we can verify."""
    return _DIGEST.fullmatch(text) is not None


def parse_reference(text: str) -> Reference:
    """A reference from its text, completed as Docker does: Docker Hub, `library/`, `latest`.

    The first part is a registry when it has a dot or a colon or is `localhost` (distribution spec's reference grammar).
    Raises TargetError.
    """
    if not text or len(text) > 1024:
        raise _bad(text, "empty" if not text else "too long")
    rest, at, digest = text.partition("@")
    if at and not is_digest(digest):
        raise _bad(text, f"“{digest}” is not a digest such as sha256:…")
    first, slash, others = rest.partition("/")
    if slash and (first == "localhost" or any(sign in first for sign in ".:[")):
        registry, path = first, others
    else:
        registry, path = DOCKER_HUB, rest
    if not _valid_host(registry):
        raise _bad(text, f"“{registry}” is not a host")
    path, colon, tag = path.partition(":")
    if colon and not _TAG.fullmatch(tag):
        raise _bad(text, f"“{tag}” is not a tag")
    if registry.lower() in ("docker.io", "registry-1.docker.io", DOCKER_HUB):
        registry = DOCKER_HUB
        if "/" not in path:
            path = f"library/{path}"
    if len(path) > 255 or not all(_COMPONENT.fullmatch(part) for part in path.split("/")):
        lower = " (it must be lower-case)" if path.lower() != path else ""
        raise _bad(text, f"“{path}” is not a repository name{lower}")
    return Reference(registry.lower(), path, tag if tag or digest else "latest", digest)


def _valid_host(host: str) -> bool:
    if not _HOST.fullmatch(host):
        return False
    port = host.rpartition(":")[2] if not host.endswith("]") and ":" in host else "1"
    return 0 < int(port) < 65536 if port.isdigit() else False


def _bad(text: str, why: str) -> TargetError:
    shown = text if len(text) <= 100 else f"{text[:100]}…"
    return TargetError(
        f"“{shown}” is not an image reference: {why}", "the form is [registry/]name[:tag][@sha256:digest]"
    )
