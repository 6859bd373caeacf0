"""Python beyond the cases: names, encodings, hostile eggs, and whatever else a lock file may hold."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.tree import Files
from vigie.ecosystems.license_text import license_of
from vigie.ecosystems.pypi.ecosystem import pypi
from vigie.ecosystems.pypi.egg import python_egg
from vigie.ecosystems.pypi.installed import python_pkg
from vigie.ecosystems.pypi.names import normalise, pypi_purl, requirement_name
from vigie.ecosystems.pypi.pipenv import pipenv
from vigie.ecosystems.pypi.poetry import poetry
from vigie.ecosystems.pypi.pylock import pylock
from vigie.ecosystems.pypi.pyproject import read_asked
from vigie.ecosystems.pypi.requirements import pip
from vigie.ecosystems.pypi.uv import uv
from vigie.model.package import Package
from vigie.scanner.analyzer import Analyzer, File, ParseError

MIT = (
    "Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated\n"
    'documentation files (the "Software"), to deal in the Software without restriction, including …'
)
BSD = "Redistribution and use in source and binary forms, with or without modification, are permitted provided …"


def packages(analyzer: Analyzer, content: bytes, files: dict[str, bytes] | None = None) -> list[Package]:
    facts = list(analyzer.run(File("a/pylock.toml", content, Files(files))))
    return [fact for fact in facts if isinstance(fact, Package)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("foo~=1.0", "foo"),
        ("foo!=1", "foo"),
        ("foo;python_version>'3'", "foo"),
        ("Foo.Bar_baz[extra]>=1", "foo-bar-baz"),
        (" foo @ https://example.com/foo.zip", "foo"),
        ("foo", "foo"),
        ("-e .", ""),
        ("", ""),
    ],
)
def test_requirement_name(text: str, name: str) -> None:
    assert requirement_name(text) == name


def test_names() -> None:
    assert normalise("Zope__Interface.-x") == "zope-interface-x"
    assert pypi_purl("Ruamel.Yaml_Clib", "0.2.7+b") == "pkg:pypi/ruamel.yaml-clib@0.2.7%2Bb"
    assert pypi.normalise("Zope.Interface_x") == "zope.interface-x"
    assert (pypi.trivy, pypi.aggregated) == ("pip", {"python-pkg": "Python"})


def test_what_a_project_asks_for() -> None:
    asked = read_asked(
        b"""
        [project]
        dependencies = ["a~=1", 7]
        [project.optional-dependencies]
        x = ["B[y]"]
        [tool.poetry.dependencies]
        python = "^3.8"
        C_d = "*"
        [tool.poetry.dev-dependencies]
        old = "1"
        [tool.poetry.group.docs.dependencies]
        sphinx = "1"
        [dependency-groups]
        test = ["pytest", {include-group = "lint"}]
        """
    )
    assert asked.main == {"a", "b", "c-d"}
    assert asked.groups == {"old", "sphinx", "pytest"}
    assert asked.described
    assert not read_asked(b'[project]\nname = "a"\n').described


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_requirements_in_any_encoding(encoding: str) -> None:
    (found,) = packages(pip, "# café\r\nclick==8.1.7\r\n".encode(encoding))
    assert (found.name, found.version, found.locations[0].start) == ("click", "8.1.7", 2)


def test_endless_requirement_lines_are_refused() -> None:
    with pytest.raises(ParseError) as refused:
        packages(pip, b"a==1\nb==" + b"[" * 100_000)
    assert refused.value.line == 2


def egg(name: str, content: bytes, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def test_an_egg_is_inflated_only_as_far_as_its_header() -> None:
    header = b"Metadata-Version: 1.0\nName: a\nVersion: 1\n\n"
    (found,) = packages(python_egg, egg("EGG-INFO/PKG-INFO", header + b"0" * (64 << 20)))
    assert (found.name, found.version, found.path) == ("a", "1", "a/pylock.toml")


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_eggs_of_other_compressions_are_named(compression: int) -> None:
    with pytest.raises(ParseError, match="compression"):
        packages(python_egg, egg("EGG-INFO/PKG-INFO", b"Name: a\nVersion: 1\n", compression))


def test_an_egg_that_states_a_huge_directory_is_refused() -> None:
    data = bytearray(egg("EGG-INFO/PKG-INFO", b"Name: a\nVersion: 1\n"))
    end = data.rfind(b"PK\x05\x06")
    data[end + 12 : end + 16] = (1 << 30).to_bytes(4, "little")
    with pytest.raises(ParseError, match="too many files"):
        packages(python_egg, bytes(data))


@given(st.binary(max_size=40), st.integers(0, 150), st.integers(0, 255))
@settings(max_examples=200)
def test_damaged_eggs_are_refused(tail: bytes, at: int, value: int) -> None:
    data = bytearray(egg("EGG-INFO/PKG-INFO", b"Name: a\nVersion: 1\n"))
    data[at % len(data)] = value
    try:
        packages(python_egg, bytes(data) + tail)
    except ParseError as refused:
        assert refused.what


@given(st.lists(st.sampled_from([b"Name: a", b"version:1", b" folded", b"", b"\r", b"License: (c) x", b"\xff\0"])))
@settings(max_examples=200)
def test_any_header_is_read_or_refused(lines: list[bytes]) -> None:
    try:
        (found,) = packages(python_pkg, b"\n".join(lines))
    except ParseError:
        return
    assert found.name.startswith("a")
    assert found.version.startswith("1")


NAMES = st.sampled_from(["a", "B_b", "c.c", ""])
KEYS = st.sampled_from(
    [
        *(
            "name",
            "version",
            "dependencies",
            "optional-dependencies",
            "dev-dependencies",
            "groups",
            "category",
            "source",
        ),
        *(
            "editable",
            "virtual",
            "members",
            "package",
            "manifest",
            "directory",
            "path",
            "default",
            "develop",
            "a",
            "b-b",
        ),
    ]
)
SCALARS = st.one_of(
    st.booleans(), st.integers(-3, 3), NAMES, st.sampled_from(["1.0", ">=1,<2 || >3", "^1.0", "main", "dev", "."])
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=10
)
ENTRY = st.fixed_dictionaries(
    {"name": NAMES, "version": st.sampled_from(["1.0", "2.0", "x"])},
    optional={
        "dependencies": st.dictionaries(NAMES, VALUES) | st.lists(st.fixed_dictionaries({"name": NAMES})) | VALUES,
        "source": st.sampled_from([{"virtual": "."}, {"editable": "x"}, {"registry": "y"}]) | VALUES,
        "groups": st.lists(st.sampled_from(["main", "dev"])) | VALUES,
        "category": SCALARS,
        "directory": VALUES,
        "dev-dependencies": VALUES,
        "optional-dependencies": VALUES,
    },
)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={"package": st.lists(ENTRY, max_size=5) | VALUES, "manifest": VALUES, "project": VALUES, "tool": VALUES},
)


def toml(value: Any) -> str:
    """A value as TOML, tables inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


@given(DOCUMENTS, DOCUMENTS)
@settings(max_examples=300)
def test_any_document_is_read_or_refused(document: dict[str, Any], project: dict[str, Any]) -> None:
    lock = "\n".join(f"{key} = {toml(value)}" for key, value in document.items())
    beside = {"a/pyproject.toml": "\n".join(f"{key} = {toml(value)}" for key, value in project.items()).encode()}
    for analyzer, content in (
        (poetry, lock),
        (uv, lock),
        (pylock, lock.replace("package =", "packages =")),
        (pipenv, json.dumps(document)),
    ):
        try:
            found = packages(analyzer, content.encode(), beside)
        except ParseError:
            continue
        ids = [package.id for package in found if package.id]
        assert len(ids) == len(set(ids))
        for package in found:
            assert all(isinstance(value, str) for value in (package.name, package.version, package.purl))
            assert set(package.depends_on) <= set(ids)
            assert not (package.dev and package.relationship == "root")


@pytest.mark.parametrize(
    ("text", "license"),
    [
        ("Apache License\n  Version 2.0, January 2004", "Apache-2.0"),
        ("GNU LESSER GENERAL PUBLIC LICENSE\nVersion 2.1, February 1999", "LGPL-2.1-only"),
        ("Mozilla Public License Version 2.0\n====\n… GNU General Public License, Version 2.0", "MPL-2.0"),
        (f"{BSD}\n(1) … (2) …", "BSD-2-Clause"),
        (f"{BSD} All advertising materials mentioning features or use of this software must …", "BSD-4-Clause"),
        (f"{MIT}\n\nBundled:\n{BSD}", "MIT"),
        ("All rights reserved.", ""),
        ("", ""),
    ],
)
def test_license_files(text: str, license: str) -> None:
    assert license_of(text.encode()) == license
