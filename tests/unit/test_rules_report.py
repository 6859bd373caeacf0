"""What is told of rule files: validation in text and JSON, descriptions, the schema, the error that ends a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vigie.errors import RuleError, UsageError
from vigie.runtime.rules import describe, lint, report, schema, sources
from vigie.runtime.rules.document import Source
from vigie.runtime.rules.load import Loaded, load
from vigie.runtime.rules.settings import RuleSettings
from vigie.runtime.watch import Watch

GOOD = """\
- list: shells
  items: [bash, sh]
- macro: opened
  condition: evt.type in (open, openat)
- rule: Shell opens
  desc: >
    A shell opens a file, which is told at some length so that the text has to be wrapped into more than one line of it.
  condition: opened and proc.name in (shells)
  output: a shell opened %fd.name
  priority: info
  tags: [b, a]
  exceptions:
    - name: allowed
      fields: [fd.name]
      comps: [startswith]
      values: [[/tmp]]
"""
BAD = """\
# é
- rule: Shell opens
  desc: d
  condition: évt.type = open
  output: o
  priority: urgent
"""


def loaded(**files: str) -> Loaded:
    return load([Source(f"{name}.yaml", text.encode()) for name, text in files.items()])


def test_control_characters_stay_away_from_the_terminal() -> None:
    run = loaded(
        bad=BAD.replace("urgent", '"\\e[31m\\u202eurgent"')
        .replace("Shell", '"\\e]0;Shell\\a')
        .replace("opens", 'opens"')
    )
    assert all(char.isprintable() or char == "\n" for char in report.text(run))
    assert all(char.isprintable() or char == "\n" for char in report.refusal(run)[0])


def test_summaries() -> None:
    run = loaded(good=GOOD, warned=GOOD.replace("tags", "tagged"), bad=BAD)
    assert [report.summary(result) for result in run.results] == [
        "good.yaml: Ok",
        "warned.yaml: Ok, with warnings",
        "bad.yaml: Invalid",
    ]


def test_text_shows_the_place() -> None:
    lines = report.text(loaded(bad=BAD)).splitlines()
    assert lines[0] == "bad.yaml: Invalid"
    assert lines[1] == "1 Errors:"
    assert lines[2] == "In rules content: (bad.yaml:2:1)"
    assert lines[3] == "    rule 'Shell opens': (bad.yaml:2:3)"
    assert lines[4] == "    value for 'priority': (bad.yaml:6:13)"
    assert lines[5:9] == ["------", "  priority: urgent", " " * 12 + "^", "------"]
    assert lines[9].startswith("LOAD_ERR_YAML_VALIDATE (")
    assert "'urgent'" in lines[9]


def test_json_is_that_of_the_peer() -> None:
    document = report.document(loaded(bad=BAD))
    assert list(document) == ["falco_load_results"]
    (result,) = document["falco_load_results"]
    assert {key: result[key] for key in ("name", "successful", "schema_valid", "schema_warnings", "warnings")} == {
        "name": "bad.yaml",
        "successful": False,
        "schema_valid": "none",
        "schema_warnings": [],
        "warnings": [],
    }
    (error,) = result["errors"]
    assert set(error) == {"context", "code", "codedesc", "message"}
    assert error["code"] == "LOAD_ERR_YAML_VALIDATE"
    assert error["context"]["snippet"] == "  priority: urgent\n            ^\n"
    # Lines and columns from 0 and offsets in bytes: 'é' has two.
    assert error["context"]["locations"][1:] == [
        {
            "item_type": "rule",
            "item_name": "Shell opens",
            "position": {"name": "bad.yaml", "line": 1, "column": 2, "offset": len("# é\n- ".encode())},
        },
        {
            "item_type": "value for",
            "item_name": "priority",
            "position": {
                "name": "bad.yaml",
                "line": 5,
                "column": 12,
                "offset": BAD.encode().index(b"urgent"),
            },
        },
    ]
    json.dumps(document)


def test_conditions_are_shown_as_expressions() -> None:
    run = loaded(bad=GOOD.replace("proc.name in (shells)", "proc.name in (shells"))
    (problem,) = run.problems
    assert problem.code == "LOAD_ERR_COMPILE_CONDITION"
    kinds = [where.kind for where in problem.where.chain()]
    assert kinds == ["rules content", "rule", "condition", "condition expression"]
    # The expression has its lists and exceptions put in.
    assert "(opened and proc.name in ( bash, sh ) and not" in report.text(run)


def test_long_lines_are_cut() -> None:
    condition = f"evt.type = open and {'fd.num = 1 or ' * 100} nowhere"
    run = loaded(bad=f"- rule: R\n  desc: d\n  condition: {condition}\n  output: o\n  priority: info\n")
    snippet = report.document(run)["falco_load_results"][0]["errors"][0]["context"]["snippet"]
    line, caret = snippet.splitlines()
    assert line.startswith("...")
    assert len(line) <= 170
    assert line[caret.index("^") :].startswith("nowhere")


def test_the_error_that_ends_a_run() -> None:
    with pytest.raises(RuleError) as error:
        _ = loaded(bad=BAD).ruleset
    assert error.value.exit_status == 2
    first, line, caret = error.value.message.splitlines()
    assert first.startswith("bad.yaml:6:13: 'urgent'")
    assert line == "  priority: urgent"
    assert caret == " " * 12 + "^"


def test_rules_run() -> None:
    ruleset = loaded(good=GOOD).ruleset
    ((core, rules),) = ruleset.sets
    assert [rule.name for rule in rules] == ["Shell opens"]
    assert rules[0].tags == ("a", "b")
    assert Watch([(core, rules)]) is not None


def test_unreadable(tmp_path: Path) -> None:
    run = load(list(sources.find([str(tmp_path / "none.yaml")])))
    assert [problem.code for problem in run.problems] == ["LOAD_ERR_FILE_READ"]
    assert "No such file" in run.problems[0].message
    run = load([Source("large.yaml", b" " * ((10 << 20) + 1))])
    assert [problem.code for problem in run.problems] == ["LOAD_ERR_FILE_READ"]


def test_folders(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "c.yaml.bak", "d.txt", ".e.yaml"):
        (tmp_path / name).write_text("[]")
    (tmp_path / "f.yaml").mkdir()
    odd = tmp_path / "rules.conf"
    odd.write_text("[]")
    found = [Path(source.name).name for source in sources.find([str(odd), str(tmp_path)])]
    assert found == ["rules.conf", ".e.yaml", "a.yml", "b.yaml"]


def test_described_as_a_table() -> None:
    lines = describe.table(loaded(good=GOOD)).splitlines()
    assert lines[0] == f"{'Rule':<50} Description"
    assert lines[2].startswith(f"{'Shell opens':<50} A shell opens a file")
    assert lines[3].startswith(" " * 51)
    assert all(len(line) <= 110 for line in lines)
    with pytest.raises(UsageError):
        describe.table(loaded(good=GOOD), "Another")


def test_described_as_a_document() -> None:
    text = "- required_engine_version: 0.26.0\n- required_plugin_versions: [{name: container, version: 0.4.0}]\n" + GOOD
    document = describe.document(load([Source("good.yaml", text.encode())], settings=RuleSettings(append=())))
    assert list(document) == ["required_engine_version", "required_plugin_versions", "rules", "macros", "lists"]
    assert document["required_engine_version"] == "0.26.0"
    assert document["required_plugin_versions"] == [{"name": "container", "version": "0.4.0", "alternatives": []}]
    (rule,) = document["rules"]
    assert rule["info"] == {
        "name": "Shell opens",
        "condition": "opened and proc.name in (shells)",
        "priority": "Informational",
        "output": "a shell opened %fd.name",
        "description": " ".join(GOOD.splitlines()[6].split()),
        "enabled": True,
        "source": "syscall",
        "capture": False,
        "capture_duration": 0,
        "tags": ["a", "b"],
    }
    assert rule["details"] == {
        "macros": ["opened"],
        "lists": ["shells"],
        "condition_operators": ["in", "startswith"],
        "condition_fields": ["evt.type", "fd.name", "proc.name"],
        "output_fields": ["fd.name"],
        "extra_output_formatted_fields": {},
        "exception_names": ["allowed"],
        "exception_fields": ["fd.name"],
        "exception_operators": ["startswith"],
        "events": ["open", "openat"],
        "condition_compiled": "((evt.type in (open, openat) and proc.name in (bash, sh)) "
        "and not fd.name startswith /tmp)",
        "output_compiled": "a shell opened %fd.name",
        "plugins": [],
    }
    (macro,) = document["macros"]
    assert macro["info"] == {"name": "opened", "condition": "evt.type in (open, openat)"}
    assert macro["details"]["used"] is True
    assert macro["details"]["events"] == ["open", "openat"]
    (one,) = document["lists"]
    assert one["info"] == {"name": "shells", "items": ["bash", "sh"]}
    assert one["details"] == {"used": True, "lists": [], "items_compiled": ["bash", "sh"], "plugins": []}
    assert list(describe.document(loaded(good=GOOD), "Shell opens")) == ["rules"]


def test_schema() -> None:
    settings = RuleSettings(schema=True)
    run = load(
        [Source("good.yaml", GOOD.encode()), Source("warned.yaml", GOOD.replace("tags", "tagged").encode())],
        settings=settings,
    )
    assert [result.schema for result in run.results] == ["ok", "failed"]
    assert run.results[1].schema_warnings == ("[2].tagged (line 11): an unknown key",)
    assert all(result.successful for result in run.results)
    assert list(schema.failures(Source("x", b"- rule: R\n  priority: urgent\n  enabled: [a]\n"))) == [
        "[0].priority (line 2): none of the values that can stand here",
        "[0].enabled (line 3): boolean expected",
    ]
    json.dumps(schema.schema())


def test_advice() -> None:
    twice = GOOD + GOOD[GOOD.index("- rule") :].replace("rule: Shell opens", "rule: Again")
    twice += "- macro: opened\n  condition: evt.type = open\n"
    about = [(advice.about, advice.where.name) for advice in lint.remarks(loaded(good=twice))]
    assert about == [("redefined", "opened"), ("repeated", "Again")]


class Judge:
    """An engine that knows that the rule 1 never matches and that 2 only matches what 0 does."""

    def never(self, index: int) -> bool:
        return index == 1

    def implies(self, one: int, other: int) -> bool:
        return (one, other) == (2, 0)


def test_advice_of_the_engine() -> None:
    rule = GOOD[GOOD.index("- rule") :]
    text = GOOD + "".join(
        rule.replace("Shell opens", name).replace("(shells)", f"({name})") for name in ("never", "shadowed", "free")
    )
    run = loaded(good=text)
    assert run.compiler is not None
    ((_, rules),) = run.compiler.sets
    run.compiler.sets = [(Judge(), rules)]  # type: ignore[list-item]
    assert [(one.about, one.where.name) for one in lint.remarks(run)] == [("never", "never"), ("shadowed", "shadowed")]
    assert [one.about for one in lint.remarks(run, first=False)] == ["never"]


def test_the_library_loads() -> None:
    run = load(list(sources.library()))
    assert [problem.message for problem in run.problems if problem.fatal] == []
    assert {"maturity_stable"} == {tag for one in run.known.values() for tag in one.rule.tags if "maturity" in tag}
    everything = load(list(sources.library(sources.MATURITIES)))
    assert set(run.known) < set(everything.known)
    assert [problem.message for problem in everything.problems] == []
