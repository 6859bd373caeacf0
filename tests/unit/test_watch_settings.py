"""Settings of `vigie watch`: Falco's file and keys, `-o`, variables, further files, and the section of vigie.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vigie.errors import UsageError
from vigie.model.alert import Priority
from vigie.runtime import setup
from vigie.settings.watch import document, options
from vigie.settings.watch.keys import GONE, AppendOutput, Selected, Selection
from vigie.settings.watch.options import WatchSettings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, and no settings of a real Falco."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(options, "PEER_FILE", str(tmp_path / "etc-falco.yaml"))
    return tmp_path


def load(text: str = "", *assignments: str, **environment: str) -> WatchSettings:
    """Settings of a falco.yaml of this text."""
    Path("falco.yaml").write_text(text)
    return options.load("falco.yaml", assignments, environment)


def overridden(*assignments: str, **begin: Any) -> dict[str, Any]:
    begun: dict[str, Any] = dict(begin)
    document.override(begun, assignments)
    return begun


def message(text: str = "", *assignments: str) -> str:
    with pytest.raises(UsageError) as caught:
        load(text, *assignments)
    return caught.value.message


# The keys of falco.yaml


def test_defaults_are_the_peers() -> None:
    settings = options.load("", (), {})
    keys = settings.keys
    assert (settings.path, settings.warnings, settings.priority) == ("", [], Priority.Debug)
    assert (keys.rules_files, keys.rules, keys.rule_matching) == ([], [], "first")
    assert keys.append_output == [AppendOutput(suggested_output=True)]
    assert (keys.json_output, keys.json_include_output_property, keys.json_include_message_property) == (
        False,
        True,
        False,
    )
    assert (keys.json_include_output_fields_property, keys.json_include_tags_property) == (True, True)
    assert (keys.time_format_iso_8601, keys.buffer_format_base64, keys.buffered_outputs) == (False, False, False)
    assert keys.stdout_output.enabled
    assert (keys.file_output.enabled, keys.file_output.keep_alive, keys.file_output.filename) == (
        False,
        False,
        "./events.txt",
    )
    assert keys.static_fields == {}
    assert (keys.log_stderr, keys.log_level) == (True, "info")


def test_a_file_as_in_use_loads_without_a_word() -> None:
    settings = load(
        """
rules_files: [/etc/falco/falco_rules.yaml, /etc/falco/rules.d]
rules:
  - disable: {tag: network}
  - enable: {rule: Directory traversal monitored file read}
engine:
  kind: replay
  kmod: {buf_size_preset: 4, drop_failed_exit: false}
  modern_ebpf: {cpus_for_each_buffer: 2, buf_size_preset: 4}
  replay: {capture_file: a.scap}
load_plugins: [container]
plugins: [{name: container, library_path: libcontainer.so}]
watch_config_files: true
plugins_hostinfo: true
priority: INFO
json_output: true
rule_matching: all
outputs_queue: {capacity: 0}
append_output:
  - match: {source: syscall, tags: [network], rule: A}
    extra_output: on %evt.hostname
    extra_fields: [evt.num, {who: '%user.name'}]
    suggested_output: true
static_fields: {a: one, b: 2, c: true}
syslog_output: {enabled: false}
program_output: {enabled: false, keep_alive: false, program: cat}
http_output: {enabled: false, url: ''}
file_output: {enabled: true, keep_alive: true, filename: out.txt}
stdout_output: {enabled: false}
webserver: {enabled: true, listen_port: 8765}
log_syslog: true
libs_logger: {enabled: true, severity: info}
output_timeout: 2000
syscall_event_timeouts: {max_consecutives: 1000}
syscall_event_drops: {threshold: .1, actions: [log, alert], rate: .03333, max_burst: 1}
metrics: {enabled: false, interval: 1h}
base_syscalls: {custom_set: [], repair: false}
falco_libs: {thread_table_size: 262144}
capture: {enabled: false}
"""
    )
    keys = settings.keys
    assert settings.warnings == []
    assert settings.priority is Priority.Informational
    assert keys.rules_files == ["/etc/falco/falco_rules.yaml", "/etc/falco/rules.d"]
    assert keys.rules == [
        Selection(disable=Selected(tag="network")),
        Selection(enable=Selected(rule="Directory traversal monitored file read")),
    ]
    assert (keys.engine.kind, keys.engine.replay.capture_file) == ("replay", "a.scap")
    (appended,) = keys.append_output
    assert (appended.match.source, appended.match.tags, appended.match.rule) == ("syscall", ["network"], "A")
    assert appended.extra_output == "on %evt.hostname"
    assert appended.extra_fields == ["evt.num", {"who": "%user.name"}]
    assert appended.suggested_output
    assert keys.static_fields == {"a": "one", "b": 2, "c": True}
    assert (keys.file_output.enabled, keys.file_output.keep_alive, keys.file_output.filename) == (True, True, "out.txt")
    assert not keys.stdout_output.enabled
    assert (keys.json_output, keys.rule_matching) == (True, "all")


def test_an_entry_of_append_output_suggests_nothing_by_itself() -> None:
    (entry,) = load("append_output: [{extra_output: x}]").keys.append_output
    assert not entry.suggested_output


def test_templates_of_extra_fields_are_defined_once_for_each_entry() -> None:
    entry = "{extra_fields: [evt.num, evt.num, {who: '%user.name'}]}"
    settings = setup.rule_settings(load(f"append_output: [{entry}, {entry}]"))
    assert [one.fields for one in settings.append] == [(("evt.num", "evt.num"), ("who", "%user.name"))] * 2
    with pytest.raises(UsageError, match="who"):
        setup.rule_settings(load("append_output: [{extra_fields: [{who: a}, {who: a}]}]"))


@pytest.mark.parametrize("key", sorted(GONE))
def test_removed_keys_are_named(key: str) -> None:
    (warning,) = load(f"{key}: {{enabled: true}}").warnings
    assert warning.startswith(f"falco.yaml: {key} is ignored: ")
    assert "removed from Falco" in warning


def test_an_unknown_key_is_named_and_what_may_have_been_meant() -> None:
    settings = load("json_ouput: true\nnothing_like_it: 1\n")
    assert not settings.keys.json_output
    assert len(settings.warnings) == 2
    assert "json_ouput" in settings.warnings[0]
    assert "json_output" in settings.warnings[0]
    assert "nothing_like_it" in settings.warnings[1]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("file_output: {enabled: true, color: red}", "file_output.color"),
        ("stdout_output: {enabled: true, color: red}", "stdout_output.color"),
        ("engine: {kind: replay, gvisor: {}}", "engine.gvisor"),
        ("engine: {replay: {capture_file: a, speed: 2}}", "engine.replay.speed"),
    ],
)
def test_an_unknown_key_further_in_is_named_too(text: str, name: str) -> None:
    (warning,) = load(text).warnings
    assert name in warning


@pytest.mark.parametrize("key", ["rules_files", "json_output", "engine", "static_fields", "append_output", "priority"])
def test_a_key_without_value_is_as_if_absent(key: str) -> None:
    assert load(f"{key}:\n").keys == load("").keys


def test_truth_values_may_be_quoted_and_lists_may_be_one() -> None:
    keys = load("json_output: 'true'\nrules_files: one.yaml\n").keys
    assert keys.json_output
    assert keys.rules_files == ["one.yaml"]


def test_rules_file_is_deprecated_and_comes_first() -> None:
    settings = load("rules_files: [b.yaml]\nrules_file: a.yaml\n")
    assert settings.keys.rules_files == ["a.yaml", "b.yaml"]
    assert settings.warnings == ["rules_file is deprecated, use rules_files"]
    assert load("rules_file: [a.yaml, c.yaml]").keys.rules_files == ["a.yaml", "c.yaml"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("json_output: maybe", "json_output"),
        ("engine: {kind: gvisor}", "engine.kind"),
        ("rule_matching: some", "rule_matching"),
        ("rules: [{enable: {rule: a, label: b}}]", "rules"),
        ("append_output: [{extra: x}]", "append_output"),
        ("priority: loud", "falco.yaml: priority: "),
        ("file_output: [a]", "file_output"),
    ],
)
def test_values_that_cannot_be_are_refused_with_their_place(text: str, names: str) -> None:
    told = message(text)
    assert names in told


def test_a_broken_file_is_told_with_its_line() -> None:
    assert message("a: 1\nb: [\n").startswith("falco.yaml:3:1: ")
    assert message("- a\n").startswith("falco.yaml: ")


@pytest.mark.parametrize(
    ("text", "priority"),
    [
        ("emergency", Priority.Emergency),
        ("ALERT", Priority.Alert),
        ("Critical", Priority.Critical),
        ("error", Priority.Error),
        ("wArNiNg", Priority.Warning),
        ("notice", Priority.Notice),
        ("informational", Priority.Informational),
        ("INFO", Priority.Informational),
        ("debug", Priority.Debug),
    ],
)
def test_priorities_in_any_case(text: str, priority: Priority) -> None:
    assert load(f"priority: {text}").priority is priority


# Variables


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${NAME}", "plain"),
        ("before ${NAME} after", "before plain after"),
        ("${NAME}${NAME}", "plainplain"),
        ("${ABSENT}", None),
        ("x${ABSENT}y", "xy"),
        ("$${NAME}", "${NAME}"),
        ("a $${NAME} ${NAME}", "a ${NAME} plain"),
        ("$NAME", "$NAME"),
        ("${NAME", "${NAME"),
        ("${PORT}", 8765),
        ("${SWITCH}", True),
    ],
)
def test_variables_of_the_environment(value: str, expected: Any) -> None:
    environment = {"NAME": "plain", "PORT": "8765", "SWITCH": "true"}
    assert document.expanded(value, environment) == expected
    assert document.expanded({"a": [value]}, environment) == {"a": [expected]}


def test_variables_in_a_file() -> None:
    keys = load(
        "json_output: ${JSON}\nfile_output: {filename: '${DIR}/e.txt'}\n"
        "append_output: [{extra_output: 'cost $${DIR}'}]\n",
        JSON="true",
        DIR="/var/log",
    ).keys
    assert keys.json_output
    assert keys.file_output.filename == "/var/log/e.txt"
    assert keys.append_output[0].extra_output == "cost ${DIR}"


def test_names_of_keys_are_not_expanded() -> None:
    assert document.expanded({"${A}": 1}, {"A": "b"}) == {"${A}": 1}


# Further files


def config_d(strategy: str, **files: str) -> dict[str, Any]:
    Path("config.d").mkdir()
    for name, text in files.items():
        Path(f"config.d/{name}.yaml").write_text(text)
    entry = f"{{path: config.d, strategy: {strategy}}}" if strategy else "config.d"
    Path("falco.yaml").write_text(
        f"config_files: [{entry}]\nrules_files: [main.yaml]\njson_output: false\nengine: {{kind: kmod}}\n"
    )
    merged = document.read("falco.yaml", {})
    del merged["config_files"]
    return merged


ONE = "rules_files: [one.yaml]\njson_output: true\npriority: error\nengine: {replay: {capture_file: a}}\n"


@pytest.mark.parametrize(
    ("strategy", "rules_files", "json_output", "engine"),
    [
        ("", ["main.yaml", "one.yaml"], True, {"replay": {"capture_file": "a"}}),
        ("append", ["main.yaml", "one.yaml"], True, {"replay": {"capture_file": "a"}}),
        ("override", ["one.yaml"], True, {"replay": {"capture_file": "a"}}),
        ("add-only", ["main.yaml"], False, {"kind": "kmod"}),
    ],
)
def test_strategies_of_further_files(
    strategy: str, rules_files: list[str], json_output: bool, engine: dict[str, Any]
) -> None:
    assert config_d(strategy, one=ONE) == {
        "rules_files": rules_files,
        "json_output": json_output,
        "engine": engine,
        "priority": "error",
    }


def test_files_of_a_folder_are_merged_by_name() -> None:
    Path("config.d").mkdir()
    Path("config.d/notes.txt").write_text("json_output: [")
    Path("config.d/z.yaml").write_text("priority: alert\n")
    Path("config.d/a.yml").write_text("priority: error\nrules_files: [a]\n")
    Path("falco.yaml").write_text("config_files: [config.d, absent.yaml]\nrules_files: [m]\n")
    merged = document.read("falco.yaml", {})
    assert (merged["priority"], merged["rules_files"]) == ("alert", ["m", "a"])


def test_variables_and_bounds_of_further_files() -> None:
    Path("more.yaml").write_text("priority: ${LEVEL}\n")
    Path("falco.yaml").write_text("config_files: ['${FILE}']\n")
    assert document.read("falco.yaml", {"FILE": "more.yaml", "LEVEL": "error"})["priority"] == "error"


@pytest.mark.parametrize(
    ("entry", "inner", "told"),
    [
        ("{path: more.yaml, strategy: replace}", "", "append, override, add-only"),
        ("{strategy: append}", "", "config_files"),
        ("3", "", "config_files"),
        ("more.yaml", "config_files: [falco.yaml]", "more.yaml"),
    ],
)
def test_wrong_further_files(entry: str, inner: str, told: str) -> None:
    Path("more.yaml").write_text(inner)
    assert told in message(f"config_files: [{entry}]\n")


def test_config_files_must_be_a_list() -> None:
    assert "config_files" in message("config_files: {a: b}\n")


# -o


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("a=1", {"a": 1}),
        ("a=true", {"a": True}),
        ("a='true'", {"a": "true"}),
        ("a=text with = signs", {"a": "text with = signs"}),
        ("a=", {"a": None}),
        ("a.b.c=x", {"a": {"b": {"c": "x"}}}),
        ("a[0]=x", {"a": ["x"]}),
        ("a[]=x", {"a": ["x"]}),
        ("a[0].b=x", {"a": [{"b": "x"}]}),
        ("a[].b.c=x", {"a": [{"b": {"c": "x"}}]}),
        ("a[0][0]=x", {"a": [["x"]]}),
        (r"a\.b=x", {"a.b": "x"}),
        (r"a\[0\].c=x", {"a[0]": {"c": "x"}}),
        ("a={b: 1, c: [2]}", {"a": {"b": 1, "c": [2]}}),
        ('a={"b": "c"}', {"a": {"b": "c"}}),
        ("a=[x, y]", {"a": ["x", "y"]}),
        ("a={not yaml", {"a": "{not yaml"}),
    ],
)
def test_one_assignment(assignment: str, expected: dict[str, Any]) -> None:
    assert overridden(assignment) == expected


def test_assignments_change_what_is_there() -> None:
    begin = {"a": {"b": 1, "c": 2}, "l": ["x", {"y": 1}]}
    assert overridden("a.b=3", "l[1].y=4", "l[0]=z", "l[2]=end", "l[]=more", **begin) == {
        "a": {"b": 3, "c": 2},
        "l": ["z", {"y": 4}, "end", "more"],
    }


def test_appended_entries_are_entries_of_their_own() -> None:
    keys = load("", "rules[].disable.rule=*", "rules[].enable.tag=network").keys
    assert keys.rules == [Selection(disable=Selected(rule="*")), Selection(enable=Selected(tag="network"))]


def test_the_last_assignment_wins_over_earlier_ones_and_the_file() -> None:
    assert load("priority: error", "priority=alert", "priority=notice").priority is Priority.Notice


def test_assignments_reach_the_capture() -> None:
    engine = load("", "engine.kind=replay", "engine.replay.capture_file=/tmp/a.scap").keys.engine
    assert (engine.kind, engine.replay.capture_file) == ("replay", "/tmp/a.scap")


@pytest.mark.parametrize(
    "assignment",
    ["", "a", "=b", " =b", "[0]=b", "a[x]=b", "a[-1]=b", "a[0=b", ".a[=b", "a[5]=b", "a[0].b[2]=c", "a[99999999999]=b"],
)
def test_malformed_assignments(assignment: str) -> None:
    with pytest.raises(UsageError) as caught:
        overridden(assignment)
    assert caught.value.message.startswith("-o ")


def test_an_assignment_through_a_scalar_replaces_it() -> None:
    assert overridden("a.b=1", a="text") == {"a": {"b": 1}}


# vigie.yaml


OWN = """
watch:
  rules: own.yaml
  select: [{disable: {tag: network}}]
  replay: a.scap
  priority: error
  matching: all
  append: [{extra_output: '%evt.num'}]
  static: {site: '${SITE}'}
  json: true
  iso-time: true
  base64: true
  stdout: false
  file: out.txt
"""


def test_the_section_of_vigie_yaml() -> None:
    Path("vigie.yaml").write_text(OWN)
    for given in ("", "vigie.yaml"):
        settings = options.load(given, (), {"SITE": "here"})
        keys = settings.keys
        assert (settings.path, settings.warnings, settings.priority) == ("vigie.yaml", [], Priority.Error)
        assert keys.rules_files == ["own.yaml"]
        assert keys.rules == [Selection(disable=Selected(tag="network"))]
        assert (keys.engine.kind, keys.engine.replay.capture_file) == ("replay", "a.scap")
        assert keys.rule_matching == "all"
        assert keys.append_output == [AppendOutput(extra_output="%evt.num")]
        assert keys.static_fields == {"site": "here"}
        assert (keys.json_output, keys.time_format_iso_8601, keys.buffer_format_base64) == (True, True, True)
        assert not keys.stdout_output.enabled
        assert (keys.file_output.enabled, keys.file_output.filename) == (True, "out.txt")


def test_flags_win_over_the_section() -> None:
    Path("vigie.yaml").write_text("watch: {json: true}\n")
    assert not options.load("", ("json_output=false",), {}).keys.json_output


def test_an_unknown_key_of_the_section_is_refused() -> None:
    Path("vigie.yaml").write_text("watch: {ruls: a}\n")
    with pytest.raises(UsageError) as caught:
        options.load("", (), {})
    assert "ruls" in caught.value.message
    assert "rules" in caught.value.hint


def test_the_section_must_be_a_mapping() -> None:
    Path("vigie.yaml").write_text("watch: 3\n")
    with pytest.raises(UsageError, match="watch"):
        options.load("", (), {})


def test_which_file_is_read(folder: Path) -> None:
    peer = folder / "etc-falco.yaml"
    peer.write_text("priority: alert\n")
    assert options.load("", (), {}).path == str(peer)
    Path("vigie.yaml").write_text("severity: high\n")
    assert options.load("", (), {}).priority is Priority.Alert, "a vigie.yaml without the section says nothing"
    Path("vigie.yaml").write_text("watch: {priority: error}\n")
    assert options.load("", (), {}).priority is Priority.Error
    Path("given.yaml").write_text("priority: debug\n")
    assert options.load("given.yaml", (), {}).priority is Priority.Debug


def test_a_given_file_must_be_there() -> None:
    with pytest.raises(UsageError, match=r"absent\.yaml"):
        options.load("absent.yaml", (), {})
