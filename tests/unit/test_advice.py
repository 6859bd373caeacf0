"""What to do first: which upgrades, to which versions, in which order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.model.advisory import Details
from vigie.model.artifact import ArtifactFacts
from vigie.model.finding import Finding, Vulnerability
from vigie.model.inventory import OperatingSystem
from vigie.model.package import Package, SourcePackage
from vigie.model.report import Report, Result
from vigie.model.secret import Secret
from vigie.scanner.advice import Action, advise, describe, mends


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def found(name: str, installed: str, fixed: str, severity: str = "HIGH", **fields: object) -> Finding:
    package = Package(name=name, version=installed, id=f"{name}@{installed}")
    return Vulnerability(
        id=f"CVE-{name}-{fixed}",
        package=package,
        installed=installed,
        fixed=fixed,
        severity=severity,
        **fields,  # type: ignore[arg-type]
    )


def report(*results: Result, end_of_life: bool = False) -> Report:
    system = OperatingSystem("debian", "9") if end_of_life else None
    return Report(ArtifactFacts("filesystem", "x"), results, (), "", "", system=system, end_of_life=end_of_life)


def actions(*findings: Finding) -> tuple[Action, ...]:
    return advise(report(Result("lock", "lang-pkgs", "npm", findings=findings)), lambda _: numbers).actions


@pytest.mark.parametrize(
    ("version", "fixes", "safe"),
    [
        ("1.2.9", ["1.2.9", "2.0.3"], True),
        ("1.3.0", ["1.2.9", "2.0.3"], True),
        ("2.0.1", ["1.2.9", "2.0.3"], False),
        ("2.0.3", ["1.2.9", "2.0.3"], True),
        ("3.0.0", ["1.2.9", "2.0.3"], True),
        ("1.2.8", ["1.2.9", "2.0.3"], False),
        ("4.1.5", ["4.1.4", "4.2.2", "5.0.0"], True),
        ("4.2.1", ["4.1.4", "4.2.2", "5.0.0"], False),
        ("4.1.3", ["4.1.4"], False),
    ],
)
def test_a_version_between_fixes_counts_only_on_a_mended_branch(version: str, fixes: list[str], safe: bool) -> None:
    assert mends(version, fixes, {text: numbers(text) for text in [version, *fixes]}) is safe


def test_the_smallest_version_that_mends_all_is_chosen() -> None:
    (action,) = actions(found("a", "1.0.0", "1.2.0"), found("a", "1.0.0", "1.10.0"), found("a", "1.0.0", "1.9.0"))
    assert (action.to, action.findings, action.step) == ("1.10.0", 3, "")


def test_a_step_within_the_major_version_is_named_when_all_needs_a_greater_one() -> None:
    (action,) = actions(found("a", "1.0.0", "1.2.0, 2.0.1"), found("a", "1.0.0", "2.1.0"))
    assert (action.to, action.findings, action.step, action.step_findings) == ("2.1.0", 2, "1.2.0", 1)


def test_only_versions_above_the_installed_one_are_offered() -> None:
    assert actions(found("a", "1.2.5", "0.2.4")) == ()
    (action,) = actions(found("a", "1.2.5", "0.2.4, 1.2.6"))
    assert action.to == "1.2.6"


def test_what_has_no_fix_is_counted_as_such() -> None:
    advice = advise(
        report(Result("lock", "lang-pkgs", "npm", findings=(found("a", "1.0", ""), found("b", "1.0", "1.1")))),
        lambda _: numbers,
    )
    assert (advice.total, advice.mended, len(advice.actions)) == (2, 1, 1)


def test_urgent_steps_come_first() -> None:
    many = [found("many", "1.0", f"1.{n}", "LOW") for n in range(1, 9)]
    steps = actions(
        *many,
        found("critical", "1.0", "1.1", "CRITICAL"),
        found("exploited", "1.0", "1.1", "MEDIUM", details=Details(id="x", exploited=True)),
        found("evil", "1.0", "", "CRITICAL", malicious=True),
    )
    assert [step.name for step in steps] == ["evil", "exploited", "critical", "many"]
    assert [step.kind for step in steps] == ["remove", "upgrade", "upgrade", "upgrade"]


def test_packages_of_one_source_move_together() -> None:
    source = SourcePackage("openssl", "1.1")

    def of(name: str) -> Finding:
        package = Package(name=name, version="1.1", source=source)
        return Vulnerability(id="CVE-1", package=package, installed="1.1", fixed="1.2", severity="HIGH")

    advice = advise(
        report(Result("x (debian 9)", "os-pkgs", "debian", findings=(of("libssl"), of("libcrypto")))), lambda _: numbers
    )
    (action,) = advice.actions
    assert (action.name, action.packages, action.findings) == ("openssl", ("libcrypto", "libssl"), 2)
    assert describe(action) == "Upgrade openssl (libcrypto, libssl) 1.1 → 1.2: removes 2 findings (2 high)"


def test_an_ended_release_comes_before_all() -> None:
    advice = advise(
        report(Result("x", "os-pkgs", "debian", findings=(found("a", "1.0", "1.1", "CRITICAL"),)), end_of_life=True),
        lambda _: numbers,
    )
    assert [action.kind for action in advice.actions] == ["base", "upgrade"]
    assert "debian 9" in describe(advice.actions[0])


def test_the_direct_dependency_is_named() -> None:
    def package(name: str, relationship: str, *asked: str) -> Package:
        return Package(name=name, version="1.0", id=name, relationship=relationship, depends_on=asked)  # type: ignore[arg-type]

    deep = package("deep", "indirect", "middle")
    packages = (
        package("app", "root", "top"),
        package("top", "direct", "middle"),
        package("middle", "indirect", "deep"),
        deep,
    )
    finding = Vulnerability(id="CVE-1", package=deep, installed="1.0", fixed="1.1", severity="HIGH")
    advice = advise(report(Result("lock", "lang-pkgs", "npm", packages, (finding,))), lambda _: numbers)
    assert advice.actions[0].via == ("top",)
    assert describe(advice.actions[0]).endswith("; it comes in through top")


def test_versions_that_cannot_be_read_fall_back_to_their_numbers() -> None:
    def strict(_: str) -> int:
        raise ValueError("no")

    findings = (found("a", "r9", "r10"), found("a", "r9", "r11-beta"))
    advice = advise(report(Result("lock", "lang-pkgs", "npm", findings=findings)), lambda _: strict)
    assert advice.actions[0].to == "r11-beta"


versions = st.lists(st.integers(0, 4), min_size=3, max_size=3).map(lambda parts: ".".join(map(str, parts)))


@given(st.lists(st.lists(versions, min_size=1, max_size=3, unique=True), min_size=1, max_size=5), versions)
def test_the_chosen_version_is_above_and_mends_as_many_as_any(fixes: list[list[str]], installed: str) -> None:
    findings = [found("a", installed, ", ".join(each)) for each in fixes]
    order = {version: numbers(version) for each in fixes for version in each} | {installed: numbers(installed)}
    candidates = [v for v in order if order[v] > order[installed]]
    for action in actions(*findings):
        assert order[action.to] > order[installed]
        counts = {v: sum(mends(v, each, order) for each in fixes) for v in candidates}
        assert action.findings == counts[action.to] == max(counts.values())
        assert all(order[v] >= order[action.to] for v in candidates if counts[v] == action.findings)


def secret(id_: str = "github-pat", line: int = 3, **more: Any) -> Secret:
    known: dict[str, Any] = {
        "category": "GitHub",
        "title": "GitHub token",
        "severity": "CRITICAL",
        "path": ".env",
        "end": line,
        "start_column": 1,
        "end_column": 40,
        "offset": line,
        "match": "***",
        "code": (),
        "confidence": "high",
        "reason": "its checksum is right",
        "fingerprint": f"{id_}{line}",
        "fix": "Delete it.",
    }
    return Secret(id=id_, start=line, **known | more)


def steps(*secrets: Secret, more: tuple[Result, ...] = (), end_of_life: bool = False) -> list[str]:
    result = Result(".env", "secret", "", findings=secrets)
    advice = advise(report(result, *more, end_of_life=end_of_life), lambda _: numbers)
    return [describe(action) for action in advice.actions]


def test_secrets_that_work_or_surely_are_some_come_before_all() -> None:
    critical = Result("lock", "lang-pkgs", "npm", findings=(found("a", "1.0", "1.1", "CRITICAL", malicious=True),))
    urgent = (secret(line=3), secret("slack-web-hook", 9, severity="MEDIUM", confidence="medium", verified="active"))
    told = steps(*urgent, more=(critical,), end_of_life=True)
    assert told[0] == "Revoke the secret in .env:9 (GitHub token, still active): Delete it."
    assert told[1] == "Revoke the secret in .env:3 (GitHub token): Delete it."
    assert told[2].startswith("Move to a supported release")
    assert told[3].startswith("Remove a 1.0")


def test_other_secrets_stand_where_their_severity_puts_them() -> None:
    packages = (found("a", "1.0", "1.1", "CRITICAL"), found("b", "1.0", "1.1", "LOW"))
    told = steps(
        secret(severity="HIGH"),
        secret("jwt-token", 5, confidence="low"),
        secret("npm-access-token", 7, verified="inactive"),
        more=(Result("lock", "lang-pkgs", "npm", findings=packages),),
    )
    assert [text.split()[0] for text in told] == ["Upgrade", "Revoke", "Upgrade", "Look", "Take"]
    assert told[-2] == "Look whether .env:5 really holds a secret (GitHub token). If so: Delete it."


def test_secrets_of_one_rule_in_one_file_are_one_step() -> None:
    told = steps(*(secret(line=number) for number in (3, 5, 7, 9)), secret("aws-secret-access-key", 11))
    assert told == [
        "Revoke 4 secrets in .env:3, .env:5, .env:7 and 1 more (GitHub token): Delete it.",
        "Revoke the secret in .env:11 (GitHub token): Delete it.",
    ]


def test_a_rule_that_does_not_say_what_to_do_leaves_no_gap() -> None:
    told = steps(secret("mine", fix=""), secret("mine", 7, fix="", confidence="low"))
    assert told == [
        "Revoke the secret in .env:3 (GitHub token)",
        "Look whether .env:7 really holds a secret (GitHub token). If so: revoke it",
    ]
