"""What is left of the findings: severity, status, ignore files, in that order."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest

from vigie.errors import UsageError
from vigie.model.artifact import ArtifactFacts
from vigie.model.finding import Finding, Vulnerability
from vigie.model.package import Package
from vigie.model.report import Report, Result
from vigie.scanner import ignore
from vigie.scanner.filter import apply_filters
from vigie.settings.groups import Options, ReportOptions, VulnerabilityOptions

TODAY = date(2026, 2, 3)


def finding(id_: str = "CVE-1", name: str = "a", path: str = "", **fields: object) -> Finding:
    package = Package(name=name, version="1.0", id=f"{name}@1.0", path=path, purl=f"pkg:npm/{name}@1.0")
    return Vulnerability(id=id_, package=package, installed="1.0", **fields)  # type: ignore[arg-type]


def left(
    findings: list[Finding],
    ignored: Path | None = None,
    *,
    show: bool = False,
    target: str = "app/package-lock.json",
    severities: tuple[str, ...] = ReportOptions().severities,
    **vulnerabilities: object,
) -> Result:
    report = Report(
        ArtifactFacts("filesystem", "app"), (Result(target, "lang-pkgs", "npm", findings=tuple(findings)),), (), "", ""
    )
    report_options = ReportOptions(severities=severities, show_suppressed=show)
    if ignored is not None:
        report_options = msgspec.structs.replace(report_options, ignore_file=str(ignored))
    options = Options(report=report_options, vulnerabilities=VulnerabilityOptions(**vulnerabilities))  # type: ignore[arg-type]
    return apply_filters(report, options, TODAY).results[0]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def ids(result: Result) -> list[str]:
    return [each.id for each in result.findings]


def test_severity_and_status() -> None:
    findings = [
        finding("A", severity="LOW", status="fixed"),
        finding("B", severity="HIGH", status="affected"),
        finding("C", severity="HIGH", status="fixed"),
        finding("D", severity="UNKNOWN", status="end_of_life"),
    ]
    assert ids(left(findings)) == ["B", "C", "A", "D"]
    assert ids(left(findings, severities=("HIGH",))) == ["B", "C"]
    assert ids(left(findings, ignore_unfixed=True)) == ["C", "A"]
    assert ids(left(findings, ignore_status=("affected", "fixed"))) == ["D"]


def test_malicious_packages_are_not_waiting_for_a_fix() -> None:
    found = msgspec.structs.replace(finding("MAL-1", severity="CRITICAL", status="affected"), malicious=True)
    assert ids(left([found], ignore_unfixed=True, ignore_status=("affected",))) == ["MAL-1"]


def test_order_is_package_version_severity_id_path() -> None:
    findings = [
        finding("Z", "b", severity="CRITICAL"),
        finding("B", "a", severity="LOW"),
        finding("A", "a", severity="LOW", path="x/2"),
        finding("A", "a", severity="LOW", path="x/1"),
        finding("C", "a", severity="HIGH"),
    ]
    ordered = left(findings).findings
    assert [(f.package.name, f.id, f.package.path) for f in ordered] == [
        ("a", "C", ""),
        ("a", "A", "x/1"),
        ("a", "A", "x/2"),
        ("a", "B", ""),
        ("b", "Z", ""),
    ]


def test_the_default_ignore_file_is_found_and_may_be_absent(tmp_path: Path) -> None:
    assert ids(left([finding()])) == ["CVE-1"]
    (tmp_path / ".trivyignore").write_text("CVE-1\n")
    assert ids(left([finding()])) == []
    (tmp_path / ".trivyignore").unlink()
    (tmp_path / ".trivyignore.yaml").write_text("vulnerabilities: [{id: CVE-1}]")
    assert ids(left([finding()])) == ["CVE-1"]  # never by itself


def test_lines(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text(
        "\ufeff# accepted\n\nCVE-1\n  CVE-2 exp:2026-02-04   # until the next release\r\n"
        "CVE-3 exp:2026-02-03\nCVE-4 exp:2020-01-01\nGHSA-aaaa-bbbb-cccc not reachable\n"
    )
    findings = [finding(f"CVE-{n}") for n in range(1, 6)] + [finding("GHSA-aaaa-bbbb-cccc")]
    result = left(findings, path, show=True)
    assert ids(result) == ["CVE-3", "CVE-4", "CVE-5"]
    assert [(s.finding.id, s.status, s.statement, s.source) for s in result.suppressed] == [
        ("CVE-1", "ignored", "", str(path)),
        ("CVE-2", "ignored", "until the next release", str(path)),
        ("GHSA-aaaa-bbbb-cccc", "ignored", "not reachable", str(path)),
    ]
    assert left(findings, path).suppressed == ()


def test_what_severity_hides_is_not_shown_as_accepted(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("CVE-1\n")
    assert left([finding(severity="LOW")], path, show=True, severities=("HIGH",)).suppressed == ()


YAML = """
vulnerabilities:
  - id: CVE-1
    paths: ["app/**"]
    statement: dead code
  - id: CVE-2
    purls: ["pkg:npm/a@1.0"]
  - id: CVE-3
    purls: [pkg:npm/b]
  - id: CVE-4
    expired_at: 2026-02-03
  - id: CVE-5
    expired_at: 2026-02-04T00:00:00Z
  - id: CVE-6
    paths: ["usr/lib/*/METADATA"]
    purls: [pkg:npm/a]
misconfigurations:
  - id: CVE-7
secrets:
licenses: []
"""


def test_yaml(tmp_path: Path) -> None:
    path = tmp_path / "accepted.yaml"
    path.write_text(YAML)
    findings = [finding(f"CVE-{n}") for n in range(1, 8)]
    findings[5] = finding("CVE-6", path="usr/lib/x/METADATA")
    result = left(findings, path, show=True)
    assert ids(result) == ["CVE-3", "CVE-4", "CVE-7"]
    assert [(s.finding.id, s.statement) for s in result.suppressed] == [
        ("CVE-1", "dead code"),
        ("CVE-2", ""),
        ("CVE-5", ""),
        ("CVE-6", ""),
    ]
    assert ids(left(findings, path, target="other/package-lock.json")) == ["CVE-1", "CVE-3", "CVE-4", "CVE-7"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("list", "CVE-1\nCVE-2 exp:tomorrow\n", ":2: 'tomorrow' is no date"),
        ("list", "- id: CVE-1\n", ":1: '-' is no id of a finding"),
        ("a.yaml", "vulnerabilities:\n  - paths: [x]\n", ":2: an entry has no id"),
        ("a.yaml", "vulnerabilities:\n  - CVE-1\n", ":2: an entry must be a mapping"),
        ("a.yaml", "vulnerabilities: CVE-1\n", ":1: vulnerabilities must be a list"),
        ("a.yaml", "vulnerabilities:\n - id: A\n   expired_at: soon\n", ":3: 'soon' is no date"),
        ("a.yaml", "vulnerabilities:\n - id: A\n   purls: [npm/a]\n", "'npm/a' is no package URL"),
        ("a.yaml", "vulnerabilities:\n - id: [A]\n", ":2: id must be a text"),
        ("a.yml", "a: [\n", ":2: "),
        ("a.yaml", "[]", ":1: the file must be a mapping"),
    ],
)
def test_bad_files_are_refused_with_their_line(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(UsageError) as error:
        ignore.load(str(path))
    assert f"{path}{message}" in error.value.message or message in error.value.message
    assert error.value.message.startswith(str(path))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        ignore.load(str(tmp_path / "absent"))
    (tmp_path / "bytes").write_bytes(b"CVE-1\n\xff\xfe")
    with pytest.raises(UsageError, match="bytes:2: not UTF-8"):
        ignore.load(str(tmp_path / "bytes"))
    with pytest.raises(UsageError, match="could not be read: is a directory"):
        ignore.load(str(tmp_path))


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("**/x.txt", "x.txt", True),
        ("**/x.txt", "a/b/x.txt", True),
        ("a/**", "a/b/c", True),
        ("a/**", "a", True),
        ("a/**", "ab/c", False),
        ("*.lock", "Cargo.lock", True),
        ("*.lock", "a/Cargo.lock", False),
        ("a/**/z", "a/z", True),
        ("{a,b}/*.js", "b/x.js", True),
        ("[!a]x", "ax", False),
        ("[a-c]x", "bx", True),
        ("a?c", "a/c", False),
        ("./a", "a", True),
        ("a.c", "abc", False),
    ],
)
def test_globs(pattern: str, path: str, matches: bool) -> None:
    assert bool(ignore.glob(pattern).fullmatch(path)) is matches
