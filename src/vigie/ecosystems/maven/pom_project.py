"""A Maven project as it is meant: with what it inherits, and with its properties in place.

Source: the POM reference and Maven's introductions to dependencies and to the POM (inheritance, interpolation).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

import msgspec
from msgspec import Struct

from vigie.ecosystems.maven.pom_xml import Dependency, Key, Parent, Pom

replace = msgspec.structs.replace

INNERMOST = re.compile(r"\$\{([^${}]*)\}")
MOST_EXPANSIONS = 200
DEEPEST_EXPANSION = 50
LONGEST = 10_000
"""Letters of an expanded text; properties can multiply each other."""
MOST_IMPORTS = 200
HARD = re.compile(r"\[([^\[\](),]+)\]")
UNVERSIONED = ("LATEST", "RELEASE")
NO_EXCLUSIONS: frozenset[tuple[str, str]] = frozenset()
NO_VERSION = "the project gives none"


class Needed(Struct, frozen=True):
    """A dependency as it is meant.

    name: `group:artifact`. version: "" when it is not known, and then `why` says so. hard: no other version will do.
    lines: in the project's own file, None when it is inherited.
    """

    key: Key
    name: str
    version: str = ""
    scope: str = ""
    optional: bool = False
    exclusions: frozenset[tuple[str, str]] = NO_EXCLUSIONS
    hard: bool = False
    why: str = ""
    lines: tuple[int, int] | None = None

    @property
    def shipped(self) -> bool:
        """Whether it is part of what is built: not for tests only, not provided by the surroundings."""
        return self.scope in ("", "compile", "runtime") and not self.optional


Find = Callable[[str, str, str], "Project | None"]
"""Finds a project by group, artifact and version; None when it is not known."""


class Project:
    """chain: the file itself, its parent, that one's parent, and so on. missing_parent: the first that is not there.
    missing_imports: projects that management should be imported from and that are not there, as far as was asked."""

    def __init__(self, chain: tuple[Pom, ...], missing_parent: Parent | None, find: Find) -> None:
        self.chain, self.missing_parent, self._find = chain, missing_parent, find
        self.missing_imports: dict[str, None] = {}
        self._values: dict[str, tuple[str, str]] = {}
        self._managed: dict[Key, Needed | None] = {}
        self.group, self.artifact, self.version = (
            self.expand(self._element(name) or "")[0] for name in ("groupId", "artifactId", "version")
        )
        self.name = f"{self.group}:{self.artifact}"
        self.licenses = next((pom.licenses for pom in chain if pom.licenses), ())

    def expand(self, text: str, active: frozenset[str] = frozenset()) -> tuple[str, str]:
        """The text with the values of its properties, and the name of the first that is not known, "" for none. Unknown
        ones count as empty. active: properties that are being expanded, to tell loops."""
        if "${" not in text:
            return text, ""
        unknown = ""
        for _ in range(MOST_EXPANSIONS):
            found = INNERMOST.search(text)
            if found is None:
                return text, unknown
            value, missing = self._value(found[1].strip(), active)
            unknown = unknown or missing
            text = text[: found.start()] + value + text[found.end() :]
            if len(text) > LONGEST:
                break
        return "", unknown or INNERMOST.sub("", text)[:40]

    def _value(self, name: str, active: frozenset[str]) -> tuple[str, str]:
        if name not in self._values:
            raw = self._raw(name)
            if raw is None or name in active or len(active) == DEEPEST_EXPANSION:
                return "", name
            self._values[name] = self.expand(raw, active | {name})
        return self._values[name]

    def _raw(self, name: str) -> str | None:
        """What stands for a name, not expanded. The project's own elements go before properties when they are named in
        full, and after them when they are not. The environment of whoever scans is not asked."""
        prefix, _, rest = name.partition(".")
        full = rest if prefix in ("project", "pom") else ""
        if full and (found := self._element(full)) is not None:
            return found
        for pom in self.chain:
            if name in pom.properties:
                return pom.properties[name]
        return None if full else self._element(name)

    def _element(self, name: str) -> str | None:
        """The text of a simple element of the project, None when it has none."""
        own, parent = self.chain[0], self.chain[0].parent
        if parent is not None and name.startswith("parent."):
            of_parent = {"groupId": parent.group, "artifactId": parent.artifact, "version": parent.version}
            return of_parent.get(name.removeprefix("parent."))
        if found := own.scalars.get(name):
            return found
        if parent is not None and name in ("groupId", "version"):
            return parent.group if name == "groupId" else parent.version
        if name in ("url", "description", "inceptionYear"):
            return next((pom.scalars[name] for pom in self.chain if pom.scalars.get(name)), None)
        return "jar" if name == "packaging" else None

    @cached_property
    def dependencies(self) -> tuple[Needed, ...]:
        """What it needs directly, inherited ones last, each with the version and scope that are managed for it."""
        found: dict[Key, Needed] = {}
        for depth, pom in enumerate(self.chain):
            nearer = set(found)
            for dependency in pom.dependencies:
                key = self._key(dependency)
                if key not in nearer:
                    needed = self._needed(dependency, key)
                    lines = None if depth else dependency.lines
                    found[key] = self._completed(replace(needed, lines=lines), dependency)
        return tuple(found.values())

    @cached_property
    def shipped(self) -> tuple[Needed, ...]:
        """Those of its dependencies that are part of what is built."""
        return tuple(needed for needed in self.dependencies if needed.shipped)

    def _completed(self, needed: Needed, written: Dependency) -> Needed:
        """A direct dependency with what is managed for it where it says nothing itself."""
        managed = self.managed(needed.key)
        if managed is None:
            return needed if needed.version or needed.why else replace(needed, why=NO_VERSION)
        version = needed if needed.version or needed.why else managed
        return replace(
            needed,
            version=version.version,
            hard=version.hard,
            why=version.why or ("" if version.version else NO_VERSION),
            scope=needed.scope or managed.scope,
            optional=needed.optional if written.optional else managed.optional,
            exclusions=needed.exclusions | managed.exclusions,
        )

    def managed(self, key: Key) -> Needed | None:
        """What is managed for a dependency, here, in a parent or in an imported project."""
        if key not in self._managed:
            self._managed[key] = None  # for projects that import each other
            self._managed[key] = self._managed_for(key)
        return self._managed[key]

    def _managed_for(self, key: Key) -> Needed | None:
        for pom in self.chain:
            found = pom.managed.static.get(key)
            if found is None:
                others = (*pom.managed.dynamic.get(key[1], ()), *pom.managed.unnamed)
                found = next((entry for entry in others if self._key(entry) == key), None)
            if found is not None:
                return self._needed(found, key)
        found_there = (bom.managed(key) for bom in self._imported)
        return next((managed for managed in found_there if managed is not None), None)

    @cached_property
    def _imported(self) -> tuple[Project, ...]:
        """Projects whose management is imported, as far as they are there."""
        found = []
        for entry in [entry for pom in self.chain for entry in pom.managed.imports][:MOST_IMPORTS]:
            group, artifact, *_ = self._key(entry)
            version = self.expand(entry.version)[0]
            bom = self._find(group, artifact, version)
            if bom is None:
                self.missing_imports[f"{group}:{artifact}:{version}".rstrip(":")] = None
            elif bom is not self:
                found.append(bom)
        return tuple(found)

    def _key(self, dependency: Dependency) -> Key:
        text = self._text
        return (
            text(dependency.group),
            text(dependency.artifact),
            text(dependency.type) or "jar",
            text(dependency.classifier),
        )

    def _text(self, text: str) -> str:
        return self.expand(text)[0] if "${" in text else text

    def _needed(self, dependency: Dependency, key: Key) -> Needed:
        text = self._text
        version, unknown = self.expand(dependency.version)
        version, hard, why = ("", False, f"${{{unknown}}} has no value") if unknown else _one_version(version)
        return Needed(
            key=key,
            name=f"{key[0]}:{key[1]}",
            version=version,
            scope=text(dependency.scope).lower(),
            optional=text(dependency.optional).lower() == "true",
            exclusions=frozenset((text(group), text(artifact)) for group, artifact in dependency.exclusions)
            if dependency.exclusions
            else NO_EXCLUSIONS,
            hard=hard,
            why=why,
        )


def _one_version(text: str) -> tuple[str, bool, str]:
    """A version, whether it is the only one that will do, and why it is not known."""
    if text in UNVERSIONED:
        return "", False, f"{text} is another one every day"
    if text[:1] in ("[", "("):
        exact = HARD.fullmatch(text)
        return (exact[1].strip(), True, "") if exact else ("", False, f"{text[:80]} is a range")
    return text, False, ""
