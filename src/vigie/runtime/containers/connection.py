"""A connection to a unix socket, with an end to every wait and to every answer."""

from __future__ import annotations

import socket
import time

from vigie.runtime.containers.engine import EngineError


class Connection:
    """Bytes to and from who listens at a path. deadline: on the monotonic clock, when everything must be over; None:
    never. limit: the most bytes that are taken, None: any. rate: about the most in a second, None: any; who sends more
    has to wait. Raises EngineError, also when the connection is refused."""

    def __init__(
        self, path: str, *, deadline: float | None, seconds: float, limit: int | None = None, rate: int | None = None
    ) -> None:
        self.deadline, self._seconds, self._left, self._rate = deadline, seconds, limit, rate
        self._since, self._taken = time.monotonic(), 0
        self._buffer = bytearray()
        self._woken = False
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(self._remaining() if deadline is not None else seconds)
            self._socket.connect(path)
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError) as error:
            self.close()
            raise EngineError(f"is not there: nobody listens at {path}", absent=True) from error
        except (OSError, ValueError) as error:
            self.close()
            raise self._failed(error) from error

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        try:
            self._socket.settimeout(self._seconds if self.deadline is None else self._remaining())
            self._socket.sendall(data)
        except OSError as error:
            raise self._failed(error) from error

    def some(self, most: int = 1 << 16) -> bytes:
        """Bytes as they come, at most so many; none at the end."""
        if not self._buffer and not self._more():
            return b""
        taken = bytes(self._buffer[:most])
        del self._buffer[:most]
        return taken

    def exactly(self, count: int) -> bytes:
        """So many bytes; EngineError when there are fewer."""
        while len(self._buffer) < count:
            if not self._more():
                raise EngineError("ended the connection in the middle of an answer")
        return self.some(count) if count else b""

    def line(self, longest: int) -> bytes:
        """A line with its end, at most so long; none at the end of all."""
        seen = 0
        while (end := self._buffer.find(b"\n", seen)) < 0:
            seen = len(self._buffer)
            if seen > longest:
                raise EngineError("gave an answer with a line that is too long")
            if not self._more():
                return self.some(seen) if seen else b""
        if end > longest:
            raise EngineError("gave an answer with a line that is too long")
        return self.some(end + 1)

    def wake(self) -> None:
        """Makes another thread's reading end, whatever is still to be read."""
        self._woken = True
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def close(self) -> None:
        self._socket.close()

    def _more(self) -> bool:
        if self._woken:
            raise EngineError("is not listened to any more")
        try:
            self._socket.settimeout(None if self.deadline is None else self._remaining())
            data = self._socket.recv(1 << 16 if self._rate is None else self._allowance(self._rate))
        except OSError as error:
            raise self._failed(error) from error
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                raise EngineError("gave an answer that is too long")
        self._taken += len(data)
        self._buffer += data
        return bool(data)

    def _allowance(self, rate: int) -> int:
        """How much may be taken now; waits for the next second when nothing may."""
        if time.monotonic() - self._since >= 1 or self._taken >= rate:
            time.sleep(max(0.0, self._since + 1 - time.monotonic()))
            self._since, self._taken = time.monotonic(), 0
        return rate - self._taken

    def _remaining(self) -> float:
        left = 1.0 if self.deadline is None else self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _failed(self, error: Exception) -> EngineError:
        if isinstance(error, BlockingIOError):
            return EngineError("takes no more connections")
        if isinstance(error, TimeoutError):
            return EngineError(f"did not answer within {self._seconds:g} s")
        if isinstance(error, PermissionError):
            return EngineError("may not be asked: permission denied")
        return EngineError(f"ended the connection ({getattr(error, 'strerror', '') or error})")
