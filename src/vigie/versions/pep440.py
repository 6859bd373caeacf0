"""Python's versions, as PEP 440 says, read without the `packaging` library so that start-up stays short.

Pre-releases always meet a constraint that their place in the order meets: advisories mean ranges. Deliberate
difference from the peer: a local version in an ordered constraint is compared, not refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import inf
from typing import NamedTuple

from vigie.versions.constraint import Test, comparisons, holds
from vigie.versions.generic import head, numbers, stripped
from vigie.versions.number import natural
from vigie.versions.ordering import InvalidVersion, Ordering

_VERSION = re.compile(
    r"""v?(?:([0-9]+)!)?([0-9]+(?:\.[0-9]+)*)
    (?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?([0-9]*))?
    (?:-([0-9]+)|[-_.]?(post|rev|r)[-_.]?([0-9]*))?
    (?:[-_.]?(dev)[-_.]?([0-9]*))?
    (?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?\Z""",
    re.VERBOSE,
)
_PRE = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}
_DEV_ONLY, _FINAL = -1, 3


class Version(NamedTuple):
    """A version whose fields, compared one after the other, give the order. release has no trailing zeros."""

    epoch: int
    release: tuple[int, ...]
    pre: int
    pre_number: int
    post: int
    dev: float
    local: tuple[tuple[int, int | str], ...]


@lru_cache(maxsize=131072)
def key(text: str) -> Version:
    """The version, taken apart. Raises InvalidVersion."""
    match = _VERSION.match(text.strip().lower())
    if match is None:
        raise InvalidVersion(f"no PEP 440 version: {text:.80}")
    epoch, release, pre, pre_number, implicit_post, post, post_number, dev, dev_number, local = match.groups()
    has_post = post is not None or implicit_post is not None
    return Version(
        natural(epoch or ""),
        stripped(numbers(release)),
        _PRE[pre] if pre else _DEV_ONLY if dev and not has_post else _FINAL,
        natural(pre_number or ""),
        natural(implicit_post or post_number or "") if has_post else -1,
        natural(dev_number) if dev else inf,
        tuple(_local(part) for part in re.split("[-_.]", local)) if local else (),
    )


def _local(part: str) -> tuple[int, int | str]:
    return (1, natural(part)) if part.isdigit() else (0, part)


def _public(test: Test) -> Test:
    """The package's local part counts only when the operand has one."""

    def compare(version: str, operand: str) -> bool:
        return test(version if "+" in operand else version.partition("+")[0], operand)

    return compare


def _begins(version: str, prefix: str) -> bool:
    if not prefix:
        return True
    found, wanted = key(version), key(prefix)
    written = numbers(prefix.rpartition("!")[2].lstrip("vV"))
    return found.epoch == wanted.epoch and head(found.release, len(written)) == written


_ORDER = {operator: _public(test) for operator, test in comparisons(key).items()}


def _equal(version: str, operand: str) -> bool:
    if operand.endswith("*"):
        prefix = operand[:-1].rstrip(".")
        if prefix and not re.fullmatch(r"[vV]?(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*", prefix):
            raise InvalidVersion(f"cannot read the constraint {operand:.80}")
        return _begins(version, prefix)
    return _ORDER["="](version, operand)


def _above(version: str, operand: str) -> bool:
    found, bound = key(version), key(operand)
    if found.post >= 0 > bound.post and (found.epoch, found.release) == (bound.epoch, bound.release):
        return False  # PEP 440: a post-release of the bound itself is not above it
    return _ORDER[">"](version, operand)


def _compatible(version: str, operand: str) -> bool:
    match = _VERSION.match(operand.lower())
    written = numbers(match[2]) if match else ()
    if len(written) < 2:
        raise InvalidVersion(f"cannot read the constraint ~={operand:.80}")
    found, bound = key(version), key(operand)
    same = found.epoch == bound.epoch and head(found.release, len(written) - 1) == written[:-1]
    return same and _ORDER[">="](version, operand)


_OPERATORS = _ORDER | {
    "": _equal,
    "=": _equal,
    "==": _equal,
    "!=": lambda version, operand: not _equal(version, operand),
    ">": _above,
    "~=": _compatible,
    "===": lambda version, operand: version.strip().lower() == operand.lower(),
}


def satisfies(version: str, constraint: str) -> bool:
    """Whether the version meets the specifiers. Raises InvalidVersion."""
    key(version)
    return holds(version, constraint, _OPERATORS)


ORDERING = Ordering("pep440", key, satisfies)
