"""The feeds our own database is built from: their names in reports, how far they are trusted, whom to credit."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct


class Feed(Struct, frozen=True, kw_only=True):
    """One file of advisories.

    The fields are explained in `feeds.toml`. withheld: why it is not part of the shipped snapshot; "" when it is.
    """

    id: str
    name: str
    url: str = ""
    rank: int = 1
    licence: str = ""
    credit: str = ""
    withheld: str = ""


QUIET_DAYS = 180

NOT_ADVISORIES = frozenset({"cpe", "debian-support", "manifest"})
"""Files of such a folder that this database does not use."""

WITHHELD_VECTORS = frozenset({"nvd-via-greenbone"})
"""Raters in the CVSS file whose vectors are not shipped."""


@cache
def feeds() -> dict[str, Feed]:
    """The feeds of advisories by the name of the file without its endings (`feeds.toml`)."""
    return {stem: msgspec.convert(table, Feed) for stem, table in _tables().items() if stem != "companions"}


@cache
def companions() -> dict[str, Feed]:
    """Files that tell about vulnerabilities and releases, not about packages, likewise."""
    return {stem: msgspec.convert(table, Feed) for stem, table in _tables()["companions"].items()}


@cache
def _tables() -> dict[str, Any]:
    import tomllib

    return tomllib.loads(Path(__file__).with_name("feeds.toml").read_text("utf-8"))


def feed_of(stem: str) -> Feed:
    """The feed of a file by its name without endings; an unknown one is trusted like a reviewed OSV source."""
    return feeds().get(stem) or companions().get(stem) or Feed(id="osv", name=stem)


def date_of(entry: dict[str, Any], ecosystem: str = "") -> str:
    """The day (`YYYY-MM-DD`) a file's data is from, by its entry in `manifest.json`; "" when that does not say.

    Files that were put together from snapshots of several releases name each one under `also`: a release is as old as
    its own snapshot (`Alpine:v3.17` as `v3.17.2`), a rolling one (`…:edge`) as the snapshot without a release.
    """
    source = entry.get("source") or {}
    newest = str((entry.get("published") or {}).get("last") or "")[:10]
    release = ecosystem.partition(":")[2]
    for other in source.get("also") or ():
        ref, day = other.get("ref", ""), other.get("date", "") or other.get("commit_date", "")
        if release and (ref == release or ref.startswith(f"{release}.") or (release == "edge" and ref == "HEAD")):
            return str(day)[:10]
    day = str(source.get("commit_date", "") or source.get("date", ""))[:10]
    return newest if _far_before(newest, day) else day


def _far_before(newest: str, day: str) -> bool:
    """A repository is touched for many reasons: one whose newest advisory is half a year older is as old as that."""
    try:
        return (date.fromisoformat(day) - date.fromisoformat(newest)).days > QUIET_DAYS
    except ValueError:
        return False
