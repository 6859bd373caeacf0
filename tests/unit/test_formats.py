"""Every output format over the shared sample report, compared with what stands beside it."""

from __future__ import annotations

import hashlib
import io
import json
import os
from datetime import date
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from vigie.cli.output import find_writer
from vigie.formats import uid
from vigie.formats.grid import Column, cell, draw, width_of, wrap
from vigie.formats.json import document
from vigie.model.artifact import LayerReference
from vigie.model.finding import Suppressed
from vigie.model.inventory import BuildInfo, Problem
from vigie.model.misconfiguration import CodeLine
from vigie.model.package import Location, Package
from vigie.model.report import Report, Result
from vigie.model.secret import Secret
from vigie.scanner.advice import advise
from vigie.scanner.writer import View
from vigie.settings.groups import ReportOptions
from vigie.settings.resolve import declared

DATA = Path(__file__).parent.parent / "data" / "formats_report"
TODAY = date(2026, 2, 3)


def weakness(id_: str) -> str:
    return {"CWE-1321": "Prototype Pollution"}.get(id_, "")


REWRITE = bool(os.environ.get("VIGIE_GOLDEN"))

CASES = {
    "json.json": ("json", {}, 150, False),
    "table.txt": ("table", {}, 150, False),
    "table-narrow.txt": ("table", {}, 80, False),
    "table-colour.txt": ("table", {"table_mode": ("summary",)}, 120, True),
    "table-tree.txt": ("table", {"dependency_tree": True, "table_mode": ("detailed",)}, 120, False),
    "table-high.txt": ("table", {"severities": ("HIGH", "CRITICAL"), "table_mode": ("summary",)}, 120, False),
    "configuration-json.json": ("json", {}, 150, False),
    "configuration-table.txt": ("table", {}, 120, False),
    "configuration-narrow.txt": ("table", {}, 80, False),
    "configuration-colour.txt": ("table", {"table_mode": ("detailed",)}, 120, True),
    "secrets-json.json": ("json", {}, 150, False),
    "secrets-table.txt": ("table", {}, 150, False),
    "secrets-narrow.txt": ("table", {}, 80, False),
    "secrets-colour.txt": ("table", {"table_mode": ("detailed",)}, 120, True),
    "history-json.json": ("json", {}, 150, False),
    "history-table.txt": ("table", {}, 120, False),
    "sarif.json": ("sarif", {}, 150, False),
    "configuration-sarif.json": ("sarif", {}, 150, False),
    "secrets-sarif.json": ("sarif", {}, 150, False),
    "history-sarif.json": ("sarif", {}, 150, False),
}
"""From the expected file to how it is made; its name begins with the sample's, `report` apart."""
SAMPLES = ("configuration", "secrets", "history")


def sample(name: str = "report") -> Report:
    return msgspec.json.decode((DATA / f"{name}.json").read_bytes(), type=Report)


def shown(report: Report, format_: str, options: dict[str, object], width: int = 120, colour: bool = False) -> str:
    out = io.StringIO()
    advice = advise(report, lambda _: None)
    passes = report.scanners == ("misconfig",)
    view = View(ReportOptions(**options), advice, TODAY, width, colour, weakness, passes)  # type: ignore[arg-type]
    find_writer(format_).write(report, view, out)
    return out.getvalue()


@pytest.mark.parametrize("name", CASES)
def test_format(name: str) -> None:
    format_, options, width, colour = CASES[name]
    begins = name.partition("-")[0]
    report = sample(begins if begins in SAMPLES else "report")
    text = shown(report, format_, options, width, colour)
    if REWRITE:
        (DATA / name).write_text(text)
    assert text == (DATA / name).read_text()


@pytest.mark.parametrize("width", [40, 80, 104, 120, 150, 300])
def test_no_line_is_wider_than_asked_for(width: int) -> None:
    for line in shown(sample(), "table", {}, width).splitlines():
        assert width_of(line) <= max(width, 80), line  # tables do not squeeze below the customary terminal


def test_hostile_names_do_not_reach_the_terminal() -> None:
    text = shown(sample(), "table", {"dependency_tree": True})
    assert "\x1b" not in text
    assert "\x07" not in text


def test_every_declared_format_has_a_writer_of_that_name() -> None:
    flag = next(setting.flag for setting in declared(("report",)) if setting.flag.name == "--format")
    assert [find_writer(name).name for name in flag.choices] == list(flag.choices)


def test_json_reads_back_and_is_escaped_as_go_does() -> None:
    text = shown(sample(), "json", {})
    assert not set("<>&") & set(text)
    assert "arch=x86_64\\u0026distro=3.9.2" in text
    report = json.loads(text)
    assert report["Results"][0]["Vulnerabilities"][0]["CVSS"]["redhat"]["V3Score"] == 9
    assert '"V3Score": 9,' in text or '"V3Score": 9\n' in text


def test_json_has_no_empty_values_and_packages_may_be_left_out() -> None:
    report = json.loads(shown(sample(), "json", {"list_all_packages": False}))
    assert all("Packages" not in result for result in report["Results"])

    def check(value: object, path: str) -> None:
        if isinstance(value, dict):
            for key, each in value.items():
                assert each not in (None, "", [], {}) or "ExposedPorts" in path, f"{path}.{key}"
                check(each, f"{path}.{key}")
        elif isinstance(value, list):
            for each in value:
                check(each, path)

    check(report, "")


def test_json_survives_names_that_are_no_text() -> None:
    report = sample()
    odd = msgspec.structs.replace(report.results[3], target="caf\udce9/Cargo.lock")
    text = shown(msgspec.structs.replace(report, results=(odd,)), "json", {})
    assert json.loads(text)["Results"][0]["Target"] == "caf?/Cargo.lock"


def test_fingerprint_is_of_the_four_parts() -> None:
    expected = hashlib.sha256(b"sha256:1:app/x:a@1:CVE-1").hexdigest()
    assert uid.fingerprint("sha256:1", "app/x", "a@1", "CVE-1") == f"sha256:{expected}"


def test_fnv_matches_published_values() -> None:
    # From the FNV authors' test vectors, 64-bit FNV-1.
    assert uid.fnv(b"") == 0xCBF29CE484222325
    assert uid.fnv(b"a") == 0xAF63BD4C8601B7BE
    assert uid.fnv(b"foobar") == 0x340D8765A4DDA9C2


def test_uid_depends_on_the_record_alone() -> None:
    package = Package(name="serde", version="1.0.0", id="serde@1.0.0", found_by="cargo")
    first = uid.package_uid(package, "Cargo.lock")
    same = msgspec.structs.replace(package, purl="pkg:cargo/serde@1.0.0")
    assert uid.package_uid(same, "Cargo.lock") == first
    assert uid.package_uid(package, "other/Cargo.lock") != first
    assert uid.package_uid(msgspec.structs.replace(package, locations=(Location(1, 2),)), "Cargo.lock") != first
    assert len(first) <= 16
    assert int(first, 16) >= 0


GSON = Package(
    name="com.google.code.gson:gson",
    version="2.8.5",
    path="opt/app/tabula/tabula-1.0.3-jar-with-dependencies.jar",
    digest="sha1:98d32f8dafa9891afbcd8b9cad9e5934c0430702",
    found_by="jar",
)
GIN = Package(
    name="github.com/gin-gonic/gin",
    version="v1.7.0",
    id="github.com/gin-gonic/gin@v1.7.0",
    relationship="direct",
    locations=(Location(8, 8),),
    found_by="gomod",
)


@pytest.mark.parametrize(
    ("type_", "target", "package", "expected"),
    [("jar", "Java", GSON, "c8782320913d35c5"), ("gomod", "go.mod", GIN, "92dbcb2597ae00fa")],
)
def test_uids_are_the_peers(type_: str, target: str, package: Package, expected: str) -> None:
    """Observed values; what only our records know does not change them."""
    assert packages(Result(target, "lang-pkgs", type_, (package,)))[0]["Identifier"]["UID"] == expected


def packages(result: Result, **more: object) -> list[dict[str, Any]]:
    report = msgspec.structs.replace(sample(), results=(result,), **more)
    made = document(report, View(ReportOptions(), advise(report, lambda _: None), TODAY))["Results"][0]["Packages"]
    return cast("list[dict[str, Any]]", made)


def test_build_facts_stand_beside_the_packages_of_their_layer() -> None:
    one, two = LayerReference(diff_id="sha256:1"), LayerReference(diff_id="sha256:2")
    builds = {"sha256:1": BuildInfo(nvr="ubi8-container-8.5-218", arch="x86_64")}
    system = tuple(Package(name="bash", version=str(number), layer=layer) for number, layer in enumerate((one, two)))
    shown = packages(Result("t (redhat 8.5)", "os-pkgs", "redhat", system), builds=builds)
    assert [package.get("BuildInfo") for package in shown] == [
        {"Nvr": "ubi8-container-8.5-218", "Arch": "x86_64"},
        None,
    ]
    wheels = packages(Result("Python", "lang-pkgs", "python-pkg", system[:1]), builds=builds)
    assert "BuildInfo" not in wheels[0]


def test_packages_of_an_unknown_system_have_a_system_without_a_name() -> None:
    result = Result("t (none)", "os-pkgs", "none", (Package(name="bash", version="5"),), judged=False)
    report = msgspec.structs.replace(sample(), results=(result,), system=None)
    made = document(report, View(ReportOptions(), advise(report, lambda _: None), TODAY))
    assert made["Metadata"]["OS"] == {"Family": "none", "Name": ""}


def test_an_image_without_packages_does_not_read_as_clean() -> None:
    report = msgspec.structs.replace(sample(), results=(), problems=())
    text = shown(report, "table", {})
    assert "No packages were found, so there was nothing to judge." in text
    assert "No known vulnerabilities" not in text


def test_what_was_not_judged_does_not_read_as_clean() -> None:
    report = sample()
    cargo, mix = report.results[3:]
    text = shown(msgspec.structs.replace(report, results=(cargo, mix)), "table", {})
    assert "not judged" in text
    assert "Nothing was found in what could be judged; not everything could." in text
    clean = msgspec.structs.replace(report, results=(cargo,), problems=())
    assert "No known vulnerabilities of the chosen kinds." in shown(clean, "table", {})
    without = msgspec.structs.replace(clean, knowledge=None)
    assert "No known vulnerabilities" not in shown(without, "table", {})
    assert "nothing was judged" in shown(without, "table", {})
    empty = msgspec.structs.replace(without, results=())
    assert "nothing was judged" not in shown(empty, "table", {})
    assert "nothing to judge" in shown(empty, "table", {})


def of_secrets(name: str = "history", **more: object) -> Report:
    """A sample in which nothing was found and everything was read."""
    report = sample(name)
    results = tuple(r for r in report.results if r.kind != "secret")
    results = tuple(msgspec.structs.replace(r, findings=()) for r in results)
    return msgspec.structs.replace(report, **({"results": results, "problems": ()} | more))


def test_a_search_that_found_nothing_says_so_and_what_it_was_for() -> None:
    text = shown(of_secrets(), "table", {})
    assert text.endswith("No secrets of the chosen kinds.\n")
    assert "database" not in text  # none was asked
    assert "packages" not in text
    both = shown(of_secrets("secrets"), "table", {})
    assert "No known vulnerabilities and no secrets of the chosen kinds." in both
    assert "Judged by the trivy database" in both
    without = shown(of_secrets(scanners=("vuln", "secret")), "table", {})
    assert "No packages were found, so there was nothing to judge.\nNo secrets of the chosen kinds.\n" in without
    configuration = shown(of_secrets(scanners=("misconfig", "secret")), "table", {})
    assert "No configuration was found, so there was nothing to judge.\nNo secrets of" in configuration
    three = of_secrets("secrets", scanners=("vuln", "misconfig", "secret"))
    three = msgspec.structs.replace(three, results=(*three.results, Result("main.tf", "config", "terraform")))
    assert "No known vulnerabilities, no misconfigurations and no secrets of the" in shown(three, "table", {})


@pytest.mark.parametrize("fatal", [False, True])
def test_a_search_that_failed_in_part_never_says_that_there_are_none(fatal: bool) -> None:
    problems = (Problem("app.zip", "a bomb", fatal=fatal),)
    text = shown(of_secrets(problems=problems), "table", {})
    assert "Nothing was found in what could be searched; not everything could." in text
    assert "No secrets" not in text
    text = shown(of_secrets("secrets", problems=problems), "table", {})
    assert "Nothing was found in what could be judged and searched; not everything could." in text
    assert "No known" not in text
    # Old knowledge hides no secret.
    text = shown(of_secrets(problems=(Problem("the database", "is old", caution=True),)), "table", {})
    assert "No secrets of the chosen kinds" in text


def test_without_a_database_secrets_do_not_read_as_if_packages_were_judged() -> None:
    report = of_secrets("secrets", knowledge=None)
    text = shown(report, "table", {})
    assert "No database of vulnerabilities answered" in text
    assert "Nothing was found in what could be judged and searched" in text
    alone = msgspec.structs.replace(sample("secrets"), results=sample("secrets").results[1:], knowledge=None)
    assert "database" not in shown(alone, "table", {})


def test_files_with_nothing_but_what_was_set_apart_have_no_row() -> None:
    report = sample("secrets")
    apart = msgspec.structs.replace(report.results[1], findings=())
    text = shown(msgspec.structs.replace(report, results=(apart,), problems=(), scanners=("secret",)), "table", {})
    assert "│" not in text
    assert "Set apart\n  github-pat in lines 20, 24: all its characters are the same (vigie)" in text
    assert "No secrets of the chosen kinds." in text


def test_what_a_rule_is_about_is_explained_once() -> None:
    text = shown(sample("history"), "table", {})
    assert text.count("Whoever has it acts as the user") == 1
    assert text.count("first in commit 1f1f1f1f1f1f") == 2  # once for each file


def with_lines(start: int, causes: range, last: int) -> Secret:
    code = tuple(CodeLine(number, f"line {number}", number in causes) for number in range(start, last + 1))
    return msgspec.structs.replace(
        sample("history").results[1].secrets[0], start=causes.start, end=causes[-1], code=code
    )


def excerpt_of(*secrets: Secret) -> list[str]:
    report = sample("history")
    result = msgspec.structs.replace(report.results[1], findings=secrets)
    text = shown(msgspec.structs.replace(report, results=(result,), problems=()), "table", {})
    return [line.strip() for line in text.splitlines() if "line " in line or "⋮" in line]


def test_lines_that_several_places_share_are_shown_once() -> None:
    near = excerpt_of(with_lines(1, range(2, 3), 4), with_lines(3, range(4, 5), 6), with_lines(20, range(21, 22), 22))
    assert near == [
        *("1   line 1", "2 ▌ line 2", "3   line 3", "4 ▌ line 4", "5   line 5", "6   line 6"),
        *("⋮", "20   line 20", "21 ▌ line 21", "22   line 22"),
    ]


def test_a_long_key_is_shown_by_its_first_lines() -> None:
    long = excerpt_of(with_lines(1, range(2, 30), 31))
    assert long == ["1   line 1", *(f"{n} ▌ line {n}" for n in range(2, 8)), "⋮", "30   line 30", "31   line 31"]


def test_a_file_that_is_found_by_its_path_has_no_line() -> None:
    nowhere = {"start": 0, "end": 0, "start_column": 0, "end_column": 0, "offset": 0, "match": "", "code": ()}
    found = msgspec.structs.replace(sample("history").results[1].secrets[0], **nowhere, seen=None)
    apart = Suppressed(found, "ignored", "an allow rule", "rules.toml")
    result = Result(
        "a.jks", "secret", "", findings=(msgspec.structs.replace(found, path="a.jks"),), suppressed=(apart,)
    )
    report = msgspec.structs.replace(sample("history"), results=(result,), problems=())
    text = shown(report, "table", {})
    assert "\n  a.jks (confidence medium" in text
    assert "Set apart\n  github-pat: an allow rule (rules.toml)" in text
    assert "Revoke the secret in a.jks (GitHub" in text
    (written, _) = json.loads(shown(report, "sarif", {}))["runs"][0]["results"]
    region = written["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}


def test_a_secret_in_a_deleted_file_is_said_to_be_in_the_image() -> None:
    text = " ".join(shown(sample("secrets"), "table", {}).split())
    assert "deleted or replaced by a later layer (RUN /bin/sh -c rm /app/deploy/.env && make" in text
    assert text.count("but still in the image") == 2


@pytest.mark.parametrize("width", [40, 80, 104, 120, 150, 300])
@pytest.mark.parametrize("name", ["secrets", "history"])
def test_no_line_about_secrets_is_wider_than_asked_for(name: str, width: int) -> None:
    for line in shown(sample(name), "table", {}, width).splitlines():
        assert width_of(line) <= max(width, 80) or line.strip().startswith("https://"), line


def test_keys_of_secrets_are_in_the_schemas_order() -> None:
    """The first ones as the peer (0.74) writes them, `Offset` only when it is not 0."""
    document = json.loads(shown(sample("secrets"), "json", {}))
    secret, key = (document["Results"][at]["Secrets"][0] for at in (1, 2))
    order = ["RuleID", "Category", "Severity", "Title", "StartLine", "EndLine", "Code", "Match", "Layer", "Offset"]
    assert list(secret)[: len(order)] == order
    assert "Offset" not in key
    assert list(document["Results"][1])[:3] == ["Target", "Class", "Secrets"]
    lines = secret["Code"]["Lines"]
    assert list(lines[0]) == [
        *("Number", "Content", "IsCause", "Annotation", "Truncated", "FirstCause", "LastCause"),
    ]
    assert {one["Type"] for one in document["Results"][1]["ExperimentalModifiedFindings"]} == {"secret"}


def test_wrap_breaks_words_that_are_too_long_and_counts_wide_characters() -> None:
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("https://avd.aquasec.com/nvd/cve", 12) == ["https://", "avd.aquasec.", "com/nvd/cve"]
    assert wrap("日本語日本語", 4) == ["日本", "語日", "本語"]
    assert wrap("", 5) == []


def test_draw_shrinks_the_widest_column_first() -> None:
    lines = draw([Column("A", 3), Column("B", 3)], [[[cell("x" * 30), cell("yy")]]], 20, False)
    assert all(len(line) == 20 for line in lines)


def test_package_order_of_keys_is_the_schemas() -> None:
    advice = advise(sample(), lambda _: None)
    keys = list(document(sample(), View(ReportOptions(), advice, TODAY)))
    assert keys[:9] == [
        "SchemaVersion",
        "Trivy",
        "ReportID",
        "CreatedAt",
        "ArtifactID",
        "ArtifactName",
        "ArtifactType",
        "Metadata",
        "Results",
    ]
