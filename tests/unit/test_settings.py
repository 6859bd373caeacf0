"""Options: units, precedence, settings files, pairs of formats and files."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from vigie.cli.image import COMMAND
from vigie.cli.main import VALUED
from vigie.cli.options import parse
from vigie.errors import UsageError
from vigie.settings import files, refused, units
from vigie.settings.groups import SOURCES, Options
from vigie.settings.resolve import declared, default_document, resolve, variables

SETTINGS = declared(COMMAND.command.groups)


def resolved(
    *arguments: str, environment: dict[str, str] | None = None, folder: Path | str = "/nonexistent"
) -> tuple[Options, list[str]]:
    parsed = parse(arguments, SETTINGS, COMMAND.command)
    options, warnings = resolve(SETTINGS, parsed.given, environment or {}, folder=str(folder))
    return options, [*parsed.warnings, *warnings]


def refusal(*arguments: str, **more: object) -> str:
    with pytest.raises(UsageError) as error:
        resolved(*arguments, **more)  # type: ignore[arg-type]
    return error.value.message + (f" [{error.value.hint}]" if error.value.hint else "")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("5m", 300), ("1h30m", 5400), ("1.5h", 5400), ("5m0s", 300), ("250ms", 0.25), ("0", 0), ("300", 300)],
)
def test_duration(text: str, seconds: float) -> None:
    assert units.duration(text) == seconds


@pytest.mark.parametrize("text", ["", "m5", "-5m", "5 minutes", "1h-3m", "1e9h", "nan", "inf", "..", "9" * 400 + "h"])
def test_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="must be a time"):
        units.duration(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("500MB", 500_000_000),
        ("2gb", 2 * 10**9),
        ("1GiB", 1 << 30),
        ("1.5k", 1500),
        ("10 KiB", 10240),
        ("7b", 7),
    ],
)
def test_size(text: str, size: int) -> None:
    assert units.size(text) == size


@pytest.mark.parametrize("text", ["", "MB", "-1GB", "1XB", "1 0GB"])
def test_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="must be a size"):
        units.size(text)


@hypothesis_given(st.integers(0, 10**6), st.sampled_from(["s", "m", "h"]))
def test_durations_of_one_unit_scale(number: int, unit: str) -> None:
    scale = {"s": 1, "m": 60, "h": 3600}[unit]
    if number * scale <= 366 * 86400:
        assert units.duration(f"{number}{unit}") == number * scale


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("high+", "HIGH,CRITICAL"),
        ("HIGH,CRITICAL", "HIGH,CRITICAL"),
        ("critical,low", "LOW,CRITICAL"),
        ("low,high+", "LOW,HIGH,CRITICAL"),
        ("Unknown+", "UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL"),
    ],
)
def test_severities(given: str, expected: str) -> None:
    assert resolved("--severity", given)[0].report.severities == tuple(expected.split(","))


def test_repeated_lists_add_up() -> None:
    options, _ = resolved("--skip-dirs", "a,b", "--skip-dirs=c", '--skip-files="x,y",z')
    assert options.scan.skip_dirs == ("a", "b", "c")
    assert options.scan.skip_files == ("x,y", "z")


def test_precedence(tmp_path: Path) -> None:
    (tmp_path / "trivy.yaml").write_text("severity: [LOW]\nexit-code: 5\ntimeout: 1m\ncache:\n  dir: /from/file\n")
    environment = {"TRIVY_SEVERITY": "MEDIUM", "VIGIE_SEVERITY": "HIGH", "TRIVY_EXIT_CODE": "6", "TRIVY_QUIET": ""}
    options, _ = resolved("--severity", "CRITICAL", environment=environment, folder=tmp_path)
    assert options.report.severities == ("CRITICAL",)  # the flag
    assert resolved(environment=environment, folder=tmp_path)[0].report.severities == ("HIGH",)  # ours before theirs
    assert options.report.exit_code == 6  # the environment before the file
    assert options.general.timeout == 60  # the file before the default
    assert options.general.cache_dir == "/from/file"
    assert options.general.quiet is False  # an empty variable is not set


def test_our_settings_file_comes_before_theirs(tmp_path: Path) -> None:
    (tmp_path / "trivy.yaml").write_text("exit-code: 1")
    (tmp_path / "vigie.yaml").write_text("exit-code: 2\nunknown: {deep: 1}\n")
    assert resolved(folder=tmp_path)[0].report.exit_code == 2


def test_settings_file_values(tmp_path: Path) -> None:
    path = tmp_path / "any.yaml"
    path.write_text(
        "format: json\noutput: out.json\nSeverity: high+\nscan:\n  security-checks: vuln\n  parallel: 2\n"
        "vulnerability:\n  type: [os]\n  ignore-unfixed: true\nregistry:\n  mirrors:\n    docker.io: [mirror.example]\n"
    )
    options, warnings = resolved("--config", str(path))
    assert (options.report.formats, options.report.outputs) == (("json",), ("out.json",))
    assert options.report.severities == ("HIGH", "CRITICAL")
    assert options.scan.parallel == 2
    assert options.packages.types == ("os",)
    assert options.vulnerabilities.ignore_unfixed is True
    assert options.registry.mirrors == {"docker.io": ("mirror.example",)}
    assert warnings == [
        f"{path}: scan.security-checks is deprecated, use scan.scanners",
        f"{path}: vulnerability.type is deprecated, use pkg.types",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("severity: [unclosed\n", ":2:1: did not find expected ',' or ']'"),
        ("- a list\n", "a settings file is a mapping"),
        ("severity: {a: 1}\n", ": severity must be a list of texts"),
        ("timeout: [1m]\n", ": timeout must be a single value"),
        ("exit-code: 256\n", ': exit-code "256": must be an exit status from 0 to 255'),
        ("format: xml\n", ': format "xml": must be table, json or sarif'),
        ("registry: {mirrors: [a]}\n", ": registry.mirrors must name a list of mirrors for each host"),
    ],
)
def test_bad_settings_files(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(text)
    assert expected in refusal("--config", str(path))


def test_a_named_settings_file_must_exist() -> None:
    assert refusal("--config", "/nonexistent/x.yaml").startswith("the settings file /nonexistent/x.yaml does not exist")


@pytest.mark.parametrize(
    ("arguments", "pairs"),
    [
        ("", [("table", "")]),
        ("-f json", [("json", "")]),
        ("-o a", [("table", "a")]),
        ("-f json -o a", [("json", "a")]),
        ("-o a -f json", [("json", "a")]),
        ("-f json -o a -f table", [("json", "a"), ("table", "")]),
        ("-f table -f json -o a", [("table", ""), ("json", "a")]),
        ("-f json -o a -f table -o b", [("json", "a"), ("table", "b")]),
        ("-f json -f table -o b -o a", [("json", "a"), ("table", "b")]),
        ("-o a -f json -f table", [("json", "a"), ("table", "")]),
        ("--format=json --output=a,b", [("json", "a,b")]),
        ("-fjson -oa", [("json", "a")]),
    ],
)
def test_formats_and_outputs_pair(arguments: str, pairs: list[tuple[str, str]]) -> None:
    report = resolved(*arguments.split())[0].report
    assert list(zip(report.formats, report.outputs, strict=True)) == pairs


def test_pairs_from_elsewhere() -> None:
    report = resolved("-o", "x", environment={"TRIVY_FORMAT": "json"})[0].report
    assert (report.formats, report.outputs) == (("json",), ("x",))
    report = resolved("-f", "json", environment={"TRIVY_OUTPUT": "x"})[0].report
    assert (report.formats, report.outputs) == (("json",), ("x",))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("-f json -f table", "two formats would go to standard output"),
        ("-f json -o a -o b", '--output "b" has no --format of its own'),
        ("-f json -o a -f table -o a", "two formats would go to the same file"),
        ("-f jsn", '--format "jsn": must be table, json or sarif [did you mean json?]'),
        ("-f cyclonedx", "--format: cyclonedx is not available yet"),
        ("-o plugin=x", "--output: output plugins are not available yet"),
        ("--severity hgih", '--severity "hgih": must be unknown, low, medium, high or critical, or a threshold'),
        ("--severity ,", "names no severity"),
        ("--scanners vuln,license", "--scanners: license is not available yet"),
        ("--scanners rbac", "--scanners: rbac is not available yet"),
        ("--scanners", "--scanners needs a value"),
        ("--exit-code 256", "must be an exit status from 0 to 255"),
        ("--exit-code=-1", "must be an exit status from 0 to 255"),
        ("--parallel many", "must be a whole number from 0"),
        ("--timeout soon", "must be a time such as 90s, 5m or 1h30m"),
        ("--quiet=maybe", "must be true or false"),
        ("--cache-backend redis://h", "the Redis cache is not available yet"),
        ("--ignore-status fixd", "did you mean fixed?"),
        ("--clear-cache", "--clear-cache was removed [use `vigie clean --scan-cache`]"),
        ("--reset", "--reset was removed [use `vigie clean --all`]"),
        ("--vex repo", "--vex is not available yet"),
        ("-t x", "-t is not available yet"),
        ("--compliance=docker-cis", "--compliance is not available yet"),
        ("--severty high", "did you mean --severity?"),
        ("-x", 'vigie image does not understand "-x"'),
        ("--severity --quiet", "--severity needs a value"),
        ('--skip-dirs "a', "has an unbalanced quotation mark"),
        ("--\x1b[31mred", 'vigie image does not understand "--red"'),
    ],
)
def test_refusals_are_one_clear_line(arguments: str, message: str) -> None:
    text = refusal(*arguments.split(" "))
    assert message in text
    assert "\n" not in text


def test_older_spellings_warn() -> None:
    options, warnings = resolved(
        "--vuln-type=os",
        "--security-checks",
        "vulnerability",
        "--skip-update",
        "--slow",
        "--light",
        "--disable-telemetry",
    )
    assert options.packages.types == ("os",)
    assert options.scan.scanners == ("vuln",)
    assert options.database.skip_update is True
    assert options.scan.parallel == 1
    assert warnings == [
        "--slow is deprecated, use --parallel 1",
        "--light is ignored: the light database is gone",
        "--security-checks is deprecated, use --scanners",
        "--vuln-type is deprecated, use --pkg-types",
        "--skip-update is deprecated, use --skip-db-update",
    ]
    options, warnings = resolved(environment={"TRIVY_SKIP_UPDATE": "true"})
    assert options.database.skip_update is True
    assert warnings == ["TRIVY_SKIP_UPDATE is deprecated, use VIGIE_SKIP_DB_UPDATE"]


def test_variables_of_flags_still_to_come_are_not_passed_over_in_silence() -> None:
    environment = {"TRIVY_VEX": "repo", "TRIVY_REMOVED_PKGS": "false", "VIGIE_IGNORE_POLICY": ""}
    assert resolved(environment=environment)[1] == ["TRIVY_VEX is set, but --vex is not available yet"]


def test_switches() -> None:
    options, _ = resolved("-dq", "--list-all-pkgs=false", "--ignore-unfixed=true", "--no-progress")
    assert (options.general.debug, options.general.quiet) == (True, True)
    assert options.report.list_all_packages is False
    assert options.vulnerabilities.ignore_unfixed is True


def test_targets_and_options_mix_and_dashes_end_options() -> None:
    parsed = parse(["-f", "json", "img", "-q", "--", "-x"], SETTINGS, COMMAND.command)
    assert parsed.targets == ["img", "-x"]
    assert [(g.name, g.value) for g in parsed.given] == [("--format", "json"), ("--quiet", "true")]


def test_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/u")
    assert files.cache_folder("", {}) == "/home/u/.cache/vigie"
    assert files.cache_folder("", {"XDG_CACHE_HOME": "/x"}) == "/x/vigie"
    assert files.cache_folder("", {"XDG_CACHE_HOME": "relative"}) == "/home/u/.cache/vigie"
    assert files.cache_folder("", {"TRIVY_CACHE_DIR": "/t", "VIGIE_CACHE_DIR": "/v"}) == "/v"
    assert files.cache_folder("~/c", {}) == "/home/u/c"


def test_default_settings_read_back_to_the_defaults(tmp_path: Path) -> None:
    import yaml

    path = tmp_path / "d.yaml"
    path.write_text(yaml.safe_dump(default_document(SETTINGS)))
    options, warnings = resolved("--config", str(path))
    general = msgspec.structs.replace(options.general, config="")
    assert msgspec.structs.replace(options, general=general) == resolved()[0]
    assert warnings == []


def test_flags_are_declared_once_and_consistently() -> None:
    every = declared(Options.__struct_fields__)
    names = [setting.flag.name for setting in every]
    spelled = [s for setting in every for s in (setting.flag.name, setting.flag.short, *setting.flag.aliases) if s]
    assert len(set(names)) == len(names)
    assert len(set(spelled)) == len(spelled)
    keys = [setting.flag.key for setting in every if setting.flag.key]
    assert len(set(keys)) == len(keys)
    assert not set(spelled) & ({*refused.REMOVED, *refused.LATER, *refused.WITHOUT_EFFECT} - {"-t"})
    for setting in every:
        assert setting.flag.help, setting.flag.name
        assert variables(setting.flag)[0][0].startswith("VIGIE_")


def test_main_knows_the_global_flags_with_values() -> None:
    declared_ones = {
        spelled
        for setting in declared(("general",))
        if setting.kind != "switch"
        for spelled in (setting.flag.name, setting.flag.short)
        if spelled
    }
    assert set(VALUED) == declared_ones


def test_every_feed_of_our_database_may_be_named_as_a_rater() -> None:
    from vigie.vulnerabilities.database.sources import feeds

    assert {feed.id for feed in feeds().values()} <= set(SOURCES)
