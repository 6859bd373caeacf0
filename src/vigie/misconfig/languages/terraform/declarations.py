"""What the files of one folder declare, read once for all instances of the module."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from vigie.misconfig.languages.terraform.syntax import Argument, Body, Nested, Source

K = TypeVar("K")

SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")

HARMLESS = frozenset(
    {
        *("terraform", "moved", "import", "removed", "check", "ephemeral", "action", "language", "required_providers"),
    }
)
"""Blocks that say nothing about resources."""


class Declarations:
    """Everything by name. resources: by mode (`""`, `data`), type and name. problems: file and line, and what.

    Terraform refuses two blocks of one name, but a folder of examples is judged all the same: the second is a resource
    of its own, under a name that no reference has, and references mean the one in their own file. again: those blocks;
    names: their names by mode, type, name and file.
    """

    __slots__ = (
        *("again", "calls", "locals", "names", "outputs", "problems", "providers", "resources", "sources"),
        "variables",
    )

    def __init__(self) -> None:
        self.variables: dict[str, Nested] = {}
        self.locals: dict[str, Argument] = {}
        self.outputs: dict[str, Nested] = {}
        self.calls: dict[str, Nested] = {}
        self.providers: list[Nested] = []
        self.resources: dict[tuple[str, str, str], Nested] = {}
        self.sources: Sequence[Source] = ()
        self.problems: list[tuple[str, str]] = []
        self.again: list[Nested] = []
        self.names: dict[tuple[str, str, str, int], str] = {}

    @property
    def weight(self) -> int:
        """Bytes of the files."""
        return sum(len(source.data) for source in self.sources)


def is_override(path: str) -> bool:
    """Whether a file changes what others declare."""
    stem = path.rpartition("/")[2].partition(".")[0]
    return stem == "override" or stem.endswith("_override")


def declare(sources: Iterable[Source]) -> Declarations:
    """What files declare, in the order of their names; override files last."""
    found = Declarations()
    found.sources = ordered = sorted(sources, key=lambda source: (is_override(source.path), source.path))
    for source in ordered:
        override = is_override(source.path)
        found.problems += [(f"{source.shown}:{line}", what) for line, what in source.errors]
        for block in source.body.blocks:
            _declare(found, block, override)
        for argument in source.body.arguments.values():
            found.problems.append((argument.place, f"{argument.name} stands outside of a block"))
    if found.again:
        first = found.again[0]
        more = f", as are {len(found.again) - 1} more" if len(found.again) > 1 else ""
        what = f"{first.type} {'.'.join(first.labels)} is declared more than once{more}; each was judged"
        found.problems.append((first.place, what))
    return found


def _declare(found: Declarations, block: Nested, override: bool) -> None:
    kind, labels = block.type, block.labels
    wanted = _LABELS.get(kind)
    if wanted is None:
        if kind not in HARMLESS:
            found.problems.append((block.place, f"unknown kind of block: {kind[:50]}"))
        return
    if len(labels) != wanted:
        found.problems.append((block.place, f"a {kind} block has {wanted} labels"))
        return
    if kind == "locals":
        for name, argument in block.body.arguments.items():
            if name in found.locals and not override:
                found.problems.append((argument.place, f"local.{name} is declared more than once; the last one counts"))
            found.locals[name] = argument
    elif kind == "provider":
        found.providers.append(block)
    elif kind in ("resource", "data"):
        key = ("data" if kind == "data" else "", labels[0], labels[1])
        if not _put(found, found.resources, key, block, override):
            found.resources[key[0], key[1], _again(block)] = block
            if found.resources[key].source is not block.source:
                found.names.setdefault((*key, id(block.source)), _again(block))
    else:
        table = {"variable": found.variables, "output": found.outputs, "module": found.calls}[kind]
        if not _put(found, table, labels[0], block, override):
            table[_again(block)] = block


_LABELS = {"locals": 0, "provider": 1, "variable": 1, "output": 1, "module": 1, "resource": 2, "data": 2}


def _put(found: Declarations, table: dict[K, Nested], key: K, block: Nested, override: bool) -> bool:
    """Whether the block found its place."""
    before = table.get(key)
    if before is None:
        table[key] = block
    elif override:
        table[key] = _merged(before, block)
    else:
        found.again.append(block)
        return False
    return True


def _again(block: Nested) -> str:
    """The name of a block whose own name is taken."""
    return f"{block.labels[-1]} {block.place}"


def _merged(block: Nested, override: Nested) -> Nested:
    """A block with the arguments of another over its own; nested blocks of a type that the other has are replaced."""
    replaced = {_nested_type(nested) for nested in override.body.blocks}
    kept = [nested for nested in block.body.blocks if _nested_type(nested) not in replaced]
    body = Body({**block.body.arguments, **override.body.arguments}, [*kept, *override.body.blocks])
    return Nested(block.type, block.labels, block.start, block.end, body, block.source)


def _nested_type(block: Nested) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type
