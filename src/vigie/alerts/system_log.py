"""Our own log lines in the system's log (`log_syslog`), beside those on standard error (`log_stderr`)."""

from __future__ import annotations

import logging
from contextlib import suppress

from vigie.alerts.outputs.syslog import SOCKET, SyslogSocket
from vigie.log import printable

SECONDS = 0.05
"""A line is given up rather than waited for: whoever logs may be the thread that reads events."""

SEVERITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))


class SystemLog(logging.Handler):
    """Sends log lines to the local socket; lines that it does not take are lost without a word, as there is no other
    place to say so. To be added to the logger `vigie`."""

    def __init__(self, path: str = SOCKET) -> None:
        super().__init__()
        self._socket = SyslogSocket(path, SECONDS)

    def emit(self, record: logging.LogRecord) -> None:
        """One line, one message."""
        severity = next((severity for level, severity in SEVERITIES if record.levelno >= level), 7)
        with suppress(OSError):
            self._socket.send(severity, printable(record.getMessage()))

    def close(self) -> None:
        """Leaves the socket."""
        self._socket.close()
        super().close()
