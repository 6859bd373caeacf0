"""dpkg's versions: `[epoch:]upstream[-revision]`, ordered as deb-version(7) says.

Deliberate difference from the peer: digit runs beyond 64 bits are compared exactly; the peer takes them all as equal,
which could hide a finding.
"""

from __future__ import annotations

import re
from functools import lru_cache

from vigie.versions.number import sortable
from vigie.versions.ordering import InvalidVersion, Ordering

_EPOCH = re.compile(r"\+?([0-9]+)\Z")
_UPSTREAM = re.compile(r"[0-9][A-Za-z0-9.\-+~:_]*\Z")
_REVISION = re.compile(r"[A-Za-z0-9+.~_]*\Z")
_RUNS = re.compile(r"([^0-9]*)([0-9]*)")
_END = "\x02"
# `~` sorts before the end of a run, letters by code, everything else behind the letters.
_ORDER = {code: chr(code if chr(code).isalpha() else code + 256) for code in range(33, 127)} | {ord("~"): "\x01"}


@lru_cache(maxsize=131072)
def key(text: str) -> str:
    """A text that sorts as the version does. Raises InvalidVersion for what dpkg refuses (no leading digit, `^`)."""
    before, colon, rest = text.strip().partition(":")
    epoch = _EPOCH.match(before) if colon else None
    upstream, dash, revision = (rest if colon else before).rpartition("-")
    if not dash:
        upstream, revision = revision, ""
    if (colon and epoch is None) or not _UPSTREAM.match(upstream) or not _REVISION.match(revision):
        raise InvalidVersion(f"no Debian version: {text:.80}")
    return sortable(epoch[1] if epoch else "") + _part(upstream) + _part(revision)


def _part(text: str) -> str:
    # A missing run counts as 0, so an empty part begins with the same run as "0" does.
    runs = [pair for pair in _RUNS.findall(text) if any(pair)] or [("", "")]
    return "".join(word.translate(_ORDER) + _END + sortable(digits) for word, digits in runs) + _END


ORDERING = Ordering("deb", key)
