"""Secrets in standard input: of any length, and nobody knows when its end comes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from vigie import _core
from vigie.errors import TargetError

STANDARD_INPUT = "/dev/stdin"
PIECE = 1 << 20

Found = tuple[list[_core.SecretSighting], list[str]]
_Answer = TypeVar("_Answer")


def search(searcher: _core.SecretSearcher, deadline: float, number: int = 0) -> Found:
    """What is found in standard input, or another open file by its number, and what of it could not be searched.

    Raises OSError, and TargetError past the deadline (`time.monotonic`, 0 for none)."""
    path = STANDARD_INPUT if number == 0 else f"/dev/fd/{number}"
    try:
        return _in_time(lambda: searcher.search_stream("stdin", path), deadline)
    except OSError:  # a socket, or a file that may not be opened a second time
        return _in_time(lambda: _through_a_pipe(searcher, number), deadline)


def _through_a_pipe(searcher: _core.SecretSearcher, number: int) -> Found:
    reading, writing = os.pipe()
    failures: list[OSError] = []

    def copy() -> None:
        try:
            while piece := os.read(number, PIECE):
                while piece:
                    piece = piece[os.write(writing, piece) :]
        except OSError as error:
            failures.append(error)
        finally:
            os.close(writing)

    copying = threading.Thread(target=copy, daemon=True)
    copying.start()
    try:
        found = searcher.search_stream("stdin", f"/dev/fd/{reading}")
    finally:
        os.close(reading)
    copying.join()
    if failures:
        raise failures[0]
    return found


def _in_time(call: Callable[[], _Answer], deadline: float) -> _Answer:
    """The answer of a call that may wait for ever; an interrupt does not wait for it."""
    answers: list[_Answer] = []
    failures: list[BaseException] = []

    def work() -> None:
        try:
            answers.append(call())
        except BaseException as error:  # raised again where it is waited for
            failures.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(max(deadline - time.monotonic(), 0.001) if deadline else None)
    if thread.is_alive():
        raise TargetError("the scan took longer than allowed", "raise --timeout")
    if failures:
        raise failures[0]
    return answers[0]
