"""Java: names of archives, manifests, Maven projects and hostile documents of all of them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.java import jar as zipped
from vigie import _core
from vigie.ecosystems.maven import pom_xml
from vigie.ecosystems.maven.ecosystem import maven_purl
from vigie.ecosystems.maven.jar import claims, from_name, jar, manifest, properties
from vigie.ecosystems.maven.pom import pom
from vigie.ecosystems.maven.pom_workspace import Workspace
from vigie.ecosystems.maven.pom_xml import parse_pom
from vigie.model.inventory import Problem
from vigie.model.package import Package
from vigie.scanner.analyzer import File, ParseError


class Files:
    """A tree in memory."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = {path: text.encode() for path, text in files.items()}
        self.asked: list[str] = []

    def read(self, path: str) -> bytes | None:
        self.asked.append(path)
        return self.files.get(path)

    def glob(self, pattern: str) -> list[str]:
        raise AssertionError("a search of the whole tree is too slow")


def project(inner: str, *, group: str = "g", artifact: str = "a", version: str = "1") -> str:
    names = f"<groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>"
    return f"<project>{names}{inner}</project>"


def needs(*coordinates: str) -> str:
    """Dependencies of the form `group:artifact:version`."""
    parts = (one.split(":") for one in coordinates)
    entries = (
        f"<dependency><groupId>{g}</groupId><artifactId>{a}</artifactId><version>{v}</version></dependency>"
        for g, a, v in parts
    )
    return f"<dependencies>{''.join(entries)}</dependencies>"


def parent(artifact: str, relative: str | None = None, version: str = "1") -> str:
    path = "" if relative is None else f"<relativePath>{relative}</relativePath>"
    return f"<parent><groupId>g</groupId><artifactId>{artifact}</artifactId><version>{version}</version>{path}</parent>"


def analyzed(tree: Files, path: str = "pom.xml") -> tuple[list[Package], list[str]]:
    facts = list(pom.run(File(path, tree.files[path], tree)))
    packages = [fact for fact in facts if isinstance(fact, Package)]
    return packages, [fact.what for fact in facts if isinstance(fact, Problem)]


def versions(tree: Files, path: str = "pom.xml") -> dict[str, str]:
    return {package.name: package.version for package in analyzed(tree, path)[0] if package.relationship != "root"}


# ── archives ──


@pytest.mark.parametrize(
    ("path", "artifact", "version"),
    [
        ("a/log4j-core-2.14.1.jar", "log4j-core", "2.14.1"),
        ("foo-1.0-2.jar", "foo-1.0", "2"),
        ("foo-1.0-SNAPSHOT.jar", "foo", "1.0-SNAPSHOT"),
        ("a_b.c-9.jar", "a_b.c", "9"),
        ("foo-1.0 beta.jar", "", ""),
        ("foo-1.0.war", "", ""),
        ("foo-1.0.JAR", "", ""),
        ("foo.jar", "", ""),
        ("-1.0.jar", "", ""),
        (".jar", "", ""),
        ("foo-1" + ".0" * 200 + ".jar", "", ""),
    ],
)
def test_file_names(path: str, artifact: str, version: str) -> None:
    found = from_name(path)
    assert (found.artifact, found.version) == (artifact, version)


def test_manifest_lines_are_folded_and_sections_end_it() -> None:
    content = b"\xef\xbb\xbfManifest-Version: 1.0\rImplementation-\rBundle-Version: 1\r\n .2\n\nBundle-Version: 3\n"
    assert manifest([("META-INF/MANIFEST.MF", content)]) == {"manifest-version": "1.0", "bundle-version": "1.2"}
    assert manifest([]) == {}
    assert manifest([("META-INF/MANIFEST.MF", b" starts with a blank\n")]) == {}
    own, other = ("META-INF/MANIFEST.MF", b"A: own\n"), ("x/MANIFEST.MF", b"A: other\n")
    assert manifest([own, other])["a"] == "own"
    assert manifest([other, ("y/MANIFEST.MF", b"A: last\n")])["a"] == "last"


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"implementation-vendor-id": "org.x", "specification-vendor": "X Ltd."}, ("org.x", "", "")),
        ({"bundle-symbolicname": "org.x.y;singleton:=true", "bundle-name": "Y"}, ("org.x", "Y", "")),
        ({"bundle-symbolicname": "y", "implementation-vendor": "X Ltd."}, ("X Ltd.", "", "")),
        ({"implementation-title": "%title", "bundle-name": "Y"}, ("", "Y", "")),
        ({"specification-version": "1.0", "implementation-version": "1.0.3"}, ("", "", "1.0.3")),
    ],
)
def test_claims(attributes: dict[str, str], expected: tuple[str, str, str]) -> None:
    found = claims(attributes)
    assert (found.group, found.artifact, found.version) == expected


def test_properties_of_any_line_ends() -> None:
    found = properties(b"# x\r\ngroupId=g\rartifactId = a\nversion=1=2\nnonsense")
    assert (found.name, found.version) == ("g:a", "1=2")
    assert not properties(b"groupId=g\nartifactId=a\n")


@given(st.lists(st.binary(max_size=60), max_size=3), st.text(max_size=20))
def test_archives_of_anything_hold_together(contents: list[bytes], name: str) -> None:
    names = ["META-INF/MANIFEST.MF", "META-INF/maven/g/a/pom.properties", "META-INF/maven/g/a/pom.xml"]
    for content in contents:
        found = claims(manifest([(names[0], content)]))
        assert all(part == part.strip() for part in (found.group, found.artifact, found.version))
        properties(content)
        from_name(name + content.decode("latin-1"))


def test_packages_of_a_nested_archive_are_below_the_outer_one(tmp_path: Path) -> None:
    text = "groupId=g\nartifactId=inner\nversion=1\n"
    inner = zipped({"META-INF/maven/g/inner/pom.properties": text})
    (tmp_path / "x").write_bytes(zipped({"lib/inner-1.jar": inner}))
    facts = list(jar.run(File("opt/app.war", _core.read_archive(str(tmp_path / "x")), Files({}))))
    assert [(fact.name, fact.path) for fact in facts if isinstance(fact, Package)] == [
        ("", "opt/app.war"),
        ("g:inner", "opt/app.war/lib/inner-1.jar"),
    ]


def test_a_broken_archive_is_one_problem(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"PK\x03\x04 and nothing")
    facts = list(jar.run(File("lib/x.jar", _core.read_archive(str(tmp_path / "x")), Files({}))))
    assert facts == [Problem("lib/x.jar", "not a ZIP archive")]


def test_licences_of_an_archive_with_one_package(tmp_path: Path) -> None:
    text = "groupId=g\nartifactId=one\nversion=1\n"
    stated = "<project><licenses><license><name>GPL2 w/ CPE</name></license></licenses></project>"
    lines = "Bundle-License: http://www.apache.org/licenses/LICENSE-2.0,\n https://example.org/ours\n"
    files: dict[str, bytes | str] = {"META-INF/maven/g/one/pom.properties": text, "META-INF/MANIFEST.MF": lines}

    def licences() -> list[tuple[str, ...]]:
        (tmp_path / "x").write_bytes(zipped(files))
        facts = jar.run(File("start.jar", _core.read_archive(str(tmp_path / "x")), Files({})))
        return [fact.licenses for fact in facts if isinstance(fact, Package)]

    assert licences() == [("Apache-2.0",), ()]
    files["META-INF/maven/g/one/pom.xml"] = stated
    assert licences() == [("GPL-2.0-only WITH Classpath-exception-2.0",), ()]
    del files["META-INF/maven/g/one/pom.xml"]
    files["other/pom.properties"] = text.replace("one", "two")
    assert licences() == [(), (), ()]


def test_no_package_url_without_a_group() -> None:
    assert maven_purl("artifact", "1") == ""
    assert maven_purl("org.x:a", "1+2") == "pkg:maven/org.x/a@1%2B2"


# ── projects ──


def test_ids_are_the_peers() -> None:
    """The digits are those that the peer prints for these coordinates and paths."""
    files = {
        "pom.xml": project("<modules><module>a</module></modules>", group="com.acme", artifact="root", version="1.0"),
        "a/pom.xml": project(needs("x:unknown:${nope}"), group="com.acme", artifact="a", version="1.0"),
    }
    ids = [package.id for package in analyzed(Files(files))[0]]
    assert ids == ["com.acme:root:1.0::b0533b85", "com.acme:a:1.0::a5dd1801", "x:unknown::82cad7be"]


PROPERTIES = {
    "nested": ("<a>b</a><x.b>1</x.b>", "${x.${a}}", "1"),
    "chain": ("<a>${b}</a><b>${c}</b><c>1</c>", "${a}", "1"),
    "around": ("<a>2</a>", "1.${a}-x", "1.2-x"),
    "blanks": ("<a>2</a>", "${ a }", "2"),
    "project": ("", "${project.version}", "1"),
    "old prefix": ("", "${pom.version}", "1"),
    "bare": ("", "${version}", "1"),
    "a property before a bare element": ("<version>7</version>", "${version}", "7"),
    "an element before a property": ("<project.version>7</project.version>", "${project.version}", "1"),
    "a property with a project's prefix": ("<project.encoding>7</project.encoding>", "${project.encoding}", "7"),
    "unknown": ("", "${nope}", ""),
    "partly unknown": ("<a>1</a>", "${a}.${nope}", ""),
    "loop": ("<a>${b}</a><b>${a}</b>", "${a}", ""),
    "itself": ("<a>${a}</a>", "${a}", ""),
    "environment": ("", "${env.PATH}", ""),
    "not closed": ("", "${a", "${a"),
    "empty name": ("", "${}", ""),
}


@pytest.mark.parametrize("name", PROPERTIES)
def test_properties_of_projects(name: str) -> None:
    stated, text, expected = PROPERTIES[name]
    tree = Files({"pom.xml": project(f"<properties>{stated}</properties>{needs(f't:x:{text}')}")})
    assert versions(tree) == {"t:x": expected}


def test_properties_that_multiply_each_other_end_soon() -> None:
    stated = "".join(f"<p{n}>${{p{n + 1}}}${{p{n + 1}}}</p{n}>" for n in range(200))
    began = time.process_time()
    assert versions(Files({"pom.xml": project(f"<properties>{stated}</properties>{needs('t:x:${p0}')}")})) == {
        "t:x": ""
    }
    many = "${p199}" * 5000
    assert versions(Files({"pom.xml": project(needs(f"t:x:{many}"))})) == {"t:x": ""}
    assert time.process_time() - began < 2


def test_parents_that_are_their_own_end() -> None:
    tree = Files({"pom.xml": project(parent("b", "b.xml")), "b.xml": project(parent("a", "pom.xml"), artifact="b")})
    packages, problems = analyzed(tree)
    assert [package.name for package in packages] == ["g:a"]
    assert problems == ["what stands in repositories is not known: the parent g:a:1"]


def test_modules_that_contain_each_other_are_listed_once() -> None:
    tree = Files(
        {
            "pom.xml": project("<modules><module>b</module><module>.</module><module>b</module></modules>"),
            "b/pom.xml": project("<modules><module>..</module><module>../../x</module></modules>", artifact="b"),
        }
    )
    assert [package.name for package in analyzed(tree)[0]] == ["g:a", "g:b"]
    assert [package.name for package in analyzed(tree, "b/pom.xml")[0]] == ["g:b", "g:a"]
    assert all(".." not in path for path in tree.asked)


def test_parent_only_with_the_coordinates_that_are_asked_for() -> None:
    child = project(parent("up", version="2") + needs("t:x:${v}"), artifact="child")
    top = project("<properties><v>1</v></properties>", artifact="up", version="{}")
    assert versions(Files({"pom.xml": top.format("2"), "c/pom.xml": child}), "c/pom.xml") == {"t:x": "1"}
    assert versions(Files({"pom.xml": top.format("3"), "c/pom.xml": child}), "c/pom.xml") == {"t:x": ""}
    ranged = child.replace("<version>2</version>", "<version>[2,3)</version>")
    assert versions(Files({"pom.xml": top.format("2.5"), "c/pom.xml": ranged}), "c/pom.xml") == {"t:x": "1"}


def test_a_parent_among_the_modules_is_found_without_a_path() -> None:
    files = {
        "pom.xml": project("<modules><module>up</module><module>c</module></modules>", artifact="all"),
        "up/pom.xml": project("<properties><v>1</v></properties>", artifact="up"),
        "c/pom.xml": project(parent("up", "") + needs("t:x:${v}"), artifact="c"),
    }
    assert versions(Files(files), "c/pom.xml") == {"t:x": "1"}


def test_needs_of_projects_built_together() -> None:
    exclusion = "<exclusions><exclusion><groupId>t</groupId><artifactId>*</artifactId></exclusion></exclusions>"
    files = {
        "pom.xml": project("<modules><module>one</module><module>two</module></modules>", artifact="all"),
        "one/pom.xml": project(needs("g:two:1", "g:one:1"), artifact="one"),
        "two/pom.xml": project(needs("t:x:[3]", "t:y:1", "g:one:1"), artifact="two"),
    }
    packages, _ = analyzed(Files(files), "one/pom.xml")
    found = {package.name: (package.version, package.relationship) for package in packages}
    assert found["g:two"] == ("1", "direct")
    assert found["t:x"] == ("3", "indirect")
    assert [package.name for package in packages].count("g:one") == 1  # a project does not need itself
    files["one/pom.xml"] = files["one/pom.xml"].replace(
        "</version></dependency>", f"</version>{exclusion}</dependency>"
    )
    assert "t:x" not in versions(Files(files), "one/pom.xml")


def test_a_version_that_is_the_only_one_beats_one_that_came_first() -> None:
    files = {
        "pom.xml": project("<modules><module>one</module><module>two</module></modules>", artifact="all"),
        "one/pom.xml": project(needs("g:two:1", "t:x:1", "t:y:[1]"), artifact="one"),
        "two/pom.xml": project(needs("t:x:[3]", "t:y:[3]"), artifact="two"),
    }
    packages, _ = analyzed(Files(files), "one/pom.xml")
    (x,) = (package for package in packages if package.name == "t:x")
    assert (x.version, x.relationship, len(x.locations)) == ("3", "direct", 1)
    assert next(package.version for package in packages if package.name == "t:y") == "1"


def test_managed_for_tests_only_is_not_taken_from_others() -> None:
    managed = (
        "<dependencyManagement><dependencies><dependency><groupId>t</groupId><artifactId>x</artifactId>"
        "<version>2</version><scope>{}</scope></dependency></dependencies></dependencyManagement>"
    )
    files = {
        "pom.xml": project("<modules><module>one</module><module>two</module></modules>", artifact="all"),
        "two/pom.xml": project(needs("t:x:1"), artifact="two"),
    }
    files["one/pom.xml"] = project(managed.format("test") + needs("g:two:1"), artifact="one")
    assert versions(Files(files), "one/pom.xml")["t:x"] == "2"
    files["one/pom.xml"] = project(managed.format("provided") + needs("g:two:1"), artifact="one")
    assert "t:x" not in versions(Files(files), "one/pom.xml")


def test_each_file_is_read_once_for_a_tree() -> None:
    modules = "".join(f"<module>m{n}</module>" for n in range(30))
    files = {"pom.xml": project(f"<modules>{modules}</modules>", artifact="all")}
    files |= {f"m{n}/pom.xml": project(parent("all") + needs("t:x:1"), artifact=f"m{n}") for n in range(30)}
    tree = Files(files)
    for path in files:
        analyzed(tree, path)
    assert len(tree.asked) == len(set(tree.asked))


def test_more_modules_than_are_listed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigie.ecosystems.maven.pom.MOST_LISTED_AGAIN", 0)
    files = {"pom.xml": project("<modules><module>m</module><module>n</module></modules>", artifact="all")}
    files |= {f"{name}/pom.xml": project("", artifact=name) for name in "mn"}
    packages, problems = analyzed(Files(files))
    assert [package.name for package in packages] == ["g:all", "g:m"]
    assert problems == ["has too many modules; the packages of the others stand in their own lists only"]


def test_a_file_that_the_tree_does_not_have_is_read_all_the_same() -> None:
    file = File("elsewhere.xml", project("").encode(), Files({}))
    assert [fact.name for fact in pom.run(file) if isinstance(fact, Package)] == ["g:a"]
    with pytest.raises(ParseError, match="no Maven project"):
        list(pom.run(File("x.xml", b"<other/>", Files({}))))


# ── documents ──


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "not valid XML"),
        (b"not XML", "not valid XML"),
        (b"<project>", "not valid XML"),
        (b"<project/><project/>", "not valid XML"),
        (b'<!DOCTYPE p [<!ENTITY % a "x">]><project/>', "declares entities"),
        (b'<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd">]><project>&a;</project>', "declares entities"),
        (b"<project>" + b"<x>" * 101 + b"</x>" * 101 + b"</project>", "nested more than 100 levels"),
        (b'<?xml version="1.0" encoding="GBK"?><project>\xff\xff</project>', "not in the encoding GBK"),
        (b'<?xml version="1.0" encoding="euc-nothing"?><project/>', "unknown encoding euc-nothing"),
        (b'<?xml version="1.0" encoding="zip"?><project/>', "not valid XML"),
    ],
)
def test_documents_that_are_refused(content: bytes, what: str) -> None:
    with pytest.raises(ParseError, match=what):
        parse_pom(content)


def test_bounds_of_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pom_xml, "MOST_ELEMENTS", 3)
    with pytest.raises(ParseError, match="more than 3 elements"):
        parse_pom(b"<project><build><a/><b/></build></project>")
    monkeypatch.setattr(pom_xml, "LARGEST", 1 << 20)
    with pytest.raises(ParseError, match="larger than the 1 MiB"):
        parse_pom(b" " * (1 << 20) + b"<project/>")


def test_nothing_outside_is_asked_for() -> None:
    text = b'<!DOCTYPE project SYSTEM "http://127.0.0.1:1/x.dtd"><project><artifactId>a&x;b</artifactId></project>'
    assert parse_pom(text).scalars == {"artifactId": "ab"}


@given(st.binary(max_size=200), st.sampled_from([b"", b"<project>", b'<?xml version="1.0" encoding="']))
def test_anything_is_a_project_or_refused(content: bytes, start: bytes) -> None:
    try:
        found = parse_pom(start + content)
    except ParseError as error:
        assert error.what
    else:
        assert isinstance(found.scalars, dict)


TAGS = ["project", "parent", "groupId", "artifactId", "version", "dependencies", "dependency", "modules", "module"]
TAGS += ["properties", "dependencyManagement", "relativePath", "scope", "exclusions", "exclusion", "optional"]
TEXTS = st.sampled_from(
    ["g", "1", "${a}", "${project.version}", "..", "import", "true", "[1,2)", "[1]", "*", "pom.xml"]
)
ELEMENTS = st.recursive(
    TEXTS,
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", st.sampled_from(TAGS), st.lists(inner, max_size=5)
    ),
    max_leaves=25,
)


@given(st.lists(ELEMENTS, max_size=8), st.lists(ELEMENTS, max_size=8))
def test_projects_of_any_shape_hold_together(one: list[str], two: list[str]) -> None:
    tree = Files({"pom.xml": f"<project>{''.join(one)}</project>", "g/pom.xml": f"<project>{''.join(two)}</project>"})
    for path in tree.files:
        packages, _ = analyzed(tree, path)
        ids = {package.id for package in packages}
        assert len(ids) == len(packages)
        assert all(set(package.depends_on) <= ids for package in packages)


def test_the_workspace_knows_what_is_built_together() -> None:
    files = {
        "pom.xml": project("<modules><module>deep/one</module></modules>", artifact="all"),
        "deep/one/pom.xml": project("", artifact="one"),
        "other/pom.xml": project("", artifact="other"),
    }
    workspace = Workspace(Files(files))
    found = workspace.find("deep/one/pom.xml", "g", "all", "1")
    assert found is workspace.project("pom.xml")
    assert workspace.find("deep/one/pom.xml", "g", "other", "1") is None
    assert workspace.find("pom.xml", "g", "one", "2") is None
