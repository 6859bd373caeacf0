"""The detector's small decisions: whose rating, which link, what is one vulnerability."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.model.advisory import Advisory, Cvss, DataSource, Details, Range, Severity
from vigie.model.package import Package
from vigie.versions import deb, generic
from vigie.vulnerabilities.links import primary
from vigie.vulnerabilities.matching import Match, affected, fixes, reach
from vigie.vulnerabilities.redundancy import believable, merged, unique
from vigie.vulnerabilities.severity import choose, of_scores

GHSA = DataSource("ghsa", "GitHub")
REBUILT = DataSource("rootio", "Root.io", base_id="debian")
ALL: dict[str, Severity] = {"ghsa": "LOW", "nvd": "HIGH", "debian": "MEDIUM"}


@pytest.mark.parametrize(
    ("details", "id", "source", "order", "expected"),
    [
        (None, "CVE-1", GHSA, ("auto",), ("UNKNOWN", "")),
        (Details(id="x", severities=ALL), "CVE-1", GHSA, ("auto",), ("LOW", "ghsa")),
        (Details(id="x", severities=ALL), "CVE-1", REBUILT, ("auto",), ("MEDIUM", "debian")),
        (Details(id="x", severities=ALL), "CVE-1", None, ("auto",), ("HIGH", "nvd")),
        (Details(id="x", severities=ALL), "GHSA-1", None, ("auto",), ("LOW", "ghsa")),
        (Details(id="x", severities=ALL), "CVE-1", GHSA, ("redhat", "nvd"), ("HIGH", "nvd")),
        (Details(id="x", severities=ALL), "CVE-1", GHSA, ("redhat",), ("UNKNOWN", "")),
        (Details(id="x", severities=ALL), "CVE-1", GHSA, ("redhat", "auto", "nvd"), ("LOW", "ghsa")),
        (Details(id="x", severity="CRITICAL"), "CVE-1", GHSA, ("auto",), ("CRITICAL", "")),
        (Details(id="x", severities={"zeta": "LOW", "ubuntu": "HIGH"}), "CVE-1", None, ("auto",), ("HIGH", "ubuntu")),
        (Details(id="x", cvss={"ghsa": Cvss(v3_score=7.5)}), "CVE-1", GHSA, ("auto",), ("HIGH", "ghsa")),
        (Details(id="x", cvss={"nvd": Cvss(v2_vector="AV:N")}), "CVE-1", None, ("auto",), ("UNKNOWN", "")),
    ],
)
def test_severity(
    details: Details | None, id: str, source: DataSource | None, order: tuple[str, ...], expected: tuple[str, str]
) -> None:
    assert choose(details, id, source, order) == expected


@pytest.mark.parametrize(
    ("cvss", "expected"),
    [
        (Cvss(v40_score=9.0, v3_score=1.0), "CRITICAL"),
        (Cvss(v3_score=8.9), "HIGH"),
        (Cvss(v2_score=4.0), "MEDIUM"),
        (Cvss(v2_score=0.1), "LOW"),
        (Cvss(), None),
    ],
)
def test_scores(cvss: Cvss, expected: str | None) -> None:
    assert of_scores(cvss) == expected


@pytest.mark.parametrize(
    ("id", "source", "references", "expected"),
    [
        ("CVE-2024-12345", "", (), "https://avd.aquasec.com/nvd/cve-2024-12345"),
        ("GHSA-AbCd", "", (), "https://github.com/advisories/GHSA-AbCd"),
        ("RUSTSEC-2020-0001", "", (), "https://osv.dev/vulnerability/RUSTSEC-2020-0001"),
        ("TEMP-1-A", "", (), "https://security-tracker.debian.org/tracker/TEMP-1-A"),
        ("MAL-2024-1", "", (), "https://osv.dev/vulnerability/MAL-2024-1"),
        ("GO-2024-1", "govulndb", (), "https://osv.dev/vulnerability/GO-2024-1"),
        ("DSA-1", "debian", ("https://x", "https://www.debian.org/b", "http://www.debian.org/a"), "http://www.debian.org/a"),
        ("ELSA-1", "oracle-oval", ("https://linux.oracle.com/errata/ELSA-1.html",), "https://linux.oracle.com/errata/ELSA-1.html"),
        ("SUSE-SU-1", "suse-cvrf", ("https://www.suse.com/",), ""),
        ("X-1", "", ("https://www.debian.org/b",), ""),
    ],
)  # fmt: skip
def test_link(id: str, source: str, references: tuple[str, ...], expected: str) -> None:
    assert primary(id, DataSource(source, "") if source else None, references) == expected


def match(id: str, *fixed: str, aliases: tuple[str, ...] = (), malicious: bool = False) -> Match:
    advisory = Advisory(id=id, aliases=aliases, malicious=malicious)
    return Match(
        id=id,
        package=Package(name="p", version="1.0"),
        installed="1.0",
        advisory=advisory,
        fixes=fixed,
        reach=reach(fixed, "1.0", generic.ORDERING),
        status="unknown",
        source=None,
        aliases=aliases,
    )


def outcome(matches: list[Match]) -> list[tuple[str, tuple[str, ...]]]:
    return sorted((found.id, found.fixes) for found in merged(matches))


@pytest.mark.parametrize(
    ("matches", "expected"),
    [
        ([match("CVE-1", "1.9"), match("CVE-1", "1.10")], [("CVE-1", ("1.10",))]),
        ([match("CVE-1"), match("CVE-1", "1.10")], [("CVE-1", ("1.10",))]),
        ([match("CVE-1", "2.0"), match("CVE-1", ">=2.0", "1.5")], [("CVE-1", ("2.0",))]),
        ([match("PYSEC-1", "1.2", aliases=("CVE-1",)), match("CVE-1", "1.1")], [("CVE-1", ("1.2",))]),
        ([match("PYSEC-1", "1.2", aliases=("GHSA-1",)), match("GHSA-1", "1.1")], [("GHSA-1", ("1.2",))]),
        ([match("PYSEC-1", aliases=("GHSA-1",)), match("OSV-1", aliases=("GHSA-1",))], [("OSV-1", ())]),
        (
            [match("CVE-1", "1.1", aliases=("GHSA-1",)), match("CVE-2", "1.2", aliases=("GHSA-1", "CVE-1"))],
            [("CVE-1", ("1.1",)), ("CVE-2", ("1.2",))],
        ),
        (
            [match("MAL-1", aliases=("CVE-1",), malicious=True), match("CVE-1", "2")],
            [("CVE-1", ("2",)), ("MAL-1", ())],
        ),
    ],
)
def test_one_vulnerability_is_one_finding(matches: list[Match], expected: list[tuple[str, tuple[str, ...]]]) -> None:
    for order in permutations(matches):
        assert outcome(list(order)) == expected


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["CVE-1", "CVE-2", "GHSA-1", "GHSA-2", "PYSEC-1", "PYSEC-2"]),
            st.lists(st.sampled_from(["CVE-1", "CVE-2", "CVE-3", "GHSA-1", "GHSA-2"]), max_size=3),
        ),
        max_size=6,
    )
)
def test_no_cve_is_lost(rows: list[tuple[str, list[str]]]) -> None:
    matches = [match(id, aliases=tuple(aliases)) for id, aliases in rows]
    found = [kept.id for kept in merged(matches)]
    assert len(found) == len(set(found))
    assert {id for id, _ in rows if id.startswith("CVE-")} <= set(found)
    assert bool(found) == bool(rows)
    assert [kept.id for kept in unique(merged(matches))] == found


def test_a_statement_without_an_end_gives_way() -> None:
    doubtful = Advisory(id="CVE-1", ranges=(Range(),), end_unknown=True)
    other = Advisory(id="GHSA-1", aliases=("CVE-1",), ranges=(Range(fixed="2"),))
    assert believable([doubtful, other]) == [other]
    assert believable([doubtful]) == [doubtful]
    assert believable([doubtful, Advisory(id="CVE-2", ranges=(Range(),))])[0] is doubtful


@pytest.mark.parametrize(
    ("advisory", "version", "expected"),
    [
        (Advisory(id="a"), "1.0", False),
        (Advisory(id="a", fixed="1.0"), "1.0", False),
        (Advisory(id="a", fixed="1.0"), "0.9", True),
        (Advisory(id="a", fixed="1.0", affected_from="0.9"), "0.8", False),
        (Advisory(id="a", ranges=(Range("0", "1.0"), Range("2.0", "2.1"))), "2.0.5", True),
        (Advisory(id="a", ranges=(Range("0", "1.0"), Range("2.0", "2.1"))), "1.5", False),
        (Advisory(id="a", ranges=(Range("1.0", last_affected="1.5"),)), "1.5", True),
        (Advisory(id="a", ranges=(Range("1.0", "bad^"), Range("1.0"))), "1.5", True),
        (Advisory(id="a", ranges=(Range("2.0", "bad^"),)), "1.5", False),
        (Advisory(id="a", versions=("1.5",)), "1.5-0", True),
        (Advisory(id="a", versions=("bad^", "1.4")), "1.5", False),
    ],
)
def test_statement(advisory: Advisory, version: str, expected: bool) -> None:
    assert affected(advisory, version, deb.ORDERING) is expected


def test_fixes_of_ranges_begin_with_the_nearest() -> None:
    ranges = (Range("0", "1.2.11"), Range("1.3.0", "1.10.1"), Range("2.0", "2.1"), Range("1.3.0", "1.9.1"))
    advisory = Advisory(id="a", ranges=ranges)
    assert fixes(advisory, "1.3.0", generic.ORDERING) == ("1.9.1", "1.10.1", "2.1", "1.2.11")
    assert reach(("1.2.11", "2.1", "1.9.1"), "1.3.0", generic.ORDERING) == generic.key("1.9.1")
    assert reach(("1.2.11",), "1.3.0", generic.ORDERING) == generic.key("1.2.11")
    assert reach(("what",), "1.3.0", generic.ORDERING) is None
