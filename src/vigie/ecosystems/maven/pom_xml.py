"""pom.xml as it is written: the elements that say what a project is and needs, before inheritance and properties.

Hostile documents are bounded in size, depth and number of elements, and may not declare entities. Undeclared entities
(`&eacute;` in a developer's name) are skipped, as Maven's own reader knows the usual ones.
Source: the POM reference and the Maven 4.0.0 schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from vigie import spdx
from vigie.scanner.analyzer import ParseError

if TYPE_CHECKING:
    from xml.parsers.expat import XMLParserType

LARGEST = 16 << 20
DEEPEST = 100
MOST_ELEMENTS = 500_000
SCALARS = ("groupId", "artifactId", "version", "packaging", "name", "description", "url", "inceptionYear")
WANTED = frozenset((*SCALARS, "parent", "properties", "licenses", "dependencies", "dependencyManagement", "modules"))
"""Children of `project` that are read; profiles, plug-ins and the build are not."""
DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
MULTI_BYTE = re.compile(r"gb|big5|shift|sjis|euc|iso-?2022|cp9|ms9|ks_c|johab", re.IGNORECASE)
"""Encodings that the XML reader leaves to Python."""
BLANKS = b"\xef\xbb\xbf \t\r\n"


class Dependency(Struct, frozen=True):
    """One `<dependency>` as written. optional: the text, "" when unsaid. lines: of the whole element."""

    group: str
    artifact: str
    version: str = ""
    type: str = ""
    classifier: str = ""
    scope: str = ""
    optional: str = ""
    exclusions: tuple[tuple[str, str], ...] = ()
    lines: tuple[int, int] = (0, 0)


class Parent(Struct, frozen=True):
    """`<parent>`. relative_path: None when it is not written, "" when it is empty (look in repositories only)."""

    group: str
    artifact: str
    version: str
    relative_path: str | None = None


Key = tuple[str, str, str, str]
"""Group, artifact, type and classifier: what tells dependencies of one project apart."""


class Management(Struct, frozen=True):
    """The entries of `dependencyManagement`, for look-ups without putting properties into all of them.

    static: entries whose key has no properties. dynamic: others by artifact, and `unnamed` those whose artifact has
    properties. imports: projects whose management counts here too.
    """

    static: dict[Key, Dependency]
    dynamic: dict[str, list[Dependency]]
    unnamed: list[Dependency]
    imports: list[Dependency]


class Pom(Struct, frozen=True):
    """One pom.xml. scalars: texts of simple children of `project`. licenses: normalised, names before addresses."""

    parent: Parent | None
    scalars: dict[str, str]
    properties: dict[str, str]
    licenses: tuple[str, ...]
    dependencies: tuple[Dependency, ...]
    managed: Management
    modules: tuple[str, ...]


class Element:
    """One element: its own text, its children, and the lines of its tags."""

    __slots__ = ("children", "end", "pieces", "start", "tag")

    def __init__(self, tag: str, start: int) -> None:
        self.tag, self.start, self.end = tag, start, start
        self.pieces: list[str] = []
        self.children: list[Element] = []

    @property
    def text(self) -> str:
        """Without blanks around it."""
        return "".join(self.pieces).strip()

    def texts(self) -> dict[str, str]:
        """Texts of the children by tag; of two with one tag the later."""
        return {child.tag: child.text for child in self.children}

    def below(self, *tags: str) -> Iterator[Element]:
        """Descendants along a path of tags."""
        if not tags:
            yield self
            return
        for child in self.children:
            if child.tag == tags[0]:
                yield from child.below(*tags[1:])


def parse_pom(data: bytes) -> Pom:
    """Reads a pom.xml. Raises ParseError, with the line when it is known."""
    project = _project(data)
    parents = [element.texts() for element in project.below("parent")]
    return Pom(
        parent=_parent(parents[-1]) if parents else None,
        scalars={child.tag: child.text for child in project.children if not child.children},
        properties={entry.tag: entry.text for each in project.below("properties") for entry in each.children},
        licenses=spdx.unique(
            stated.get("name") or stated.get("url", "")
            for stated in (element.texts() for element in project.below("licenses", "license"))
        ),
        dependencies=tuple(map(_dependency, project.below("dependencies", "dependency"))),
        managed=_management(map(_dependency, project.below("dependencyManagement", "dependencies", "dependency"))),
        modules=tuple(element.text for element in project.below("modules", "module")),
    )


def is_static(text: str) -> bool:
    """Whether a text names no properties."""
    return "${" not in text


def _management(entries: Iterable[Dependency]) -> Management:
    """Of two entries for one dependency the later counts, so it goes first."""
    found = Management({}, {}, [], [])
    for entry in entries:
        if entry.scope == "import":
            found.imports.append(entry)
        elif not is_static(entry.artifact):
            found.unnamed.insert(0, entry)
        elif all(map(is_static, (entry.group, entry.type, entry.classifier))):
            found.static[entry.group, entry.artifact, entry.type or "jar", entry.classifier] = entry
        else:
            found.dynamic.setdefault(entry.artifact, []).insert(0, entry)
    return found


def _parent(stated: dict[str, str]) -> Parent:
    return Parent(
        stated.get("groupId", ""), stated.get("artifactId", ""), stated.get("version", ""), stated.get("relativePath")
    )


def _dependency(element: Element) -> Dependency:
    stated = element.texts()
    return Dependency(
        group=stated.get("groupId", ""),
        artifact=stated.get("artifactId", ""),
        version=stated.get("version", ""),
        type=stated.get("type", ""),
        classifier=stated.get("classifier", ""),
        scope=stated.get("scope", ""),
        optional=stated.get("optional", ""),
        exclusions=tuple(
            (excluded.get("groupId", ""), excluded.get("artifactId", ""))
            for excluded in (each.texts() for each in element.below("exclusions", "exclusion"))
        ),
        lines=(element.start, element.end),
    )


def _project(data: bytes) -> Element:
    """The outermost element with what is wanted of it."""
    from xml.parsers import expat

    if len(data) > LARGEST:
        raise ParseError(f"is larger than the {LARGEST >> 20} MiB that are read")
    data, encoding = _transcoded(data)
    parser = expat.ParserCreate(encoding)
    building = _Building(parser)
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ParseError(f"is not valid XML: {expat.ErrorString(error.code)}", error.lineno) from error
    except LookupError as error:
        raise ParseError(f"is not valid XML: {error.args[0]}", 1) from error
    except UnicodeError as error:
        raise ParseError("is not in the encoding that it declares", parser.CurrentLineNumber) from error
    root = building.root
    if root is None or root.tag != "project":
        raise ParseError(f"is no Maven project: its outermost element is {root.tag if root else 'missing'}")
    return root


def _transcoded(data: bytes) -> tuple[bytes, str | None]:
    """The document, as UTF-8 when its declared encoding has several bytes to a letter. Raises ParseError."""
    declared = DECLARED.match(data.lstrip(BLANKS))
    name = declared[1].decode() if declared else ""
    if not MULTI_BYTE.match(name):
        return data.lstrip(b" \t\r\n"), None
    try:
        return data.decode(name).lstrip().encode(), "utf-8"
    except LookupError as error:
        raise ParseError(f"declares the unknown encoding {name}", 1) from error
    except UnicodeError as error:
        raise ParseError(f"is not in the encoding {name} that it declares", 1) from error


class _Building:
    """Expat's events become elements; what is not wanted only counts its depth."""

    def __init__(self, parser: XMLParserType) -> None:
        self.root: Element | None = None
        self._parser = parser
        self._open: list[Element] = []
        self._skipped = 0
        self._count = 0
        parser.buffer_text = True
        # Without this, entities that no declaration explains would be errors; nothing is fetched for it.
        parser.UseForeignDTD(True)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._entity

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        depth = len(self._open)
        if self._count > MOST_ELEMENTS:
            raise ParseError(f"has more than {MOST_ELEMENTS} elements", self._parser.CurrentLineNumber)
        if depth + self._skipped >= DEEPEST:
            raise ParseError(f"is nested more than {DEEPEST} levels deep", self._parser.CurrentLineNumber)
        tag = name.rpartition(":")[2]
        if self._skipped or (depth == 1 and tag not in WANTED):
            self._skipped += 1
            return
        element = Element(tag, self._parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, name: str) -> None:
        if self._skipped:
            self._skipped -= 1
        else:
            self._open.pop().end = self._parser.CurrentLineNumber

    def _text(self, text: str) -> None:
        if not self._skipped and self._open:
            self._open[-1].pieces.append(text)

    def _entity(self, *_: object) -> None:
        raise ParseError("declares entities, which Maven projects have no use for", self._parser.CurrentLineNumber)
