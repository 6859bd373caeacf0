"""A command of the shell that reads alerts from its standard input."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress

from vigie.alerts import descriptor
from vigie.alerts.output import Batch, Output, joined

SECONDS = 60.0
"""How long the program may take: to read an alert, and, when there is one program an alert, to end."""

BUFFER = 1 << 16


class ProgramOutput(Output):
    """Runs `/bin/sh -c PROGRAM`, a process for each alert, one after the other, or one for all with keep_alive, which
    is started again when it has ended. What hangs for `seconds` is killed, with the processes that it started. Raises
    OSError when the program cannot be started, does not read, or fails."""

    name = "program"

    def __init__(
        self, program: str, *, keep_alive: bool = False, buffered: bool = False, seconds: float = SECONDS
    ) -> None:
        self._program, self._seconds = program, seconds
        self.one_by_one = not keep_alive
        self._least = BUFFER if buffered and keep_alive else 0
        self._kept = bytearray()
        self._process: subprocess.Popen[bytes] | None = None

    def send(self, batch: Batch) -> None:
        """Raises TimeoutError when the program was killed for hanging, BrokenPipeError when it does not read."""
        self._kept += joined(batch.lines)
        if len(self._kept) < self._least:
            return
        self._flush()
        if self.one_by_one:
            self._end()

    def _flush(self) -> None:
        data, self._kept = bytes(self._kept), bytearray()
        if not data:
            return
        if self._process is not None and self._process.poll() is not None:
            self._forget()
        kept = self._process is not None
        try:
            self._write(data)
        except BrokenPipeError:
            with suppress(OSError):
                self._end()
            if not kept:
                raise
            self._write(data)  # it ended since the last alert

    def _write(self, data: bytes) -> None:
        process = self._process or self._start()
        assert process.stdin is not None
        try:
            descriptor.write(process.stdin.fileno(), data, time.monotonic() + self._seconds)
        except TimeoutError as error:
            self._kill()
            raise TimeoutError(f"the program read nothing for {self._seconds:g} s and was killed") from error

    def _start(self) -> subprocess.Popen[bytes]:
        # The shell as with the peer: the setting is a command line. A session of its own lets all of it be killed.
        self._process = subprocess.Popen(  # noqa: S602
            self._program, shell=True, stdin=subprocess.PIPE, bufsize=0, start_new_session=True
        )
        assert self._process.stdin is not None
        os.set_blocking(self._process.stdin.fileno(), False)
        return self._process

    def _end(self) -> None:
        """Lets the program see the end of its input, and waits for its own."""
        process = self._process
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            status = process.wait(self._seconds)
        except subprocess.TimeoutExpired as error:
            self._kill()
            raise TimeoutError(f"the program did not end in {self._seconds:g} s and was killed") from error
        self._process = None
        if status:
            raise OSError(f"the program ended with status {status}")

    def _kill(self) -> None:
        if self._process is not None:
            with suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._forget()

    def _forget(self) -> None:
        """Takes leave of a program that has ended."""
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()

    def reopen(self) -> None:
        """Ends a program that is kept; the next alert starts it again."""
        self._flush()
        self._end()

    def abandon(self) -> None:
        """Asks the program to end at once."""
        process = self._process
        if process is not None and process.returncode is None:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGTERM)

    def close(self) -> None:
        """Writes what is buffered, and waits for the program."""
        self._flush()
        self._end()
