"""What the options say about all charts: values, Kubernetes version, API versions."""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path

from msgspec import Struct

from vigie.errors import UsageError
from vigie.settings.groups import MisconfigOptions

KUBE_VERSION = "v1.36.0"
"""What the field's Helm library takes a cluster for."""
MOST_BYTES = 16 << 20
"""Of one file of values."""


class Settings(Struct, frozen=True):
    """values: the texts of files, in order. set, set_string, set_file: expressions of `key=value`."""

    values: tuple[str, ...] = ()
    set: tuple[str, ...] = ()
    set_string: tuple[str, ...] = ()
    set_file: tuple[str, ...] = ()
    kube_version: str = KUBE_VERSION
    api_versions: tuple[str, ...] = ()


@cache
def read(options: MisconfigOptions) -> Settings:
    """The settings that options give, read once: standard input can be read but once. Raises UsageError for a file
    that cannot be read, and for a version that is none."""
    version = options.helm_kube_version
    if version and not re.fullmatch(r"v?\d+(\.\d+){1,2}([-+][\w.+-]+)?", version):
        raise UsageError(f"--helm-kube-version: {version!r} is no version", "write it as v1.30.0")
    return Settings(
        tuple(_text(place, options) for place in options.helm_values),
        _joined(options.helm_set),
        _joined(options.helm_set_string),
        _joined(options.helm_set_file),
        version or KUBE_VERSION,
        options.helm_api_versions,
    )


def _joined(expressions: tuple[str, ...]) -> tuple[str, ...]:
    """Expressions as one: a comma also separates the items of a value, `ports={80,443}`."""
    return (",".join(expressions),) if expressions else ()


def _text(place: str, options: MisconfigOptions) -> str:
    """A file of values: a path, a URL, or `-`."""
    try:
        if place == "-":
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        elif place.startswith(("http://", "https://")):
            data = _fetched(place, options)
        else:
            with Path(place).open("rb") as file:
                data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"--helm-values: {place}: {error.strerror or error}") from None
    if len(data) > MOST_BYTES:
        raise UsageError(f"--helm-values: {place} is larger than {MOST_BYTES >> 20} MB")
    return data.decode("utf-8", "replace")


def _fetched(url: str, options: MisconfigOptions) -> bytes:
    if options.offline:
        raise UsageError(f"--helm-values: {url} may not be fetched offline", "name a file, or drop --offline-scan")
    from vigie.http import Session

    with Session(insecure=options.insecure) as session:
        answer = session.fetch(url, limit=MOST_BYTES)
    if answer.status != 200:
        raise UsageError(f"--helm-values: {url} answered {answer.status}")
    return answer.body
