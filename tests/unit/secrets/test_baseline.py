"""Baselines: reports of ours and of gitleaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vigie.compose import scan
from vigie.errors import UsageError
from vigie.formats.secret_json import secret
from vigie.model.secret import CommitSeen, SecretCandidate
from vigie.secrets.analyzer import tag
from vigie.secrets.baseline import load
from vigie.secrets.examples import fill
from vigie.settings.groups import Options, ReportOptions, ScanOptions, SecretOptions

RULES = {"tok", "aws-access-key-id", "aws-access-key-pair"}
VALUE = "q7" * 12


def candidate(rule: str = "tok", path: str = "a/b.py", line: int = 3, value: str = VALUE, commit: str = "") -> Any:
    return SecretCandidate(
        rule=rule,
        path=path,
        start=line,
        end=line,
        start_column=1,
        end_column=9,
        offset=0,
        match="***",
        code=(),
        tag=tag(rule, value),
        confidence="high",
        reason="",
        seen=CommitSeen(commit) if commit else None,
    )


def leak(**other: object) -> dict[str, object]:
    """A finding as gitleaks 8.30.1 writes it."""
    return {
        "RuleID": "tok",
        "Description": "a token",
        "StartLine": 3,
        "EndLine": 3,
        "StartColumn": 1,
        "EndColumn": 12,
        "Match": f"tok_{VALUE}",
        "Secret": VALUE,
        "File": "a/b.py",
        "SymlinkFile": "",
        "Commit": "",
        "Entropy": 3.1,
        "Author": "",
        "Email": "",
        "Date": "",
        "Message": "",
        "Tags": [],
        "Fingerprint": "a/b.py:tok:3",
    } | other


def knows(tmp_path: Path, report: object, found: SecretCandidate, fingerprint: str = "ff") -> bool:
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps(report))
    return load(str(path), "", RULES).knows(found, fingerprint)


def test_a_report_of_ours(tmp_path: Path) -> None:
    report = {"SchemaVersion": 2, "Results": [{"Target": "x", "Secrets": [{"RuleID": "tok", "Fingerprint": "a1"}]}]}
    assert knows(tmp_path, report, candidate(), "a1")
    assert not knows(tmp_path, report, candidate(), "a2")
    assert not knows(tmp_path, {"SchemaVersion": 2, "Results": [{"Target": "x"}]}, candidate(), "")


REDACTED = {"Secret": "REDACTED", "Match": "REDACTED"}


@pytest.mark.parametrize(
    ("change", "found", "known"),
    [
        ({}, {}, True),
        # lines came or went
        ({}, {"line": 30}, True),
        # another secret in its place is new
        ({}, {"value": "r8" * 12}, False),
        ({}, {"path": "a/c.py"}, False),
        ({}, {"rule": "aws-access-key-id"}, False),
        # our rule takes all of the match for the secret
        ({"Secret": "x1" * 12, "Match": VALUE}, {}, True),
        (REDACTED, {}, True),
        (REDACTED, {"line": 30}, False),
        (REDACTED, {"value": "r8" * 12}, True),
        # --redact=70
        ({"Secret": "q7q7...", "Match": "tok_q7q7..."}, {}, True),
        # without a fingerprint, as older releases write it
        (REDACTED | {"Fingerprint": ""}, {}, True),
        ({"RuleID": "aws-access-token"}, {"rule": "aws-access-key-pair"}, True),
        (REDACTED | {"Fingerprint": "a/b.py:aws-access-token:3"}, {"rule": "aws-access-key-id"}, True),
        (REDACTED | {"Fingerprint": "c0ffee12:a/b.py:tok:3"}, {"commit": "c0ffee12"}, True),
        (REDACTED | {"Fingerprint": "c0ffee12:a/b.py:tok:3"}, {}, False),
        ({"File": "./a/b.py"}, {}, True),
    ],
)
def test_a_report_of_gitleaks(tmp_path: Path, change: dict[str, object], found: dict[str, Any], known: bool) -> None:
    assert knows(tmp_path, [leak(**change)], candidate(**found)) is known


def test_the_paths_of_gitleaks_below_a_root(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps([leak(File="/srv/repo/a/b.py"), leak(File="repo/c.py")]))
    assert load(str(path), "/srv/repo", RULES).knows(candidate(), "")
    assert load(str(path), "repo", RULES).knows(candidate(path="c.py"), "")


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"SchemaVersion": "x"}', '[{"Secret": 5}]', "[" * 5000, '{"a": "\xff']
)
def test_what_is_no_report(tmp_path: Path, text: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(UsageError, match="is no report of findings"):
        load(str(path), "", RULES)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="could not be read: No such file"):
        load(str(tmp_path / "none.json"), "", RULES)


def test_it_never_tells_a_secret(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps([leak(StartLine=VALUE)]))
    with pytest.raises(UsageError) as raised:
        load(str(path), "", RULES)
    assert VALUE not in str(raised.value) and raised.value.__cause__ is None
    path.write_text(json.dumps([leak()]))
    assert VALUE not in repr(vars(load(str(path), "", RULES)))


def test_the_second_scan_finds_only_what_is_new(tmp_path: Path) -> None:
    root, report = tmp_path / "root", tmp_path / "baseline.json"
    root.mkdir()
    (root / "a.conf").write_text(fill("a = '${github:ghp_}'\n", "a"))
    options = Options(scan=ScanOptions(scanners=("secret",)))
    first = [secret(one) for result in scan(str(root), "fs", options).results for one in result.secrets]
    assert [one["RuleID"] for one in first] == ["github-pat"]
    report.write_text(json.dumps({"SchemaVersion": 2, "Results": [{"Target": "a.conf", "Secrets": first}]}))
    (root / "a.conf").write_text("\n\n" + (root / "a.conf").read_text() + fill("b = '${github:ghp_}'\n", "b"))
    options = Options(
        scan=ScanOptions(scanners=("secret",)),
        secret=SecretOptions(baseline=str(report)),
        report=ReportOptions(show_suppressed=True),
    )
    (result,) = scan(str(root), "fs", options).results
    assert [one.start for one in result.secrets] == [4]
    (suppressed,) = result.suppressed
    assert (suppressed.status, suppressed.source) == ("baseline", str(report))
