"""Naming Java archives that do not say what they are, with the Java database and without."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from vigie.ecosystems.maven.ecosystem import maven, maven_purl
from vigie.errors import KnowledgeError
from vigie.model.inventory import Inventory, PackageList, Problem
from vigie.model.package import ArchiveClaims, Package
from vigie.scanner.identify import ArchiveIndex, identify, unsettled
from vigie.vulnerabilities.database.java import JavaIndex

SHA1 = "ab" * 20


def archive(
    path: str = "lib/x.jar",
    manifest: tuple[str, str, str] = ("", "", ""),
    file_name: tuple[str, str] = ("", ""),
    sha1: str = "00" * 20,
    holds_others: bool = False,
) -> Package:
    return Package(name="", version="", path=path, claims=ArchiveClaims(sha1, manifest, file_name, holds_others))


def named(inventory: Inventory) -> list[tuple[str, str, str]]:
    return [(p.name, p.version, p.path) for found in inventory.applications for p in found.packages]


def settle(*packages: Package, index: ArchiveIndex | None = None) -> Inventory:
    inventory = Inventory(applications=(PackageList("jar", "lib/x.jar", packages),))
    return identify(inventory, index, maven_purl, maven.ordering.key)


@pytest.fixture
def index(tmp_path: Path) -> JavaIndex:
    path = tmp_path / "trivy-java.db"
    with sqlite3.connect(path) as database:
        database.executescript(
            """
            CREATE TABLE artifacts(id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT);
            CREATE TABLE indices(artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT);
            INSERT INTO artifacts VALUES (1, 'org.example', 'lib'), (2, 'com.copies', 'lib'), (3, 'org.other', 'droid');
            INSERT INTO indices VALUES (1, '1.0', x'01', 'jar'), (1, '1.1', x'02', 'jar'), (2, '1.0', x'03', 'jar'),
                (3, '2.0', x'04', 'aar');
            """
        )
        database.execute("INSERT INTO indices VALUES (1, '0.9', ?, 'jar')", (bytes.fromhex(SHA1),))
    return JavaIndex(path)


CLAIM = ("org.example", "lib", "1.5")

WITH_DATABASE = {
    "digest before the file's name": (archive(file_name=("lib", "1.1"), sha1=SHA1), ("org.example:lib", "0.9")),
    "digest when no such artifact is known": (
        archive(manifest=("org.example", "The Lib", "1.5"), sha1=SHA1),
        ("org.example:lib", "0.9"),
    ),
    "group of the manifest, version of the digest": (
        archive(manifest=("com.copies", "lib", "1.5"), sha1=SHA1),
        ("com.copies:lib", "0.9"),
    ),
    "manifest before a digest of something else": (
        archive(manifest=("org.other", "droid", "1.5"), sha1=SHA1),
        ("org.other:droid", "1.5"),
    ),
    "manifest of a known artifact": (archive(manifest=CLAIM), ("org.example:lib", "1.5")),
    "manifest of an unknown artifact": (archive(manifest=("org.example", "app", "1.5")), None),
    "incomplete manifest": (archive(manifest=("org.example", "lib", "")), None),
    "file name, by the group with most archives": (archive(file_name=("lib", "1.0")), ("org.example:lib", "1.0")),
    "file name with an unknown version": (archive(file_name=("lib", "7")), None),
    "an Android archive is no JAR": (archive(file_name=("droid", "2.0")), None),
    "damaged digest": (archive(sha1="xyz"), None),
    "nothing": (archive(), None),
}


@pytest.mark.parametrize("name", WITH_DATABASE)
def test_with_the_database(name: str, index: JavaIndex) -> None:
    package, expected = WITH_DATABASE[name]
    inventory = settle(package, index=index)
    if expected is None:
        assert named(inventory) == []
        what = "1 archive is not known to the Java database and was not judged: lib/x.jar"
        assert inventory.problems == (Problem("Java", what),)
    else:
        assert named(inventory) == [(*expected, "lib/x.jar")]
        assert inventory.problems == ()
        (found,) = inventory.applications[0].packages
        assert found.purl == f"pkg:maven/{expected[0].replace(':', '/')}@{expected[1]}"
        assert found.claims is None


WITHOUT = {
    "coordinates": (archive(manifest=("org.example", "lib", "1.5")), ("org.example:lib", "1.5")),
    "group and artifact of one name": (
        archive(manifest=("commons-io", "commons-io", "2.4")),
        ("commons-io:commons-io", "2.4"),
    ),
    "a company is no group": (archive(manifest=("Oracle", "lib", "1.5")), None),
    "prose": (archive(manifest=("Example Ltd.", "The Lib", "1.5")), None),
    "title in prose": (archive(manifest=("org.example", "The Lib", "1.5")), None),
    "title in prose, artifact in the file's name": (
        archive(manifest=("org.example", "The Lib", "1.5"), file_name=("lib", "1.5")),
        ("org.example:lib", "1.5"),
    ),
    "file name of another version": (archive(manifest=("org.example", "The Lib", "1.5"), file_name=("lib", "2")), None),
    "file name alone": (archive(file_name=("lib", "1.0")), None),
    "no version": (archive(manifest=("org.example", "lib", "")), None),
}


@pytest.mark.parametrize("name", WITHOUT)
def test_without_a_database(name: str) -> None:
    package, expected = WITHOUT[name]
    inventory = settle(package)
    (problem,) = inventory.problems
    assert "vigie db update java" in problem.hint
    if expected is None:
        assert named(inventory) == []
        assert problem.what == "1 archive does not say what it is and was not judged: lib/x.jar"
    else:
        assert named(inventory) == [(*expected, "lib/x.jar")]
        assert problem.what == "1 archive was judged by what its manifest claims, which may be wrong: lib/x.jar"


def test_all_unknown_archives_are_one_problem() -> None:
    many = [archive(f"lib/{number}.jar") for number in range(5)]
    believed = [archive(f"ok/{number}.jar", ("org.example", "lib", "1.5")) for number in range(2)]
    inventory = settle(*many, *believed)
    assert [problem.what for problem in inventory.problems] == [
        "5 archives do not say what they are and were not judged: lib/0.jar, lib/1.jar, lib/2.jar and 2 more; "
        "2 archives were judged by what their manifests claim, which may be wrong: ok/0.jar, ok/1.jar"
    ]


def test_an_archive_that_only_holds_others_is_no_problem() -> None:
    inner = Package(name="org.example:lib", version="1.0", path="app.war/WEB-INF/lib/lib.jar")
    inventory = settle(archive("app.war", holds_others=True), inner)
    assert named(inventory) == [("org.example:lib", "1.0", "app.war/WEB-INF/lib/lib.jar")]
    assert inventory.problems == ()


def test_a_package_read_out_of_an_archive_is_not_listed_twice(index: JavaIndex) -> None:
    read = Package(name="org.example:lib", version="0.9.0", path="lib/x.jar")
    assert named(settle(read, archive(sha1=SHA1), index=index)) == [("org.example:lib", "0.9.0", "lib/x.jar")]
    elsewhere = archive("lib/x.jar/in.jar", sha1=SHA1)
    assert len(named(settle(read, elsewhere, index=index))) == 2


def test_lists_without_archives_stay_the_same_objects() -> None:
    crates = PackageList("cargo", "Cargo.lock", (Package(name="serde", version="1.0.0"),))
    inventory = Inventory(applications=(crates,))
    assert not unsettled(inventory)
    assert identify(inventory, None, maven_purl, maven.ordering.key).applications[0] is crates
    assert unsettled(Inventory(applications=(PackageList("jar", "x.jar", (archive(),)),)))


def test_a_damaged_database_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "java.db").write_bytes(b"no database" * 100)
    with pytest.raises(KnowledgeError, match="Java database cannot be read"):
        settle(archive(), index=JavaIndex(tmp_path / "java.db"))
