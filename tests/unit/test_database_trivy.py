"""Trivy's database as it is, from bbolt files written here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from builders import bolt
from vigie.errors import KnowledgeError
from vigie.model.advisory import Advisory, Cvss, DataSource
from vigie.model.inventory import BuildInfo
from vigie.model.report import KnowledgeAge
from vigie.scanner.distro import Platform
from vigie.scanner.ecosystem import Ecosystem
from vigie.versions.deb import ORDERING
from vigie.vulnerabilities.database.trivy import TrivyDatabase

PIP = Ecosystem(name="pypi", trivy="pip", osv=("PyPI",), types=("pip",), ordering=ORDERING)
DEBIAN = DataSource(id="debian", name="Debian Security Tracker", url="https://security-tracker.debian.org/tracker/")
TREE: dict[str, Any] = {
    "data-source": {
        "debian 12": {"ID": DEBIAN.id, "Name": DEBIAN.name, "URL": DEBIAN.url},
        "pip::GitHub Security Advisory Pip": {"ID": "ghsa", "Name": "GHSA pip", "URL": "https://github.com/advisories"},
        "root.io debian 12": {"ID": "rootio", "Name": "Root.io", "URL": "https://root.io", "BaseID": "debian"},
    },
    "debian 12": {
        "curl": {
            "CVE-2023-1": {"FixedVersion": "7.88.1-10+deb12u4", "VendorIDs": ["DSA-1-1"]},
            "CVE-2023-2": {},
            "CVE-2023-3": {"Status": 5, "Severity": 1},
            "CVE-2023-4": None,
            "CVE-2023-5": {"Status": 99, "Severity": 99, "LaterField": {"a": 1}},
        }
    },
    "debian 1": {"curl": {"CVE-0000-0": {}}},
    "pip::GitHub Security Advisory Pip": {
        "django": {"CVE-2024-1": {"VulnerableVersions": [">=1, <2"], "PatchedVersions": ["2"]}}
    },
    "pip::Other": {
        "django": {"OTHER-1": {"VulnerableVersions": [""], "UnaffectedVersions": ["<0.1"], "DataSource": {"ID": "own"}}}
    },
    "pipx::Not asked": {"django": {"CVE-0000-1": {}}},
    "rocky 9": {
        "bash": {
            "CVE-2024-2": {
                "FixedVersion": "1-1.el9",
                "Entries": [
                    {"FixedVersion": "1-1.el9", "Arches": ["x86_64"], "VendorIDs": ["RLSA-1"]},
                    {"FixedVersion": "1-2.el9", "Arches": ["aarch64"]},
                ],
            }
        }
    },
    "Red Hat": {
        "bash": {
            "RHSA-2024:1": {
                "Entries": [
                    {
                        "FixedVersion": "5-1.el9",
                        "Cves": [{"ID": "CVE-2024-3", "Severity": 3}, {"ID": "CVE-2024-4"}],
                        "Arches": ["x86_64"],
                        "Affected": [7, 9],
                    }
                ]
            },
            "CVE-2024-5": {"Entries": [{"Cves": [{"Severity": 2}], "Affected": [7], "Status": 6}]},
        }
    },
    "Red Hat CPE": {
        "repository": {"rhel-9-baseos": [7, 8]},
        "nvr": {"ubi9-container-9.4-1-x86_64": [9]},
        "cpe": {"7": "cpe:/o:redhat:enterprise_linux:9::baseos"},
    },
    "vulnerability": {
        "CVE-2024-3": {
            "Title": "bash: flaw",
            "Description": "text",
            "Severity": "HIGH",
            "CweIDs": ["CWE-79"],
            "VendorSeverity": {"nvd": 4, "redhat": 2, "alma": 0},
            "CVSS": {"nvd": {"V3Vector": "CVSS:3.1/AV:N", "V3Score": 9.8, "V40Score": 1}},
            "References": ["https://example.org/"],
            "PublishedDate": "2024-01-02T03:04:05.123Z",
            "LastModifiedDate": "2024-02-02T03:04:05Z",
        },
        "CVE-2024-4": None,
    },
}


def encoded(tree: Mapping[str, Any], depth: int) -> dict[bytes, Any]:
    """Buckets down to `depth`, JSON below."""
    return {
        key.encode(): encoded(value, depth - 1) if depth else json.dumps(value).encode() for key, value in tree.items()
    }


def write(path: Path, tree: Mapping[str, Any] = TREE) -> Path:
    flat = ("data-source", "vulnerability")
    content = {k.encode(): encoded(v, 0 if k in flat else 1) for k, v in tree.items()}
    bolt.write(path, content)
    return path


@pytest.fixture
def database(tmp_path: Path) -> TrivyDatabase:
    (tmp_path / "metadata.json").write_text('{"Version": 2, "UpdatedAt": "2026-08-20T06:00:00.5Z"}')
    return TrivyDatabase(write(tmp_path / "trivy.db"))


def test_advisories_of_a_release(database: TrivyDatabase) -> None:
    platform = Platform("debian 12")
    assert list(database.of_release(platform, "curl", "libcurl4")) == [
        Advisory(id="CVE-2023-1", source=DEBIAN, fixed="7.88.1-10+deb12u4", vendor_ids=("DSA-1-1",)),
        Advisory(id="CVE-2023-2", source=DEBIAN),
        Advisory(id="CVE-2023-3", source=DEBIAN, status="will_not_fix", severity="LOW"),
        Advisory(id="CVE-2023-5", source=DEBIAN),
    ]
    assert database.of_release(platform, "absent", "curl") == ()
    assert database.of_release(platform, "", "curl") == ()
    assert database.of_release(Platform("debian 99"), "curl", "curl") == ()


def test_advisories_of_a_language_come_from_all_sources_with_its_prefix(database: TrivyDatabase) -> None:
    ghsa = DataSource(id="ghsa", name="GHSA pip", url="https://github.com/advisories")
    assert list(database.of_ecosystem(PIP, "django")) == [
        Advisory(id="CVE-2024-1", source=ghsa, vulnerable=(">=1, <2",), patched=("2",)),
        Advisory(id="OTHER-1", source=DataSource(id="own", name=""), vulnerable=("",), unaffected=("<0.1",)),
    ]


def test_entries_are_one_advisory_each(database: TrivyDatabase) -> None:
    found = database.of_release(Platform("rocky 9"), "bash", "bash")
    assert [(a.id, a.fixed, a.arches, a.vendor_ids) for a in found] == [
        ("CVE-2024-2", "1-1.el9", ("x86_64",), ("RLSA-1",)),
        ("CVE-2024-2", "1-2.el9", ("aarch64",), ()),
    ]


def test_red_hat_has_one_advisory_for_each_cve_of_an_erratum(database: TrivyDatabase) -> None:
    found = database.of_release(Platform("Red Hat"), "bash", "bash")
    assert [(a.id, a.fixed, a.severity, a.status, a.vendor_ids, a.cpes, a.arches) for a in found] == [
        ("CVE-2024-5", "", "MEDIUM", "fix_deferred", (), (7,), ()),
        ("CVE-2024-3", "5-1.el9", "HIGH", "unknown", ("RHSA-2024:1",), (7, 9), ("x86_64",)),
        ("CVE-2024-4", "5-1.el9", None, "unknown", ("RHSA-2024:1",), (7, 9), ("x86_64",)),
    ]


def test_cpes_of_content_sets_and_builds(database: TrivyDatabase) -> None:
    sets = BuildInfo(content_sets=("rhel-9-baseos", "unknown"))
    build = BuildInfo(nvr="ubi9-container-9.4-1", arch="x86_64")
    assert database.red_hat_cpes(sets, "9") == {7, 8}
    assert database.red_hat_cpes(build, "9") == {9}
    assert database.red_hat_cpes(BuildInfo(content_sets=("unknown",)), "9") == frozenset()


def test_details(database: TrivyDatabase) -> None:
    found = database.details(["CVE-2024-3", "CVE-2024-4", "CVE-2099-1"])
    assert list(found) == ["CVE-2024-3"]
    details = found["CVE-2024-3"]
    assert (details.title, details.severity, details.weaknesses) == ("bash: flaw", "HIGH", ("CWE-79",))
    assert details.severities == {"nvd": "CRITICAL", "redhat": "MEDIUM", "alma": "UNKNOWN"}
    assert details.cvss == {"nvd": Cvss(v3_vector="CVSS:3.1/AV:N", v3_score=9.8, v40_score=1.0)}
    assert details.published == "2024-01-02T03:04:05.123Z"


def test_what_it_covers_and_how_old_it_is(database: TrivyDatabase) -> None:
    assert database.covers(Platform("debian 12"))
    assert not database.covers(Platform("debian 13"))
    assert not database.covers(Platform(""))
    assert database.covers(PIP)
    assert not database.covers(Ecosystem(name="npm", osv=("npm",), types=(), ordering=ORDERING))
    knowledge = database.describe([Platform("debian 12"), PIP])
    assert (knowledge.kind, knowledge.date) == ("trivy", "2026-08-20")
    assert knowledge.sources[0] == KnowledgeAge("Debian Security Tracker", "2026-08-20")
    assert {age.source for age in knowledge.sources[1:]} == {"GHSA pip", "pip::Other"}


def test_ends_of_support_come_with_the_program(database: TrivyDatabase) -> None:
    assert database.end_of_life("debian", "10") == date(2024, 6, 30)


def test_damage_is_one_clear_error(tmp_path: Path) -> None:
    platform = Platform("debian 12")
    path = write(tmp_path / "trivy.db", {"debian 12": {"curl": {"CVE-2023-1": "not an object"}}})
    with pytest.raises(KnowledgeError, match=r"cannot be read: the value of .*CVE-2023-1"):
        TrivyDatabase(path).of_release(platform, "curl", "curl")
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(KnowledgeError, match="cannot be read"):
        TrivyDatabase(path).of_release(platform, "curl", "curl")
    with pytest.raises(KnowledgeError, match="cannot be read"):
        TrivyDatabase(tmp_path / "absent.db").covers(platform)
    (tmp_path / "metadata.json").write_text('{"Version": 3}')
    with pytest.raises(KnowledgeError, match="has schema 3"):
        TrivyDatabase(write(tmp_path / "trivy.db")).covers(platform)
