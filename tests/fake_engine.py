"""An engine that delivers what a test says, with the interface that the daemon needs of a real one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any

from vigie.model.alert import Alert, InternalAlert, Priority


class FakeEngine:
    """Waits like a live source. `emit` has matches delivered, `end` ends it, `fail` breaks it."""

    def __init__(self) -> None:
        self.ahead: SimpleQueue[Any] = SimpleQueue()
        self.events = 0
        self.dropped: dict[str, int] = {}
        self.damaged: tuple[str, int | None] | None = None
        self.replaced: list[Sequence[Any]] = []
        self.levels: list[Sequence[tuple[str, int]]] = []
        self.threads: set[str] = set()
        self.opened: dict[str, Any] = {}

    def emit(self, *matches: Any) -> None:
        self.ahead.put(list(matches))

    def end(self) -> None:
        self.ahead.put(None)

    def fail(self, error: Exception) -> None:
        self.ahead.put(error)

    def kernel(self, **options: Any) -> str:
        self.opened = options
        return ""

    def shed(self, levels: Sequence[tuple[str, int]]) -> None:
        self.levels.append(levels)

    def next(self, limit: int = 256, events: int = 1 << 60) -> list[Any] | None:
        self.threads.add(threading.current_thread().name)
        try:
            matches = self.ahead.get(timeout=0.02)
        except Empty:
            return []
        if isinstance(matches, Exception):
            raise matches
        self.events += 1
        return matches  # type: ignore[no-any-return]

    def replace(self, rules: Sequence[Any]) -> None:
        self.replaced.append(rules)

    def finish(self) -> list[Any]:
        return []

    def counters(self) -> dict[str, int]:
        return {"events": self.events}

    def kernel_counters(self) -> dict[str, int]:
        return {"events": self.events, "drops": 0, **self.dropped}

    def damage(self) -> tuple[str, int | None] | None:
        return self.damaged


class FakeWatch:
    """A watch over such an engine, whose matches are names of rules."""

    def __init__(self, engine: FakeEngine | None = None) -> None:
        self.engine = engine or FakeEngine()
        self.rules: Sequence[Any] = ()

    def alerts(self, matches: Sequence[str]) -> list[Alert]:
        return [alert(name) for name in matches]

    def replace(self, rules: Sequence[Any], **settings: Any) -> None:
        self.rules = rules
        self.engine.replace(rules)


def alert(rule: str, time: int = 1_790_000_000_000_000_000, **fields: Any) -> Alert:
    """An alert of a rule."""
    return Alert(time=time, rule=rule, priority=Priority.Warning, source="syscall", message=rule, fields=fields)


class Sent:
    """What was sent; `wait` until it is enough."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.told: list[InternalAlert] = []
        self._changed = threading.Condition()

    def __call__(self, alerts: Sequence[Alert]) -> None:
        with self._changed:
            self.alerts += alerts
            self._changed.notify_all()

    def wait(self, enough: Callable[[list[Alert]], bool], seconds: float = 10) -> list[Alert]:
        with self._changed:
            assert self._changed.wait_for(lambda: enough(self.alerts), seconds), self.alerts
            return list(self.alerts)

    def tell(self, told: InternalAlert) -> None:
        self.told.append(told)

    @property
    def rules(self) -> list[str]:
        return [one.rule for one in self.alerts]
