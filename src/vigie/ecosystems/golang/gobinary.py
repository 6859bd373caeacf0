"""Go binaries: the toolchain, the main module and the modules it was built from, as the linker wrote them down.

Source: the format of `go version -m`, documented with the package debug/buildinfo.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from itertools import pairwise

from vigie._core import Executable
from vigie.ecosystems.golang.ecosystem import module_id, module_purl
from vigie.model.package import Package, Relationship
from vigie.scanner.analyzer import File, Group, ParseError, Reader, analyzer

PSEUDO = re.compile(r"v\d+\.\d+\.\d+-(?:[\w.]*\.)?\d{14}-[0-9a-f]{12}(\+\S+)?$")
_NUMBER = r"(?:0|[1-9]\d*)"
_PIECE = rf"(?:{_NUMBER}|\d*[A-Za-z-][0-9A-Za-z-]*)"
_BUILD = r"[0-9A-Za-z-]+"
SEMVER = re.compile(
    rf"v?{_NUMBER}(?:\.{_NUMBER}(?:\.{_NUMBER}(?:-{_PIECE}(?:\.{_PIECE})*)?(?:\+{_BUILD}(?:\.{_BUILD})*)?)?)?"
)
"""Semantic versions as the Go command reads them: minor and patch may be missing, but then nothing follows."""
EXPERIMENTS = re.compile("[ -]X:")
SETTING = re.compile(r"\.(?:version|ver)$", re.IGNORECASE)
USUAL = ("main.", "common.", "version.", "cmd.")
Module = tuple[str, str]


@analyzer("gobinary", group=Group.INSTALLED, type="gobinary", reader=Reader.EXECUTABLE, version=2)
def gobinary(file: File) -> Iterator[Package]:
    """The standard library is a package of its own: its advisories are the most frequent ones in Go."""
    program = file.content
    if not isinstance(program, Executable) or not program.go_version:
        return
    library = ("stdlib", _toolchain(program.go_version))
    try:
        main, modules, flags = _modules(program.go_modinfo)
    except ParseError:
        yield _package(*library, "direct")
        raise
    modules.insert(0, library)
    packages = [
        _package(path, version, "direct" if path == "stdlib" else "unknown")
        for path, version in dict.fromkeys(modules)
        if path
    ]
    if main[0]:
        version = _main_version(main, flags, program.go_symbols)
        depends_on = tuple(sorted(package.id for package in packages))
        yield _package(main[0], version, "root", depends_on)
    yield from packages


def _package(path: str, version: str, relationship: Relationship, depends_on: tuple[str, ...] = ()) -> Package:
    return Package(
        name=path,
        version=version,
        id=module_id(path, version),
        purl=module_purl(path, version),
        relationship=relationship,
        depends_on=depends_on,
    )


def _toolchain(version: str) -> str:
    """`go1.22.3 X:…` is `v1.22.3`. Toolchains between releases keep their text, which no advisory speaks of."""
    return "v" + EXPERIMENTS.split(version.removeprefix("go"), maxsplit=1)[0]


def _modules(text: str) -> tuple[Module, list[Module], str]:
    """The main module, the others (replacements in place of the replaced) and the linker flags. Raises ParseError."""
    main: Module = ("", "")
    modules: list[Module] = []
    flags = ""
    last_is_main = False
    for line in text.splitlines():
        words = line.split("\t")
        match words[0]:
            case "mod" if len(words) >= 3:
                main, last_is_main = (words[1], _released(words[2])), True
            case "dep" if len(words) >= 3:
                modules.append((words[1], _released(words[2])))
                last_is_main = False
            case "=>" if len(words) >= 3 and (modules or last_is_main):
                if last_is_main:
                    main = (words[1], _released(words[2]))
                else:
                    modules[-1] = (words[1], _released(words[2]))
            case "build" if len(words) >= 2 and words[1].startswith("-ldflags="):
                flags = words[1].removeprefix("-ldflags=")
            case "mod" | "dep" | "=>":
                raise ParseError(f"has build information with a line that is too short: {line[:80]!r}")
    return main, modules, flags


def _released(version: str) -> str:
    return "" if version == "(devel)" else version


def _main_version(main: Module, flags: str, symbols: Iterable[tuple[str, str]]) -> str:
    """The main module's version: as recorded, else one set at link time, else one in a symbol, else the
    pseudo-version."""
    path, recorded = main
    if recorded and not PSEUDO.match(recorded):
        return recorded
    return _guess(path, _link_settings(flags)) or _guess(path, symbols) or recorded


def _link_settings(flags: str) -> list[tuple[str, str]]:
    """`-X key=value` pairs of the linker flags."""
    if flags.startswith('"'):
        flags = flags[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    try:
        words = shlex.split(flags)
    except ValueError:
        return []
    values = [word for flag, word in pairwise(words) if flag == "-X"]
    values += [word.removeprefix("-X=") for word in words if word.startswith("-X=")]
    return [(key, value) for key, equals, value in (word.partition("=") for word in values) if equals]


def _guess(path: str, settings: Iterable[tuple[str, str]]) -> str:
    """The one version among settings named like one; the class of names nearest to the main module decides."""
    classes: tuple[list[str], list[str], list[str]] = ([], [], [])
    for key, value in settings:
        if SETTING.search(key) and SEMVER.fullmatch(value):
            if key.startswith(f"{path}/cmd/"):
                classes[0].append(value)
            elif key.rpartition("/")[2].lower().startswith(USUAL):
                classes[1].append(value)
            else:
                classes[2].append(value)
    for found in classes:
        if found:
            return found[0] if len(found) == 1 else ""
    return ""
