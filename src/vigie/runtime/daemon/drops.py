"""Dropped events: found once a second, told as the settings say, with the rules that may have missed something.

Source: the peer's documented behaviour: the ratio of a second, the threshold, the token bucket, the order of actions.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from vigie.errors import SourceError
from vigie.model.alert import InternalAlert
from vigie.runtime.daemon import affected, internal
from vigie.runtime.daemon.shedding import Shedding
from vigie.runtime.rules.items import CompiledRule

log = logging.getLogger(__name__)

CLASSES = ("clone_fork", "close", "connect", "dir_file", "execve", "open", "other_interest", "proc")


class Policy(Struct, frozen=True, kw_only=True):
    """threshold: the part of a second's events that may be dropped. actions: of `log`, `alert`, `exit`. rate, burst:
    how often actions are taken, per second. simulate: one drop is added to every second."""

    threshold: float = 0.1
    actions: frozenset[str] = frozenset({"log", "alert"})
    rate: float = 0.03333
    burst: float = 1.0
    simulate: bool = False


class Bucket:
    """Tokens that come back at a rate, up to as many as it begins with."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst, self._tokens = rate, burst, burst
        self._last: float | None = None

    def claim(self, now: float) -> bool:
        """Takes a token if there is one."""
        if self._last is not None:
            self._tokens = min(self._burst, self._tokens + max(now - self._last, 0) * self._rate)
        self._last = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Drops:
    """Looks at the kernel's counters, once a second. rules: those that run now. tell: sends an alert. stop: ends the
    watch with an error."""

    def __init__(
        self,
        policy: Policy,
        *,
        rules: Callable[[], Sequence[CompiledRule]],
        tell: Callable[[InternalAlert], None],
        stop: Callable[[Exception], None],
    ) -> None:
        self.policy = policy
        self._rules, self._tell, self._stop = rules, tell, stop
        self._bucket = Bucket(policy.rate, policy.burst)
        self._last: dict[str, int] = {}
        self._said = False
        self.shedding = Shedding(rules)
        self.occasions = 0
        """Seconds with more drops than the threshold."""
        self.actions_taken = 0
        self.rules_affected: dict[str, None] = {}
        """Since the begin, in the order in which they were affected."""
        self.total: Mapping[str, int] = {}
        """The last counters."""

    def change(self, policy: Policy) -> None:
        """Other settings from now on."""
        if (policy.rate, policy.burst) != (self.policy.rate, self.policy.burst):
            self._bucket = Bucket(policy.rate, policy.burst)
        self.policy = policy

    def check(self, counters: Mapping[str, int], now: float) -> None:
        """Takes new counters of the kernel (`Engine.kernel_counters`). now: seconds, monotonic."""
        delta = {name: max(count - self._last.get(name, 0), 0) for name, count in counters.items()}
        self._last = dict(counters)
        self.total = counters
        given_up = self.shedding.check(_level(delta), counters.get("shed", 0))
        shed = delta.get("shed", 0)
        if self.policy.simulate:
            delta["events"] = delta.get("events", 0) + 1
            delta["drops"] = delta.get("drops", 0) + 1
        lost = delta.get("drops", 0) + shed
        if not lost:
            return
        rules = list(dict.fromkeys([*affected.of_classes(self._rules(), _classes(delta)), *given_up]))
        self.rules_affected.update(dict.fromkeys(rules))
        events = delta.get("events", 0) + shed
        threshold = 0.0 if self.policy.simulate else self.policy.threshold
        if lost <= threshold * max(events, lost):
            if not self._said:
                self._said = True
                log.warning("%s; fewer than the threshold: see the counters for more", _sentence(lost, events, rules))
            return
        self.occasions += 1
        if not self._bucket.claim(now):
            log.debug("%s; nothing more is said: too many such messages", _sentence(lost, events, rules))
            return
        self.actions_taken += 1
        self._act(delta, lost, shed, events, rules)

    def _act(self, delta: Mapping[str, int], lost: int, shed: int, events: int, rules: Sequence[str]) -> None:
        sentence = _sentence(lost, events, rules)
        actions = self.policy.actions
        if "log" in actions:
            log.warning("%s", sentence)
        if "alert" in actions:
            fields = alert_fields(delta, lost, events, rules)
            if shed:
                fields |= {"n_shed": str(shed), "shed_level": str(self.shedding.level)}
            self._tell(internal.drop(lost, fields))
        if "exit" in actions:
            log.critical("%s", sentence)
            log.critical("the watch ends, as syscall_event_drops.actions says")
            self._stop(SourceError("events were dropped, and syscall_event_drops.actions asks to exit then", sentence))

    def report(self) -> list[str]:
        """What is said at the end; nothing when nothing was lost."""
        lost, shed = self.total.get("drops", 0), self.total.get("shed", 0)
        if not lost and not shed:
            return []
        lines = [f"Events dropped: {lost} of {self.total.get('events', 0)}"]
        for name in CLASSES:
            count = self.total.get(f"drops_buffer_{name}", 0)
            if count:
                lines.append(f"   buffer full, {name}: {count}")
        for name, text in (("drops_page_faults", "page faults"), ("drops_scratch", "no room to build the event")):
            if self.total.get(name, 0):
                lines.append(f"   {text}: {self.total[name]}")
        if shed:
            lines.append(f"Events given up while the buffer was full: {shed}")
        lines.append(f"Seconds with more drops than allowed: {self.occasions}; actions taken: {self.actions_taken}")
        lines.append("Rules that may have missed something:")
        lines += [f"   {name}" for name in self.rules_affected] or ["   none"]
        return lines


def _level(delta: Mapping[str, int]) -> int:
    """The highest level of which something was given up."""
    return max((level for level in (1, 2, 3) if delta.get(f"shed_{level}", 0)), default=0)


def _classes(delta: Mapping[str, int]) -> dict[str, int]:
    """What was lost, by class: drops of no known class may be of any kind that has none."""
    found = {name: delta.get(f"drops_buffer_{name}", 0) for name in CLASSES}
    found |= {name: delta.get(f"drops_{name}", 0) for name in affected.ANY}
    rest = delta.get("drops", 0) - sum(found.values())
    if rest > 0:
        found[affected.OTHER] += rest
    return found


def alert_fields(delta: Mapping[str, int], lost: int, events: int, rules: Sequence[str]) -> dict[str, str]:
    """The fields of the alert; all are texts."""
    buffers = {name: delta.get(f"drops_buffer_{name}", 0) for name in CLASSES}
    return {
        "ebpf_enabled": "1",
        "n_drops": str(lost),
        "n_drops_buffer_total": str(sum(buffers.values())),
        **{f"n_drops_buffer_{name}_exit": str(count) for name, count in buffers.items()},
        "n_drops_bug": "0",
        "n_drops_page_faults": str(delta.get("drops_page_faults", 0)),
        "n_drops_scratch_map": str(delta.get("drops_scratch", 0)),
        "n_evts": str(events),
        "rules_affected": affected.named(rules),
        "state_affected": affected.state(_classes(delta)),
    }


def _sentence(lost: int, events: int, rules: Sequence[str]) -> str:
    names = affected.named(rules) or "none"
    return f"{lost} of {events} events were dropped in the last second; rules that may have missed something: {names}"
