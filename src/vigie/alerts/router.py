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
        lines = [write(alert, self._form) for alert in alerts]
        for output in self._outputs:
            try:
                output.send(lines)
            except BrokenPipeError:
                raise
            except OSError as error:
                if not self.lost[output.name]:
                    log.warning("the output %s fails: %s", output.name, error.strerror or error)
                self.lost[output.name] += len(lines)

    def close(self) -> None:
        """Writes what is buffered, and says what was lost."""
        for output in self._outputs:
            output.close()
        for name, count in self.lost.items():
            log.warning("the output %s did not take %d alerts", name, count)
