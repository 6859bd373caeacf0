"""What a configuration language is: which files are its own, how they fall into units, and what a unit holds.

    files ─▶ recognise ─▶ split (cheap, over all files of the language) ─▶ units ─▶ load (in any process) ─▶ Project

A unit is what is judged together and alone: a root module with its children, a template, a manifest, a chart. One unit
is in memory at a time, and a unit that fails is a problem and spoils no other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from vigie.misconfig.graph import Graph
from vigie.misconfig.value import Cause
from vigie.model.inventory import Problem
from vigie.settings.groups import MisconfigOptions


class Files(Protocol):
    """The files of what is scanned. Paths are relative to its root, with `/`, never leaving it."""

    def paths(self, language: str) -> Sequence[str]:
        """Files recognised as of this language, sorted."""

    def read(self, path: str) -> bytes | None:
        """The bytes of any file beneath the root, recognised or not; None when there is none, it is a link that leaves
        the root, or it is too large."""

    def glob(self, pattern: str) -> Iterable[str]:
        """Paths of files beneath the root that match (`**` crosses folders)."""


class Unit(Struct, frozen=True):
    """What is loaded and judged together. path: its main file or folder (a root module's), which orders results.
    files: those that count as read by it. weight: bytes, for sharing units among processes."""

    language: str
    path: str
    files: tuple[str, ...] = ()
    weight: int = 0


class Project(Struct, kw_only=True):
    """A loaded unit.

    graph: for languages that feed the cloud model. objects: for those that are judged as they are, by check path
    (`dockerfile.file`, `kubernetes.container`); applicable: ids of the checks that have something to judge here, None
    for all; inputs: the documents of the file, when a check passes or fails in each by itself. target: where passes
    are reported (`.` for the root module at the root). type: the results' type when it is not the language's name.
    texts: files whose text is not that of the tree (rendered templates, modules from elsewhere), by the path that
    causes name. render: the resolved text of a cause (`--render-cause`). origins: per cause the ranges that made its
    value (variables, locals, arguments of modules).
    """

    target: str
    graph: Graph | None = None
    objects: Mapping[str, Sequence[Any]] = {}
    applicable: Collection[str] | None = None
    inputs: Sequence[Cause] = ()
    problems: Sequence[Problem] = ()
    type: str = ""
    texts: Mapping[str, bytes] = {}
    render: Callable[[Any], str] | None = None
    origins: Callable[[Any], Sequence[Any]] | None = None
    workspace: str = "default"


class Language(Struct, frozen=True, kw_only=True):
    """A language. name: its id in `--misconfig-scanners` and its results' type; title: in findings (`Terraform Security
    Check`). globs: files that may be of it; without any, what it judges is no file and nobody chooses it. recognise:
    whether a file that matches is, by path and bytes. split and load: as above; load raises ValueError, OSError or
    VigieError for a unit that cannot be read at all.
    """

    name: str
    title: str
    globs: tuple[str, ...]
    recognise: Callable[[str, bytes], bool]
    split: Callable[[Files], Iterable[Unit]]
    load: Callable[[Unit, Files, MisconfigOptions], Project]
    comments: bool = True
    """Whether comments of its files may hold ignores."""
    batch: bool = False
    """Whether a check that applies to one unit counts as passed in all others where it finds nothing."""
    prepare: Callable[[MisconfigOptions], None] | None = None
    """Reads what options name (a file may be standard input), once and before the work is shared among processes.
    Called when there are units. Raises UsageError."""
