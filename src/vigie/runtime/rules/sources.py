"""Where rule files are: files, folders of files, the rules that come with Vigie."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from vigie.errors import UsageError
from vigie.runtime.rules.document import LARGEST, Source
from vigie.settings.resolve import shown

LIBRARY = Path(__file__).resolve().parent.parent / "library"
"""The rules that come with Vigie; the files' names are in the order of loading and name the maturity."""
MATURITIES = ("stable", "incubating", "sandbox")
"""Of rules for system calls, from those that everybody wants."""
OTHERS = ("k8s_audit",)
"""Rules for other sources of events, each a folder of its own."""
TOPICS = ("settings",)
"""Files that can be asked for alone, whatever their maturity."""
WORDS = (*MATURITIES, *TOPICS, *OTHERS)
"""What can be asked for of the library."""
FIRST_LOOK = ("stable", "settings")
"""What a watch takes that nobody told anything: it also tells who writes below /etc."""
SUFFIXES = (".yaml", ".yml")


def find(paths: Sequence[str]) -> Iterator[Source]:
    """The files of paths: a file is taken whatever it is called, of a folder those that end in .yaml or .yml, by name.

    A file that cannot be read is a source with an error.
    """
    for path in paths:
        if os.path.isdir(path):  # noqa: PTH112 - names stay as they were given
            yield from _folder(path)
        else:
            yield _file(path)


def _folder(path: str) -> Iterator[Source]:
    try:
        names = sorted(os.listdir(path))  # noqa: PTH208
    except OSError as error:
        yield Source(path, error=f"the folder could not be read: {error.strerror}")
        return
    for name in names:
        inside = os.path.join(path, name)  # noqa: PTH118
        if name.endswith(SUFFIXES) and not os.path.isdir(inside):  # noqa: PTH112
            yield _file(inside)


def _file(path: str) -> Source:
    try:
        # A named pipe would never end: only what has a size is read.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            return Source(path, file.read(LARGEST + 1))
    except (OSError, ValueError) as error:
        return Source(path, error=f"the file could not be read: {getattr(error, 'strerror', None) or error}")


def library(words: Sequence[str] = ("stable",)) -> Iterator[Source]:
    """The rules that come with Vigie of the maturities and topics named, with the terms that they are built on, those
    of more mature files, too; then the rules for other sources of events that are named. Raises UsageError for a word
    that is none of `WORDS`."""
    for word in words:
        if word not in WORDS:
            raise UsageError(f"there is no library {shown(word)}", f"known are {', '.join(WORDS)}")
    if not words or not all(word in OTHERS for word in words):
        yield from _for_calls(words)
    for word in OTHERS:
        if word in words:
            yield from _folder(str(LIBRARY / word))


def _for_calls(words: Sequence[str]) -> Iterator[Source]:
    # Names of files: a number, then the maturity and what the file is about. The first file is of no maturity.
    files = [(source, Path(source.name).stem.split("-")[1:]) for source in _folder(str(LIBRARY))]
    taken = [about for _, about in files if about[-1] != "terms" and not set(words).isdisjoint(about)]
    last = max((MATURITIES.index(about[0]) for about in taken), default=-1)
    for source, about in files:
        if about in taken or (about[-1] == "terms" and (about[0] == "terms" or MATURITIES.index(about[0]) <= last)):
            yield source
