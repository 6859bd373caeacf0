"""Sends every alert to every output, and counts what an output could not take."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

from vigie.alerts.line import LineFormat, write
from vigie.alerts.output import Output
from vigie.model.alert import Alert

log = logging.getLogger(__name__)


class Router:
    """One output's failure does not keep the others from their alerts."""

    def __init__(self, outputs: Sequence[Output], form: LineFormat) -> None:
        self._outputs, self._form = outputs, form
        self.lost: Counter[str] = Counter()

    def send(self, alerts: Sequence[Alert]) -> None:
        """Raises BrokenPipeError when standard output has no reader any more: nobody listens then."""
        if not self._outputs:
            return
        lines = [write(alert, self._form) for alert in alerts]
        for output in self._outputs:
            try:
                output.send(lines)
            except OSError as error:
                if isinstance(error, BrokenPipeError) and output.name == "stdout":
                    raise
                if not self.lost[output.name]:
                    log.warning("the output %s fails: %s", output.name, error.strerror or error)
                self.lost[output.name] += len(lines)

    def close(self) -> None:
        """Writes what is buffered, and says what was lost. Raises BrokenPipeError as `send` does, at the end."""
        gone: BrokenPipeError | None = None
        for output in self._outputs:
            try:
                output.close()
            except OSError as error:
                if isinstance(error, BrokenPipeError) and output.name == "stdout":
                    gone = error
                else:
                    log.warning("the output %s could not be closed: %s", output.name, error.strerror or error)
        for name, count in self.lost.items():
            log.warning("the output %s did not take %d alerts", name, count)
        if gone is not None:
            raise gone
