#!/usr/bin/env python3
"""Makes a larger capture: `python benches/captures.py IN.scap OUT.scap TIMES [--gzip]`.

The events of IN are written TIMES times after one another, each time later by as much as they lasted; what comes
before the first event is written once.
"""

from __future__ import annotations

import argparse
import gzip
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

SECTION = 0x0A0D0D0A
#: Kinds of event blocks, and where in the block the time lies.
EVENTS = {0x204: 10, 0x216: 10, 0x221: 10, 0x8010ABCD: 10, 0x208: 14, 0x217: 14, 0x222: 14}
TIME = struct.Struct("<Q")


def blocks(capture: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, start and length of each block."""
    at = 0
    while at < len(capture):
        kind, length = struct.unpack_from("<II", capture, at)
        if length < 12 or at + length > len(capture):
            raise ValueError(f"a damaged block at byte {at}")
        yield kind, at, length
        at += length


def split(capture: bytes) -> tuple[bytes, bytearray, list[int]]:
    """What comes before the events, the events, and where in them the times lie. Only the first section counts."""
    head, events, times = bytearray(), bytearray(), []
    for kind, start, length in blocks(capture):
        block = capture[start : start + length]
        if kind in EVENTS:
            times.append(len(events) + EVENTS[kind])
            events += block
        elif kind == SECTION and events:
            break
        elif not events:
            head += block
    return bytes(head), events, times


def write(capture: bytes, out: BinaryIO, repetitions: int) -> int:
    """Writes the larger capture. Returns how many events it has."""
    head, events, places = split(capture)
    out.write(head)
    times = [TIME.unpack_from(events, place)[0] for place in places]
    lasted = max(times) - min(times) + 1 if times else 0
    for repetition in range(repetitions):
        shift = repetition * lasted
        for place, time in zip(places, times, strict=True):
            TIME.pack_into(events, place, (time + shift) & (2**64 - 1))
        out.write(events)
    return len(places) * repetitions


def main() -> int:
    """Reads the arguments and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", type=Path, metavar="IN.scap")
    parser.add_argument("output", type=Path, metavar="OUT.scap")
    parser.add_argument("times", type=int, metavar="TIMES")
    parser.add_argument("--gzip", action="store_true", help="compress the output")
    arguments = parser.parse_args()
    capture = arguments.input.read_bytes()
    if capture[:2] == b"\x1f\x8b":
        capture = gzip.decompress(capture)
    with gzip.open(arguments.output, "wb", 6) if arguments.gzip else arguments.output.open("wb") as out:
        events = write(capture, cast(BinaryIO, out), arguments.times)
    print(f"{events} events, {arguments.output.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
