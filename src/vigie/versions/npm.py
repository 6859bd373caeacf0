"""npm's versions: semver 2.0, and ranges whose missing parts are wildcards.

Deliberate differences from the peer: a leading `v` and missing parts are read in versions too, as npm does when it
installs; `>1.0` holds for 1.0.5 and `<1.0` for 1.0.0-beta, because advisories state an order and not a choice of
releases; `a - b` is a range.
"""

from __future__ import annotations

from vigie.versions.constraint import holds
from vigie.versions.generic import key, operators
from vigie.versions.ordering import Ordering

_OPERATORS = operators(key, parts=3)


def satisfies(version: str, constraint: str) -> bool:
    """Whether the version meets the range. Pre-releases always count. Raises InvalidVersion."""
    key(version)
    return holds(version, constraint, _OPERATORS)


ORDERING = Ordering("npm", key, satisfies)
