"""Bitnami's versions: semver, but `-N` is a revision of the packaging and comes behind the plain version."""

from __future__ import annotations

from functools import lru_cache

from vigie.versions.constraint import holds
from vigie.versions.generic import Version, operators, pre_release, split, stripped
from vigie.versions.number import natural
from vigie.versions.ordering import Ordering


@lru_cache(maxsize=65536)
def key(text: str) -> Version:
    """Numeric parts, then pre-releases, the plain version and its revisions, in this order. Raises InvalidVersion."""
    release, pre = split(text)
    return stripped(release), (2, natural(pre)) if pre.isdigit() else pre_release(pre)


_OPERATORS = operators(key, parts=3)


def satisfies(version: str, constraint: str) -> bool:
    """Whether the version meets the constraint. Raises InvalidVersion."""
    key(version)
    return holds(version, constraint, _OPERATORS)


ORDERING = Ordering("bitnami", key, satisfies)
