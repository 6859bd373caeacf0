"""npm, yarn and pnpm beyond the cases: patterns, names, and whatever else a lock file may hold."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.tree import Files
from vigie.ecosystems.graph import Graph
from vigie.ecosystems.npm.ecosystem import npm
from vigie.ecosystems.npm.installed import node_pkg
from vigie.ecosystems.npm.manifest import npm_purl
from vigie.ecosystems.npm.package_lock import npm_lock
from vigie.ecosystems.npm.pnpm import pnpm
from vigie.ecosystems.npm.workspaces import Workspaces
from vigie.ecosystems.npm.yarn import split, yarn
from vigie.model.package import Package
from vigie.scanner.analyzer import Analyzer, File, ParseError


def packages(analyzer: Analyzer, path: str, content: bytes, tree: Files | None = None) -> list[Package]:
    facts = list(analyzer.run(File(path, content, tree or Files())))
    return [fact for fact in facts if isinstance(fact, Package)]


@pytest.mark.parametrize(
    ("patterns", "folder", "matches"),
    [
        (["packages/*"], "packages/a", True),
        (["packages/*"], "packages/a/b", False),
        (["./packages/*/"], "packages/a", True),
        (["packages/**"], "packages/a/b", True),
        (["**/lib"], "lib", True),
        (["**/lib"], "a/b/lib", True),
        (["**/lib"], "a/b/libs", False),
        (["a/**/b/**/c"], "a/b/x/b/c", True),
        (["packages/*", "!packages/b*"], "packages/bad", False),
        ({"packages": ["apps/?"]}, "apps/x", True),
        ("packages/*", "packages/a", False),
        ([7, None], "7", False),
        (None, "", False),
    ],
)
def test_workspaces(patterns: object, folder: str, matches: bool) -> None:
    assert Workspaces(patterns).match(folder) is matches


def test_workspace_patterns_stay_cheap() -> None:
    started = time.process_time()
    assert not Workspaces(["**/a/" * 200 + "b", "*a" * 500 + "b"]).match("a/" * 2000 + "a" * 2000)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("a@^1", ("a", "^1")),
        ("@s/a@npm:^1", ("@s/a", "npm:^1")),
        ("al@npm:@s/real@^2", ("al", "npm:@s/real@^2")),
        ("@s/a", ("@s/a", "")),
        ("a", ("a", "")),
    ],
)
def test_split(pattern: str, parts: tuple[str, str]) -> None:
    assert split(pattern) == parts


def test_purls_and_ecosystem() -> None:
    assert npm_purl("@Angular/Core", "1.0.0+a") == "pkg:npm/%40angular/core@1.0.0%2Ba"
    assert npm_purl("", "1") == ""
    assert npm.normalise("JSONStream") == "jsonstream"
    assert npm.aggregated == {"node-pkg": "Node.js"}


def test_long_paths_and_deep_nesting_are_refused() -> None:
    long = "node_modules/a/" * 1000 + "node_modules/a"
    with pytest.raises(ParseError, match="no system can hold"):
        packages(npm_lock, "package-lock.json", json.dumps({"lockfileVersion": 3, "packages": {long: {}}}).encode())
    deep = '{"dependencies":{"a":' * 5000 + "{}" + "}}" * 5000
    with pytest.raises(ParseError):
        packages(npm_lock, "package-lock.json", deep.encode())


def test_lines_of_a_lock_file_on_one_line_are_true() -> None:
    lock = {"lockfileVersion": 3, "packages": {"node_modules/a": {"version": "1"}, "node_modules/b": {"version": "2"}}}
    found = packages(npm_lock, "package-lock.json", json.dumps(lock).encode())
    assert [(each.locations[0].start, each.locations[0].end) for each in found] == [(1, 1), (1, 1)]


def test_many_versions_of_one_name_stay_cheap() -> None:
    count = 4000
    blocks = [f'a@{n}:\n  version "1.0.{n}"\n  dependencies:\n    a "other-{n}"\n\n' for n in range(count)]
    started = time.process_time()
    found = packages(yarn, "yarn.lock", "".join(blocks).encode())
    assert len(found) == count
    assert time.process_time() - started < 5


def test_graph_merges_rows() -> None:
    graph = Graph()
    graph.add("a", "1", dev=True, depends_on=["b@1", "gone@1"])
    graph.add("a", "1", dev=False, relationship="direct", depends_on=["a@1"], licenses=("MIT",))
    graph.add("b", "1", dev=True)
    a, b = graph.packages(npm_purl)
    assert (a.dev, a.relationship, a.depends_on, a.licenses) == (False, "direct", ("a@1", "b@1"), ("MIT",))
    assert b.dev
    assert graph.reach(["a@1", "nothing"]) == {"a@1", "b@1"}


KEYS = st.sampled_from(
    [
        *("", "packages", "dependencies", "optionalDependencies", "peerDependencies", "devDependencies"),
        *("requires", "name", "version", "license", "link", "resolved", "dev", "workspaces", "lockfileVersion"),
        *("importers", "snapshots", "specifier", "type", "node_modules/a", "node_modules/@s/b"),
        *("node_modules/a/node_modules/c", "packages/a", "a", "@s/b", "c", "a@1.0.0", "a@1.0.0(c@2.0.0)"),
        *("/a/1.0.0", "/a@1.0.0", "configDependencies"),
    ]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 10**30),
    st.sampled_from(
        ["1.0.0", "npm:c@1.0.0", "packages/a", "link:a", "a@1.0.0", "9.0", "5.4", "6.0", "", "workspace:*", "é\0"]
    ),
    st.text(max_size=5),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=25
)
DOCUMENTS = st.fixed_dictionaries(
    {"lockfileVersion": st.sampled_from([1, 2, 3, 5.4, "6.0", "9.0", "x", None, 10**400])},
    optional={
        key: st.dictionaries(KEYS, VALUES, max_size=5) | VALUES
        for key in ("packages", "dependencies", "importers", "snapshots", "name", "version", "license", "workspaces")
    },
)


def holds_together(run: Callable[[], list[Package]]) -> None:
    """Whatever the content, there are packages with unique ids and edges to them, or one ParseError."""
    try:
        found = run()
    except ParseError:
        return
    ids = [package.id for package in found if package.id]
    assert len(ids) == len(set(ids))
    for package in found:
        assert all(isinstance(value, str) for value in (package.name, package.version, package.purl))
        assert set(package.depends_on) <= set(ids)


@given(DOCUMENTS)
@settings(max_examples=200)
def test_any_document_is_read_or_refused(document: dict[str, Any]) -> None:
    content = json.dumps(document).encode()
    tree = Files({"package.json": content, "node_modules/a/package.json": content})
    for analyzer, path in (
        (npm_lock, "package-lock.json"),
        (pnpm, "pnpm-lock.yaml"),
        (node_pkg, "package.json"),
    ):
        holds_together(lambda analyzer=analyzer, path=path: packages(analyzer, path, content, tree))  # type: ignore[misc]
    lock = (
        b'a@^1.0.0, "c@npm:a@1":\n  version "1.0.0"\n  dependencies:\n    "@s/b" "1"\n\n"@s/b@1":\n  version "1.0.0"\n'
    )
    holds_together(lambda: packages(yarn, "yarn.lock", lock, tree))


@given(
    st.lists(
        st.sampled_from(
            [
                "a@^1:",
                '"b@npm:1, c@npm:2":',
                '  version "1.0.0"',
                "  version: 2.0.0",
                "  dependencies:",
                '    a "^1"',
                "    b: npm:1",
                '  resolution: "a@patch:a@npm%3A1#x"',
                "",
                "# c",
                '? "a@1"',
                ":",
                "__metadata:",
                "<<<",
                "\t\u2028x",
            ]
        ),
        max_size=15,
    )
)
@settings(max_examples=200)
def test_any_lines_are_a_yarn_lock_or_refused(lines: list[str]) -> None:
    holds_together(lambda: packages(yarn, "yarn.lock", "\n".join(lines).encode()))
