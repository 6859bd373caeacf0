"""Which event types the kernel may give up while it delivers too much, and in which order.

A type that only unimportant rules look at goes first: level 1 is given up when the buffer fills, level 2 when that was
not enough, then level 3. What an error or worse depends on, and what the state of the host is made of, is never given
up. The probe decides when; here is decided what, and what is said about it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from vigie.model.alert import Priority
from vigie.runtime.daemon import affected
from vigie.runtime.rules.items import CompiledRule

log = logging.getLogger(__name__)

LEVELS = ((Priority.Notice, 1), (Priority.Warning, 2), (Priority.Error, 3))
"""The most important priority among the rules that look at a type of each level."""

CALM = 10
"""Looks in a row at which nothing was given up any more, after which the end is told."""

_STATE = """
    accept accept4 bind capset chdir chroot clone clone3 close close_range connect container creat dup dup2 dup3
    asyncevent epoll_create epoll_create1 eventfd eventfd2 execve execveat fchdir fcntl fork getcwd groupadded
    groupdeleted inotify_init inotify_init1 io_uring_setup memfd_create open open_by_handle_at openat openat2
    pidfd_getfd pidfd_open pipe pipe2 prctl prlimit procexit procinfo setgid setns setpgid setregid setresgid setresuid
    setreuid setrlimit setsid setuid signalfd signalfd4 socket socketpair timerfd_create umount unshare useradded
    userdeleted userfaultfd vfork bpf
"""
STATE = frozenset(_STATE.split())
"""Event types that change what is known of threads, descriptors, accounts or containers."""


def levels(rules: Sequence[CompiledRule]) -> list[tuple[str, int]]:
    """Event types that may be given up, by name, and from which level on. A rule that looks at all types keeps all of
    them as long as it is important."""
    most: dict[str, Priority] = {}
    everywhere = Priority.Debug
    for rule in rules:
        if not rule.runs:
            continue
        if not rule.events:
            everywhere = min(everywhere, rule.priority)
        for event in rule.events:
            most[event] = min(most.get(event, Priority.Debug), rule.priority)
    found = []
    for event, priority in sorted(most.items()):
        least = min(priority, everywhere)
        level = next((level for bound, level in LEVELS if least >= bound), None)
        if level is not None and event not in STATE:
            found.append((event, level))
    return found


class Shedding:
    """Says when the kernel begins to give events up, and when it takes that back.

    rules: those that run now.
    """

    def __init__(self, rules: Callable[[], Sequence[CompiledRule]]) -> None:
        self._rules = rules
        self.level = 0
        self._calm = 0
        self._shed = 0
        self._at_begin = 0

    def check(self, level: int, shed: int) -> list[str]:
        """To be called with each new sample. level: the highest one of which something was given up since the last
        call, 0 for none. shed: events given up since the begin. Returns the rules that missed what was given up since
        the last call."""
        missed = self.affected(max(level, self.level)) if shed > self._shed else []
        self._calm = self._calm + 1 if level < self.level else 0
        if level < self.level and self._calm < CALM:
            level = self.level  # it may come again in a moment: not every wave is told
        if level > self.level:
            types = [name for name, one in levels(self._rules()) if one <= level]
            if not self.level:
                self._at_begin = self._shed
            log.warning(
                "the buffer fills: event types are given up (level %d of 3): %s; rules that miss them: %s",
                level,
                affected.named(types) or "none",
                affected.named(self.affected(level)) or "none",
            )
        elif level < self.level and level:
            log.warning("fewer event types are given up (level %d of 3)", level)
            self._calm = 0
        elif level < self.level:
            log.warning(
                "all event types are watched again; %d events were given up meanwhile, about which these rules said "
                "nothing: %s",
                shed - self._at_begin,
                affected.named(self.affected(self.level)) or "none",
            )
        self.level, self._shed = level, shed
        return missed

    def affected(self, level: int) -> list[str]:
        """Rules that look at what is given up at a level."""
        rules = self._rules()
        return affected.of_types(rules, {name for name, one in levels(rules) if one <= level})
