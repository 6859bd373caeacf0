"""Analyzers: from the bytes of one file to facts."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Protocol

from msgspec import Struct

from vigie import _core
from vigie.model.inventory import Fact, Problem
from vigie.model.package import Location


class Group(Enum):
    """When an analyzer runs; each command switches groups off (`artifacts/` says which)."""

    SYSTEM = "system"
    """Distributions and their package databases."""
    INSTALLED = "installed"
    """Packages that lie about as themselves: wheels, gems, JARs, binaries."""
    LOCKFILE = "lockfile"
    """What a project asks for."""
    ANYWHERE = "anywhere"
    """Both in a project and in an image (Cargo.lock)."""
    CONFIGURATION = "configuration"
    """Files that are judged by checks."""


class Reader(Enum):
    """What Rust makes of a wanted file's bytes before Python sees it."""

    BYTES = "bytes"
    """The bytes themselves: `File.content` is bytes."""
    EXECUTABLE = "executable"
    """`_core.Executable`: build information of Go and Rust. Candidates are files with an execute bit or `.exe`; globs
    do not apply."""
    ARCHIVE = "archive"
    """`_core.Archive`: the manifests inside a JAR and the archives nested in it."""
    RPM = "rpm"
    """`list[_core.RpmPackage]`: the rows of an rpm database of any kind."""
    SECRETS = "secrets"
    """`tuple[_core.SecretSighting, ...]`: what looks like a secret in a file; one in which nothing does is not
    delivered. Candidates are all files that `ContentSearch` does not pass over; globs do not apply."""


class ContentSearch(Struct, frozen=True):
    """What is looked for in the contents of files while they are walked. skipped: globs of paths, passed_over:
    expressions found in paths, of files that are not searched."""

    searcher: _core.SecretSearcher | None
    skipped: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()


Content = bytes | _core.Executable | _core.Archive | list[_core.RpmPackage] | tuple[_core.SecretSighting, ...]


class Tree(Protocol):
    """The files around a file: the whole folder, or the wanted files of the same layer."""

    def read(self, path: str) -> bytes | None:
        """The bytes of a regular file inside the tree; None when there is none, it is no regular file, or it is too
        large."""
        ...

    def glob(self, pattern: str) -> Iterable[str]:
        """Paths of files that match a pattern (`*` stays inside a folder name, `**` crosses), in order. Slow on
        folders."""
        ...


class File:
    """One wanted file. `path` is relative to the root, `/`-separated, without a leading slash."""

    __slots__ = ("content", "mode", "path", "size", "tree")

    def __init__(self, path: str, content: Content, tree: Tree, *, size: int = 0, mode: int = 0o644) -> None:
        self.path, self.content, self.tree, self.size, self.mode = path, content, tree, size, mode

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The path without its last part; "" at the root."""
        return self.path.rpartition("/")[0]

    def bytes(self) -> builtins.bytes:
        """The content of a file that was read as bytes."""
        if not isinstance(self.content, bytes):
            raise TypeError(f"{self.path} was not read as bytes")
        return self.content

    def sightings(self) -> tuple[_core.SecretSighting, ...]:
        """The content of a file that was searched for secrets."""
        if not isinstance(self.content, tuple):
            raise TypeError(f"{self.path} was not searched")
        return self.content

    def text(self) -> str:
        """The content as UTF-8, a byte-order mark dropped, invalid sequences replaced."""
        return self.bytes().decode("utf-8-sig", errors="replace")

    def beside(self, relative: str) -> builtins.bytes | None:
        """The bytes of another file, named relative to this one's folder; None when it is absent or outside the
        root."""
        path = join(self.folder, relative)
        return None if path is None else self.tree.read(path)

    def problem(self, what: str, line: int | None = None, hint: str = "") -> Problem:
        """A problem with this file."""
        return Problem(where=f"{self.path}:{line}" if line else self.path, what=what, hint=hint)


def join(folder: str, relative: str) -> str | None:
    """Joins and cleans a relative path; None when it would leave the root."""
    parts: list[str] = [part for part in folder.split("/") if part] if not relative.startswith("/") else []
    for part in relative.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


class ParseError(ValueError):
    """A file is not what its name promises. An analyzer may raise this after yielding what it could read."""

    def __init__(self, what: str, line: int | None = None) -> None:
        super().__init__(what)
        self.what, self.line = what, line


class Analyzer(Struct, frozen=True, kw_only=True):
    """A declared reader of one kind of file. See `analyzer` for the fields."""

    name: str
    run: Callable[[File], Iterable[Fact]]
    group: Group
    type: str
    globs: tuple[str, ...]
    companions: tuple[str, ...] = ()
    reader: Reader = Reader.BYTES
    version: int = 1
    order: int = 0
    expressions: tuple[str, ...] = ()
    """Files in whose path one is found are wanted too."""
    settings: str = ""
    """What else decides which facts it yields, for the key of the cache."""


def analyzer(
    name: str,
    *globs: str,
    group: Group,
    type: str = "",
    companions: tuple[str, ...] = (),
    reader: Reader = Reader.BYTES,
    version: int = 1,
    order: int = 0,
) -> Callable[[Callable[[File], Iterator[Fact]]], Analyzer]:
    """Declares an analyzer.

    name: the peer's analyzer name, printed as AnalyzedBy and used in `--file-patterns name:regex`.
    globs: paths it wants, relative to the root; `**/x` matches `x` at any depth, the root included.
    type: the report's Type of the packages it yields (`cargo`, `python-pkg`); "" for analyzers of group SYSTEM.
    companions: globs of files it only reads through `File.beside`; needed for layers, where they must be kept.
    version: raise it whenever the facts change, so that caches forget.
    order: among analyzers that yield operating systems, lower ones are merged first.

    The function yields facts. Packages it yields form one PackageList for that file. A ParseError or any ValueError,
    KeyError or TypeError it lets go becomes a Problem of that file; what was yielded before is kept.
    """

    def declare(run: Callable[[File], Iterator[Fact]]) -> Analyzer:
        return Analyzer(
            name=name,
            run=run,
            group=group,
            type=type,
            globs=globs,
            companions=companions,
            reader=reader,
            version=version,
            order=order,
        )

    return declare


def lines(span: tuple[int, int] | None) -> tuple[Location, ...]:
    """The location tuple for a span of lines, empty for none."""
    return (Location(*span),) if span else ()
