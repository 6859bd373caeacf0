"""SARIF over the shared samples: what OASIS' specification and forges ask of it."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest

from vigie.formats.sarif import writer
from vigie.model.artifact import ArtifactFacts
from vigie.model.finding import Finding, Suppressed, Vulnerability
from vigie.model.inventory import Problem
from vigie.model.misconfiguration import Misconfiguration
from vigie.model.report import Report
from vigie.model.secret import Secret
from vigie.scanner.advice import Advice
from vigie.scanner.writer import View
from vigie.settings.groups import ReportOptions

DATA = Path(__file__).parent.parent / "data" / "formats_report"
SAMPLES = ("report", "configuration", "secrets", "history")
replace = msgspec.structs.replace


def sample(name: str) -> Report:
    return msgspec.json.decode((DATA / f"{name}.json").read_bytes(), type=Report)


def run(report: Report) -> dict[str, Any]:
    """The only run of the log."""
    out = io.StringIO()
    writer.write(report, View(ReportOptions(), Advice((), 0, 0), date(2026, 2, 3)), out)
    log = json.loads(out.getvalue())
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    (only,) = log["runs"]
    return dict(only)


def all_of(report: Report) -> list[tuple[Finding, Suppressed | None]]:
    """Findings and what was set apart, in the order of the report."""
    found: list[tuple[Finding, Suppressed | None]] = []
    for result in report.results:
        found += [(finding, None) for finding in result.findings]
        found += [(one.finding, one) for one in result.suppressed]
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_each_finding_is_a_result_of_its_rule(name: str) -> None:
    report = sample(name)
    made = run(report)
    rules = made["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert len(made["results"]) == len(all_of(report))
    for (finding, _), result in zip(all_of(report), made["results"], strict=True):
        assert result["ruleId"] == finding.id == rules[result["ruleIndex"]]["id"]
        levels = {"CRITICAL": "error", "HIGH": "error", "MEDIUM": "warning", "LOW": "note", "UNKNOWN": "note"}
        assert result["level"] == levels[finding.severity]  # shared reference, 8.1


@pytest.mark.parametrize("name", SAMPLES)
def test_rules_have_what_forges_show(name: str) -> None:
    names = {"OsPackageVulnerability", "LanguageSpecificPackageVulnerability", "Misconfiguration", "Secret"}
    for rule in run(sample(name))["tool"]["driver"]["rules"]:
        assert rule["name"] in names
        for text in (rule["shortDescription"], rule["fullDescription"], rule["help"]):
            assert text["text"].strip()
        assert rule["help"]["markdown"].startswith("**")
        assert 0 <= float(rule["properties"]["security-severity"]) <= 10
        assert rule["properties"]["precision"] in ("very-high", "high", "medium", "low")
        assert "security" in rule["properties"]["tags"]
        assert rule.get("helpUri", "https://").startswith("https://")


@pytest.mark.parametrize("name", SAMPLES)
def test_places_are_relative_references_with_lines_from_one(name: str) -> None:
    for result in run(sample(name))["results"]:
        for location in (*result["locations"], *result.get("relatedLocations", ())):
            place = location["physicalLocation"]
            uri, region = place["artifactLocation"]["uri"], place["region"]
            # §3.4.3: relative to uriBaseId, so without a scheme and without a slash in front.
            assert uri
            assert not uri.startswith("/")
            assert ":" not in uri.split("/")[0]
            assert place["artifactLocation"]["uriBaseId"] == "ROOTPATH"
            start = region["startLine"], region["startColumn"]
            assert (1, 1) <= start <= (region["endLine"], region["endColumn"])


def test_a_secret_has_its_columns_and_its_parts() -> None:
    """§3.30.8: `endColumn` is that of the character behind the last one."""
    token, pair = run(sample("secrets"))["results"][1:3]
    place = token["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "app/deploy/.env"
    assert place["region"] == {"startLine": 3, "startColumn": 14, "endLine": 3, "endColumn": 54}
    (part,) = pair["relatedLocations"]
    assert part["physicalLocation"]["region"]["startLine"] == 7
    assert "Deleted or replaced by a later layer" in token["message"]["text"]
    assert "Verified: the provider accepts it" in token["message"]["text"]
    assert token["properties"] == {"confidence": "high", "verified": "active"}


@pytest.mark.parametrize("name", SAMPLES)
def test_fingerprints_differ_and_outlive_moved_lines(name: str) -> None:
    def prints(report: Report) -> list[str]:
        return [result["partialFingerprints"]["vigie/v1"] for result in run(report)["results"]]

    report = sample(name)
    before = prints(report)
    assert len(set(before)) == len(before)
    moved = tuple(replace(r, findings=tuple(down(f) for f in r.findings)) for r in report.results)
    assert prints(replace(report, results=moved)) == before
    elsewhere = tuple(replace(r, target=f"other/{r.target}") for r in report.results if r.kind == "config")
    if elsewhere:
        assert not set(prints(replace(report, results=elsewhere))) & set(before)


def down(finding: Finding) -> Finding:
    if isinstance(finding, Vulnerability):
        return replace(finding, package=replace(finding.package, locations=()))
    return replace(finding, start=finding.start + 7, end=finding.end + 7)


def test_what_was_set_apart_is_suppressed_by_whoever_did_it() -> None:
    made = [result for name in SAMPLES for result in run(sample(name))["results"]]
    found = {one["justification"]: one for result in made for one in result.get("suppressions", ())}
    assert {why: one["kind"] for why, one in found.items()} == {
        "not reachable: no wcsnrtombs (.trivyignore.yaml)": "external",
        "package mirrors change their addresses (main.tf:24)": "inSource",
        "all its characters are the same (vigie)": "external",
        "a comment on its line allows it (gitleaks:allow)": "inSource",
    }
    counted = sum(len(result.suppressed) for name in SAMPLES for result in sample(name).results)
    assert sum("suppressions" in result for result in made) == counted


def test_what_could_not_be_done_is_told_and_a_missing_part_is_no_success() -> None:
    problems = (Problem("a.zip", "a bomb", "unpack it"), Problem("layer 2", "gone", fatal=True))
    old = Problem("the database", "is old", caution=True)
    (called,) = run(replace(sample("history"), problems=(*problems, old)))["invocations"]
    assert called["executionSuccessful"] is False
    assert called["toolExecutionNotifications"] == [
        {"level": "warning", "message": {"text": "a.zip: a bomb (unpack it)"}},
        {"level": "error", "message": {"text": "layer 2: gone"}},
        {"level": "note", "message": {"text": "the database: is old"}},
    ]
    (called,) = run(replace(sample("history"), problems=()))["invocations"]
    assert called["executionSuccessful"] is True
    assert "toolExecutionNotifications" not in called


def test_the_root_is_the_scanned_folder(tmp_path: Path) -> None:
    folder = tmp_path / "with blank"
    folder.mkdir()
    (folder / "file").touch()
    for name in (folder, folder / "file"):
        made = run(replace(sample("history"), artifact=ArtifactFacts("filesystem", str(name))))
        assert unquote(made["originalUriBaseIds"]["ROOTPATH"]["uri"]) == f"file://{folder}/"
    assert "originalUriBaseIds" not in run(sample("secrets"))
    assert run(replace(sample("history"), artifact=ArtifactFacts("filesystem", "/")))["originalUriBaseIds"] == {
        "ROOTPATH": {"uri": "file:///"}
    }


def test_odd_names_become_uris_and_no_table_breaks() -> None:
    report = sample("history")
    odd = replace(report.results[0], target="a b#c%?:d\\/caf\udce9|x.env")
    (first, _) = run(replace(report, results=(odd,)))["results"]
    uri = first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "a%20b%23c%25%3F%3Ad%5C/caf%3F%7Cx.env"
    result = next(one for one in sample("configuration").results if one.misconfigurations)
    finding = replace(result.misconfigurations[0], message="a | b\nc")
    result = replace(result, findings=(finding,), suppressed=())
    (rule,) = run(replace(report, results=(result,)))["tool"]["driver"]["rules"]
    assert "|a \\| b c|" in rule["help"]["markdown"]


def test_nothing_found_is_a_whole_log() -> None:
    made = run(replace(sample("history"), results=(), problems=()))
    assert made["results"] == []
    assert made["tool"]["driver"]["rules"] == []


def test_samples_hold_findings_of_all_kinds() -> None:
    kinds = {type(finding) for name in SAMPLES for finding, _ in all_of(sample(name))}
    assert kinds == {Vulnerability, Misconfiguration, Secret}
