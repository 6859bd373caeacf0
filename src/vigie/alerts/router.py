"""Sends every alert to every output. Each output has a queue and a thread of its own (`worker.py`)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType

from vigie.alerts import internal
from vigie.alerts.line import LineFormat, write
from vigie.alerts.output import Batch, Output
from vigie.alerts.worker import Counts, Worker
from vigie.model.alert import Alert, InternalAlert, Priority

SECONDS_TO_CLOSE = 5.0
"""How long outputs may take for what still waits when a live watch ends."""


class Router:
    """One output's failure or slowness does not keep the others, nor the events, waiting.

    capacity: alerts that may wait for one output, 0 for as many as memory allows. timeout: seconds after which an
    output that is busy with the same alerts is told. wait: `send` waits for outputs instead of dropping alerts; for
    recorded events. All methods may be called from any thread.
    """

    def __init__(
        self,
        outputs: Sequence[Output],
        form: LineFormat,
        *,
        capacity: int = 0,
        timeout: float = 2.0,
        wait: bool = False,
    ) -> None:
        self._form, self._wait = form, wait
        self._workers = [Worker(output, capacity=capacity, timeout=timeout, wait=wait) for output in outputs]
        self._echo: Worker | None = None

    def __enter__(self) -> Router:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Who interrupts does not want to wait for a reader that is in no hurry.
        self.close(None if self._wait and (kind is None or issubclass(kind, Exception)) else SECONDS_TO_CLOSE)

    def send(self, alerts: Sequence[Alert]) -> None:
        """Raises BrokenPipeError when standard output has no reader any more: nobody listens then."""
        if self._workers:
            self._put(Batch([write(alert, self._form) for alert in alerts], [alert.priority for alert in alerts]))

    def send_internal(self, alert: InternalAlert) -> None:
        """Like `send`, for what the watch says of itself."""
        self._put(Batch([internal.write(alert, self._form)], [alert.priority]))

    def _put(self, batch: Batch) -> None:
        for worker in self._workers:
            worker.put(batch)
        self.look()

    def echo(self, text: str) -> None:
        """Prints a line of what a server answered; dropped rather than waited for."""
        if self._echo is None:
            from vigie.alerts.outputs.stdout import StandardOutput

            self._echo = Worker(StandardOutput(name="echo"))
        self._echo.put(Batch([text], [Priority.Debug]))

    def look(self) -> None:
        """Tells which outputs are blocked; to be called about once a second when there are no alerts. Raises
        BrokenPipeError as `send` does."""
        for worker in self._workers:
            worker.look()
            if worker.gone is not None:
                raise worker.gone

    def reopen(self) -> None:
        """Lets outputs open their files anew (log rotation), and read certificates again. Returns at once."""
        for worker in self._workers:
            worker.reopen()

    def counts(self) -> dict[str, Counts]:
        """Counters of each output by its name."""
        return {worker.name: worker.counts() for worker in self._workers}

    @property
    def dropped(self) -> int:
        """Alerts that found a queue full: `falco.outputs_queue_num_drops`."""
        return sum(worker.counts().dropped for worker in self._workers)

    def close(self, seconds: float | None = None) -> None:
        """Delivers what still waits, in so many seconds, None for as long as it takes, and tells what was lost. Raises
        BrokenPipeError as `send` does, at the end."""
        until = None if seconds is None else time.monotonic() + seconds
        try:
            self._end(until)
        except KeyboardInterrupt:
            self._end(time.monotonic())  # whoever waits is tired of it
            raise
        for worker in self._workers:
            if worker.gone is not None:
                raise worker.gone

    def _end(self, until: float | None) -> None:
        for worker in self._workers:
            worker.begin_close()
        for worker in self._workers:
            worker.end(until)
        if self._echo is not None:  # by now nobody echoes any more
            self._echo.begin_close()
            self._echo.end(until)
