"""Work on many units in as many processes as there are cores.

Judging is Python, so threads would share one core. Children are forked: they have what was read without copying it, and
answer through a pipe. Small work is done at once: a fork costs more than it.
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator, Sequence

import msgspec

from vigie.errors import TargetError, UsageError
from vigie.misconfig.language import Unit
from vigie.misconfig.outcome import Outcome
from vigie.misconfig.transfer import Packer, Unpacker
from vigie.model.inventory import Problem

WORTH_FORKING = 300_000
"""Bytes of configuration."""
YOUNG = 400_000, 50, 1000
"""Thresholds of the garbage collector while units are judged: much is made, and nearly all of it stays until its unit
is done. By the usual ones the collector takes as long as all the rest."""
MUCH = 5_000
"""Objects that are worth a collection behind a unit: soon, while they are in the cache of the processor."""
MOST_CHILDREN = 8
MOST_LEFT = 300_000
"""Objects that a child leaves behind before another takes its place."""
MORE = 3
"""The exit status of a child that did not see the last turn."""
_FRAME = struct.Struct("<II")
_TURN = struct.Struct("<I")
_PIPE_HOLDS = 15_000


def run_all(
    work: Callable[[Unit], Outcome], units: Sequence[Unit], deadline: float, ahead: Callable[[], None] = lambda: None
) -> list[Outcome]:
    """The outcome of each unit, in their order. ahead: is called before the work is shared among processes. Raises
    TargetError past the deadline, and what `work` raises."""
    children = min(os.cpu_count() or 1, MOST_CHILDREN, len(units))
    if children < 2 or sum(unit.weight for unit in units) < WORTH_FORKING:
        return list(_here(work, units, deadline))
    ahead()
    heaviest = sorted(range(len(units)), key=lambda index: -units[index].weight)
    done: dict[int, Outcome] = {}
    for start in range(0, len(heaviest), _PIPE_HOLDS):
        done.update(_forked(work, units, heaviest[start : start + _PIPE_HOLDS], children, deadline))
    return [done.get(index) or _lost(unit) for index, unit in enumerate(units)]


def _here(work: Callable[[Unit], Outcome], units: Sequence[Unit], deadline: float) -> Iterator[Outcome]:
    usual = gc.get_threshold()
    gc.set_threshold(*YOUNG)
    try:
        for unit in units:
            if deadline and time.monotonic() > deadline:
                raise _late()
            yield work(unit)
            _tidy()
    finally:
        gc.set_threshold(*usual)


def _tidy() -> None:
    """Frees what a unit leaves behind: its blocks and modules know each other."""
    if gc.get_count()[0] > MUCH:
        gc.collect(1)


def _lost(unit: Unit) -> Outcome:
    problem = Problem(
        unit.path, "was not judged: the process that worked on it ended", "there may be too little memory"
    )
    return Outcome(unit.path, unit.language, unit.path, unit.language, problems=[problem])


def _late() -> TargetError:
    return TargetError("the scan took longer than allowed", "raise --timeout")


def _forked(
    work: Callable[[Unit], Outcome], units: Sequence[Unit], order: Sequence[int], count: int, deadline: float
) -> dict[int, Outcome]:
    """Deals units to children: all read the next turn from one pipe and answer each through their own."""
    turns, deal = os.pipe()
    os.write(deal, b"".join(_TURN.pack(index) for index in order))
    os.close(deal)
    gc.collect()
    children: dict[int, int] = {}

    def start() -> int:
        answers, answer = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        gc.freeze()
        pid = os.fork()
        if pid == 0:
            os.close(answers)
            _child(work, units, turns, answer)
        os.close(answer)
        children[answers] = pid
        return answers

    try:
        return _collect([start() for _ in range(count)], start, children, len(order), deadline)
    finally:
        gc.unfreeze()
        os.close(turns)
        for answers, pid in children.items():
            os.close(answers)
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass


def _child(work: Callable[[Unit], Outcome], units: Sequence[Unit], turns: int, answer: int) -> None:
    """Works until there are no more turns, or until it has left behind much, and ends the process without cleaning up:
    neither what the parent owns nor what units leave, which is cheaper than collecting it."""
    status = 1
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        packer = Packer()
        gc.set_threshold(*YOUNG)
        while turn := os.read(turns, _TURN.size):
            index = int(_TURN.unpack(turn)[0])
            try:
                kind, payload = 0, packer.pack(work(units[index]))
            except UsageError as error:
                kind, payload = 1, msgspec.msgpack.encode((error.message, error.hint))
            _write(answer, _FRAME.pack(index * 2 + kind, len(payload)) + payload)
            if gc.get_count()[0] > MOST_LEFT:
                status = MORE
                break
        else:
            status = 0
    finally:
        os._exit(status)


def _write(pipe: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(pipe, view) :]


def _collect(
    first: Sequence[int], start: Callable[[], int], children: dict[int, int], restarts: int, deadline: float
) -> dict[int, Outcome]:
    """Reads answers until every child has closed its pipe. For one that has not seen the last turn another is started:
    it made room, or its unit ended it."""
    done: dict[int, Outcome] = {}
    with selectors.DefaultSelector() as selector:
        waiting: dict[int, tuple[bytearray, Unpacker]] = {}

        def wait_for(answers: int) -> None:
            waiting[answers] = bytearray(), Unpacker()
            selector.register(answers, selectors.EVENT_READ)

        for answers in first:
            wait_for(answers)
        while waiting:
            left = deadline - time.monotonic() if deadline else None
            if left is not None and left <= 0:
                raise _late()
            for key, _ in selector.select(left):
                held, unpacker = waiting[key.fd]
                data = os.read(key.fd, 1 << 20)
                if not data:
                    selector.unregister(key.fd)
                    del waiting[key.fd]
                    os.close(key.fd)
                    if os.waitpid(children.pop(key.fd), 0)[1] != 0 and restarts > 0:
                        restarts -= 1
                        wait_for(start())
                    continue
                held += data
                for number, payload in _frames(held):
                    if number & 1:
                        raise UsageError(*msgspec.msgpack.decode(payload))
                    done[number >> 1] = unpacker.unpack(payload)
    return done


def _frames(held: bytearray) -> Iterator[tuple[int, bytes]]:
    """Takes whole answers off the front."""
    at = 0
    while len(held) - at >= _FRAME.size:
        number, size = _FRAME.unpack_from(held, at)
        if len(held) - at - _FRAME.size < size:
            break
        yield number, bytes(held[at + _FRAME.size : at + _FRAME.size + size])
        at += _FRAME.size + size
    del held[:at]
