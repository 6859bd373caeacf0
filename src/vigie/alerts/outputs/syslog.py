"""The system's log: one message an alert, over the local socket. Source: RFC 3164; severities are the priorities."""

from __future__ import annotations

import errno
import os
import socket
import time

from vigie.alerts.output import Batch, Output, encoded

SOCKET = "/dev/log"
FACILITY = 1
"""User-level messages."""

TAG = "vigie"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SHORT = 8192
"""Bytes that every receiver takes, when it refused a longer message."""

CUT = " [cut]"
GONE = frozenset({errno.ECONNREFUSED, errno.ECONNRESET, errno.ENOTCONN, errno.EPIPE, errno.EBADF, errno.ENOENT})


def message(severity: int, text: str, seconds: float, pid: int) -> bytes:
    """`<12>Nov  2 09:05:07 vigie[17]: text`: local time, no host name, as over local sockets. severity: 0 to 7."""
    now = time.localtime(seconds)
    stamp = f"{MONTHS[now.tm_mon - 1]} {now.tm_mday:2} {now.tm_hour:02}:{now.tm_min:02}:{now.tm_sec:02}"
    # A NUL would end the message: in text alerts they are escaped, other lines have none either.
    return encoded(f"<{FACILITY * 8 + severity}>{stamp} {TAG}[{pid}]: {text}".replace("\0", ""))


class SyslogSocket:
    """Sends messages to the local socket, of datagrams or of a stream, whichever it is; connects when needed, and once
    more when the receiver was started anew. seconds: that it may take. Raises OSError, TimeoutError among them."""

    def __init__(self, path: str = SOCKET, seconds: float = 2.0) -> None:
        self._path, self._seconds = path, seconds
        self._socket: socket.socket | None = None
        self._stream = False

    def send(self, severity: int, text: str) -> None:
        """One message. One that is too long for the receiver is cut, and says so."""
        data = message(severity, text, time.time(), os.getpid())
        try:
            self._send(data)
        except OSError as error:
            if error.errno != errno.EMSGSIZE:
                raise
            head = data[: SHORT - len(CUT)].decode(errors="ignore")
            self._send(head.encode() + CUT.encode())

    def _send(self, data: bytes) -> None:
        fresh = self._socket is None
        try:
            self._sent(data)
        except OSError as error:
            self.close()
            if fresh or error.errno not in GONE:
                raise
            self._sent(data)

    def _sent(self, data: bytes) -> None:
        open_ = self._socket or self._connected()
        if self._stream:
            open_.sendall(data + b"\0")
        else:
            open_.send(data)

    def _connected(self) -> socket.socket:
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            opened = socket.socket(socket.AF_UNIX, kind)
            opened.settimeout(self._seconds)
            try:
                opened.connect(self._path)
            except OSError as error:
                opened.close()
                if error.errno == errno.EPROTOTYPE and kind == socket.SOCK_DGRAM:
                    continue
                raise OSError(error.errno, f"{self._path}: {error.strerror or error}") from error
            self._socket, self._stream = opened, kind == socket.SOCK_STREAM
            return opened
        raise AssertionError("a socket is of one of two kinds")

    def close(self) -> None:
        """Leaves the socket; the next message connects again."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class SyslogOutput(Output):
    """One message an alert."""

    name = "syslog"
    one_by_one = True

    def __init__(self, *, path: str = SOCKET, seconds: float = 2.0) -> None:
        self._socket = SyslogSocket(path, seconds)

    def send(self, batch: Batch) -> None:
        """Raises TimeoutError when the receiver takes nothing in time."""
        for line, priority in zip(batch.lines, batch.priorities, strict=True):
            self._socket.send(priority, line)

    def reopen(self) -> None:
        """The next message connects again."""
        self._socket.close()

    def close(self) -> None:
        """Leaves the socket."""
        self._socket.close()
