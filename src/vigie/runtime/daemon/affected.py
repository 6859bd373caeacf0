"""Which rules may have missed something, when events of some kinds are missing.

The kernel counts what it drops by class, since a counter for each event type would cost on every drop. A rule may have
missed something when it looks at an event type of a class that lost events.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from vigie.runtime.rules.items import CompiledRule

_DIR_FILE = """
    chmod fchmod fchmodat chown lchown fchown fchownat dup dup2 dup3 link linkat mkdir mkdirat mount umount umount2
    rename renameat renameat2 rmdir symlink symlinkat unlink unlinkat
"""
_PROC = """
    bpf capset chroot prctl procexit ptrace seccomp setgid setns setpgid setregid setresgid setresuid setreuid setsid
    setuid unshare
"""

CLASSES: dict[str, frozenset[str]] = {
    "clone_fork": frozenset({"clone", "clone3", "fork", "vfork"}),
    "execve": frozenset({"execve", "execveat"}),
    "open": frozenset({"open", "openat", "openat2", "creat", "open_by_handle_at"}),
    "connect": frozenset({"connect"}),
    "close": frozenset({"close", "close_range"}),
    "dir_file": frozenset(_DIR_FILE.split()),
    "proc": frozenset(_PROC.split()),
}
"""Event types of each class, as the probe counts them; all others are `other_interest`."""

OTHER = "other_interest"
ANY = ("page_faults", "scratch")
"""Reasons that strike events of all types."""

MOST_NAMES = 50
"""Rules that are named; of more it is told how many."""


STATE = {
    "processes": ("clone_fork", "execve", "proc", *ANY),
    "descriptors": ("open", "close", "connect", "dir_file", OTHER, *ANY),
}
"""What is known of the host from events of each class: it may be wrong for those whose events are missing."""


def state(lost: Mapping[str, int]) -> str:
    """Of which things what is known may be wrong now, in words."""
    return ", ".join(what for what, classes in STATE.items() if any(lost.get(name, 0) > 0 for name in classes))


def of_classes(rules: Iterable[CompiledRule], lost: Mapping[str, int]) -> list[str]:
    """Names of rules that look at what was lost, in their order. lost: per class (`open`, `close` …, `other_interest`,
    `page_faults`, `scratch`), how many events."""
    classes = {name for name, count in lost.items() if count > 0}
    if not classes:
        return []
    if any(name in ANY for name in classes):
        return [rule.name for rule in rules if rule.runs]
    return [rule.name for rule in rules if rule.runs and any(_looks_at(rule.events, name) for name in classes)]


def of_types(rules: Iterable[CompiledRule], types: Collection[str]) -> list[str]:
    """Names of rules that look at one of these event types, in their order."""
    return [rule.name for rule in rules if rule.runs and (not rule.events or any(t in types for t in rule.events))]


_CLASSED: frozenset[str] = frozenset().union(*CLASSES.values())


def _looks_at(events: Sequence[str], name: str) -> bool:
    if not events:
        return True
    types = CLASSES.get(name)
    if types is None:
        return any(event not in _CLASSED for event in events)
    return any(event in types for event in events)


def named(rules: Sequence[str]) -> str:
    """Names in one text: the first ones, then how many more."""
    text = ", ".join(rules[:MOST_NAMES])
    more = len(rules) - MOST_NAMES
    return f"{text} and {more} more" if more > 0 else text
