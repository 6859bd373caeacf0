"""What reading a layer costs beyond inflating and hashing it: `python benches/reading.py LAYER...` (CPU s per GB)."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from vigie import _core, plugs


def read(path: str, selection: _core.Selection) -> int:
    """Reads a layer as a scan does; the raw size."""
    reader = _core.LayerReader(path, selection, _core.Limits())
    while reader.next_batch():
        pass
    return reader.finish().size


def cost(work: Callable[[], int]) -> float:
    """CPU seconds per GB, the best of three."""

    def once() -> float:
        start = time.process_time()
        size = work()
        return (time.process_time() - start) / max(size, 1) * 1e9

    return min(once() for _ in range(3))


def main(paths: list[str]) -> None:
    analyzers = list(plugs.analyzers())
    companions = sorted({glob for analyzer in analyzers for glob in analyzer.companions})
    rules = [*((a.globs, (), a.reader.value) for a in analyzers), (companions, (), "keep")]
    selection = _core.Selection(rules)
    for path in paths:
        floor = cost(lambda path=path: _core.floor(path)[0])  # type: ignore[misc]
        full = cost(lambda path=path: read(path, selection))  # type: ignore[misc]
        print(f"{path}: inflating and hashing {floor:.2f} s/GB, reading {full:.2f} s/GB, {full / floor:.2f} times")


if __name__ == "__main__":
    main(sys.argv[1:])
