"""Red Hat Enterprise Linux, and what its images say about how they were built."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from vigie.distros.databases.rpm import judged
from vigie.distros.end_of_life import schedule
from vigie.distros.modularity import prefixed, same_module
from vigie.distros.release_files import PREFIXES, statements
from vigie.model.advisory import Advisory
from vigie.model.inventory import BuildInfo, Fact, OperatingSystem, PackageRepository
from vigie.model.package import Package
from vigie.scanner.analyzer import File, Group, ParseError, analyzer
from vigie.scanner.distro import Distro, Platform, major
from vigie.versions.rpm import ORDERING

COMPONENT_LABELS = frozenset({"com.redhat.component", "bzcomponent"})
INSTRUCTION = re.compile(r"\s*([A-Za-z]+)\s+(.*)", re.DOTALL)
PAIR = re.compile(r"""("[^"]*"|'[^']*'|(?<![^\s="'])[^\s="']+)\s*=\s*("(?:\\.|[^"\\])*"|'[^']*'|[^\s"']*)""", re.DOTALL)
VARIABLE = re.compile(r"\$(?:\{(\w{1,200})(?::?-([^}]{0,1000}))?\}|(\w+))")
LONGEST_FILE, LONGEST_VALUE = 1 << 20, 4096
"""Bytes and characters: variables that hold variables may grow without end."""


@analyzer("redhat", "etc/redhat-release", group=Group.SYSTEM)
def redhat_release(file: File) -> Iterator[Fact]:
    """The family that the first line names; any other name is a Red Hat product's."""
    for prefix, release in statements(file):
        yield OperatingSystem(PREFIXES.get(prefix, "redhat"), release)
        return


@analyzer(
    "redhat-content-manifest",
    "root/buildinfo/content_manifests/*.json",
    "usr/share/buildinfo/*.json",
    group=Group.SYSTEM,
)
def content_manifest(file: File) -> Iterator[Fact]:
    """The repositories (content sets) that an image's packages came from."""
    try:
        manifest: Any = msgspec.json.decode(file.bytes())
    except msgspec.DecodeError as error:
        raise ParseError(f"is no JSON: {error}") from None
    sets = manifest.get("content_sets") if isinstance(manifest, dict) else None
    if isinstance(sets, list) and (names := tuple(name for name in sets if isinstance(name, str))):
        yield BuildInfo(content_sets=names)


@analyzer("redhat-dockerfile", "root/buildinfo/Dockerfile*", group=Group.SYSTEM)
def dockerfile(file: File) -> Iterator[Fact]:
    """The image's own name-version-release, from the labels of the Dockerfile that Red Hat leaves in it; version and
    release stand in the file's name (`Dockerfile-ubi8-8.5-218`)."""
    if len(file.bytes()) > LONGEST_FILE:
        raise ParseError("is too long for a Dockerfile")
    found = labels(file.text())
    component = next((value for name, value in found if name in COMPONENT_LABELS), "")
    arch = next((value for name, value in found if name == "architecture"), "")
    pieces = file.name.split("-")
    if component and arch and len(pieces) > 2:
        yield BuildInfo(nvr=f"{component}-{pieces[-2]}-{pieces[-1]}", arch=arch)


def labels(text: str) -> list[tuple[str, str]]:
    """The labels that a Dockerfile sets, names lower-cased, values with its ARG and ENV variables filled in, the last
    one first."""
    variables: dict[str, str] = {}
    found: list[tuple[str, str]] = []
    for line in re.sub(r"\\[ \t]*\n", " ", re.sub(r"(?m)^[ \t]*#.*\n?", "", text)).split("\n"):
        if not (match := INSTRUCTION.match(line)):
            continue
        word = match[1].upper()
        if word not in ("ARG", "ENV", "LABEL"):
            continue
        pairs = [(_value(name, variables), _value(value, variables)) for name, value in PAIR.findall(match[2])]
        if not pairs and word != "ARG":
            # The old form has one name, a blank, and the rest as the value.
            name, _, value = match[2].strip().partition(" ")
            pairs = [(name, _value(value.strip(), variables))]
        if word == "LABEL":
            found += [(name.lower(), value) for name, value in pairs]
        else:
            variables |= dict(pairs)
    return found[::-1]


def _value(text: str, variables: dict[str, str]) -> str:
    if text[:1] == "'":
        return text[1:-1]
    bare = text[1:-1] if text[:1] == '"' else text
    bare = bare[:LONGEST_VALUE]
    return VARIABLE.sub(lambda match: variables.get(match[1] or match[3], match[2] or ""), bare)[:LONGEST_VALUE]


def platform(system: OperatingSystem, repository: PackageRepository | None, today: date) -> Platform:
    """One bucket for all releases, told apart by CPE; OSV records by the major number."""
    del repository, today
    return Platform("Red Hat", osv_binary=(f"x_RHEL-binary:{major(system.name)}",))


def applies(advisory: Advisory, package: Package) -> bool:
    """An advisory names the architectures it was built for, if any; `noarch` packages are part of all."""
    arches = advisory.arches
    return (not arches or package.arch == "noarch" or package.arch in arches) and same_module(advisory, package)


REDHAT = Distro(
    name="redhat",
    package_type="rpm",
    ordering=ORDERING,
    platform=platform,
    lookup=prefixed,
    judges=judged,
    applies=applies,
    report_unfixed=True,
    parsed_fix=True,
    preset_severity="redhat",
    vendor_ids=True,
    end_of_life=schedule("4=2017-05-31 5=2020-11-30 6=2024-06-30 7=3000-01-01 8=3000-01-01 9=3000-01-01 10=3000-01-01"),
    end_of_life_key=lambda system, _: major(system.name),
)
