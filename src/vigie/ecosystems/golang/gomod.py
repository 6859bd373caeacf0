"""go.mod, with go.sum where go.mod does not name all modules. Source: the Go modules reference."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from vigie.ecosystems.golang.ecosystem import module_id, module_purl
from vigie.model.package import Location, Package, Relationship
from vigie.scanner.analyzer import File, Group, ParseError, analyzer

STATED_SINCE = (1, 17)
"""From this language version on go.mod names indirect modules too."""
INDIRECT = re.compile(r"\s*indirect\s*(?:;|$)")
TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|`([^`]*)`|(=>|[()])|([^\s()"`]+)')


class Required(Struct):
    """One module asked for."""

    path: str
    version: str
    relationship: Relationship
    line: int


class Module(Struct):
    """What a go.mod says. replaced: (path, version or "") → (path, version or "" for a folder)."""

    path: str = ""
    go: str = ""
    required: dict[str, Required] = {}
    replaced: dict[tuple[str, str], tuple[str, str]] = {}


@analyzer("gomod", "**/go.mod", companions=("**/go.sum",), group=Group.LOCKFILE, type="gomod", version=3)
def gomod(file: File) -> Iterator[Package]:
    """The module itself is the root; modules replaced by a folder are part of the project and left out."""
    module = parse(file.text())
    required = list(_chosen(module))
    sums = file.beside("go.sum")
    if _names_direct_only(module.go) and sums is not None:
        required = [entry for entry in required if entry.relationship == "direct"]
    if not any(entry.relationship == "indirect" for entry in required):
        required += _summed(sums or b"", {entry.path for entry in required}, module)
    ids = {entry.path: module_id(entry.path, entry.version) for entry in required}
    if module.path:
        yield Package(
            name=module.path,
            version="",
            id=module.path,
            purl=module_purl(module.path, ""),
            relationship="root",
            # The peer's order: direct ones by id, then the others by path.
            depends_on=(*sorted(_ids(required, "direct")), *_ids(required, "indirect")),
        )
    for entry in required:
        yield Package(
            name=entry.path,
            version=entry.version,
            id=ids[entry.path],
            purl=module_purl(entry.path, entry.version),
            relationship=entry.relationship,
            locations=(Location(entry.line, entry.line),) if entry.line else (),
        )


def _ids(required: Iterable[Required], relationship: Relationship) -> list[str]:
    chosen = sorted((entry.path, entry.version) for entry in required if entry.relationship == relationship)
    return [module_id(path, version) for path, version in chosen]


def parse(text: str) -> Module:
    """Reads the directives that matter: module, go, require, replace. Raises ParseError at the line that is none."""
    module = Module()
    block = ""
    for number, line in enumerate(text.splitlines(), start=1):
        code, _, comment = line.partition("//")
        words = ["".join(found) for found in TOKEN.findall(code)]
        if not words:
            continue
        if block and words == [")"]:
            block = ""
        elif not block and len(words) == 2 and words[1] == "(":
            block = words[0]
        else:
            verb, arguments = (block, words) if block else (words[0], words[1:])
            _directive(module, verb, arguments, comment, number)
    if block:
        raise ParseError(f"the block of {block} is not closed")
    return module


def _directive(module: Module, verb: str, words: list[str], comment: str, line: int) -> None:
    if verb == "module" and words:
        module.path = words[0]
    elif verb == "go" and words:
        module.go = words[0]
    elif verb == "require":
        if len(words) < 2:
            raise ParseError("require needs a module and a version", line)
        indirect = INDIRECT.match(comment) is not None
        module.required[words[0]] = Required(words[0], words[1], "indirect" if indirect else "direct", line)
    elif verb == "replace":
        try:
            arrow = words.index("=>")
        except ValueError:
            raise ParseError("replace needs an arrow", line) from None
        old, new = words[:arrow], words[arrow + 1 :]
        if not old or not new:
            raise ParseError("replace needs a module on both sides", line)
        module.replaced[old[0], old[1] if len(old) > 1 else ""] = (new[0], new[1] if len(new) > 1 else "")


def _chosen(module: Module) -> Iterator[Required]:
    """What is required, after replacements."""
    for entry in module.required.values():
        replacement = module.replaced.get((entry.path, entry.version)) or module.replaced.get((entry.path, ""))
        if replacement is None:
            yield entry
        elif replacement[1]:
            yield Required(replacement[0], replacement[1], entry.relationship, entry.line)


def _names_direct_only(go: str) -> bool:
    """Whether indirect modules of this file are an incomplete list. A file without a version is from before 1.17."""
    numbers = tuple(int(part) for part in re.findall(r"\d+", go)[:2])
    return numbers < STATED_SINCE


def _summed(sums: bytes, known: set[str], module: Module) -> Iterator[Required]:
    """Modules that only go.sum names; the last version of each, as the newest one is chosen. What replaces a module has
    a line of its own there."""
    versions: dict[str, str] = {}
    for line in sums.decode("utf-8", errors="replace").splitlines():
        words = line.split()
        if len(words) == 3:
            versions[words[0]] = words[1].removesuffix("/go.mod")
    for path, version in versions.items():
        replaced = (path, version) in module.replaced or (path, "") in module.replaced
        if path not in known and not replaced:
            yield Required(path, version, "indirect", 0)
