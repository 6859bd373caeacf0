"""`vigie rules`: tests of rules, what they cost, what is odd about them, and why they match an event or not."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from vigie import log
from vigie.cli.options import Command, Values, help_text, parse
from vigie.errors import UsageError
from vigie.settings.groups import Flag
from vigie.settings.resolve import Kind, Setting, nearest, shown

if TYPE_CHECKING:
    from vigie.runtime.rules.lint import Advice
    from vigie.runtime.rules.load import Loaded
    from vigie.runtime.verdicts import Verdict

COMMAND = Command(
    "rules",
    "Test, measure and explain rules.",
    (
        "vigie rules test CASES.yaml...               expected alerts of recorded events",
        "vigie rules profile --replay FILE            what each rule costs",
        "vigie rules lint -r RULES                    what is odd about rules that load",
        "vigie rules why --replay FILE --event NUM    why a rule matches it or does not",
    ),
    ("rules",),
)


def _flag(name: str, short: str, metavar: str, text: str) -> Setting:
    kind: Kind = "text" if metavar else "switch"
    return Setting("rules", name.lstrip("-"), Flag(name, "", text, short, metavar=metavar), kind, "")


SETTINGS = [
    _flag("--rules", "-r", "PATH", "rules file or folder (may be repeated; default: the library's stable rules)"),
    _flag(
        "--library",
        "",
        "MATURITY,...",
        "rules that come with Vigie, before those of -r: stable, incubating, sandbox, k8s_audit",
    ),
    _flag("--replay", "", "FILE", "the capture to take events from"),
    _flag("--matching", "", "WHICH", "first: one rule an event (default); all: every rule that matches"),
    _flag("--event", "", "NUMBER", "why: the event's number (evt.num)"),
    _flag("--time", "", "NANOSECONDS", "why: the event's time (evt.time of an alert as JSON)"),
    _flag("--rule", "", "NAME", "why: this rule alone, even when it does not look at such events"),
    _flag("--full", "", "", "why: all parts of conditions, not just those that decide"),
    _flag("--format", "-f", "FORMAT", "text or json"),
]

LARGEST = 2**64 - 1


class RulesFlags(Values):
    """A command line of `vigie rules`."""

    def one_of(self, name: str, *choices: str) -> str:
        """A flag's value out of some, the first when it is not given. Raises UsageError."""
        value = self.last(name, choices[0])
        if value not in choices:
            raise UsageError(f"--{name} {shown(value)}: must be {' or '.join(choices)}")
        return value

    @property
    def json(self) -> bool:
        """Whether the output is for programs."""
        return self.one_of("format", "text", "json") == "json"

    @property
    def first(self) -> bool:
        """Whether the first rule that matches an event is the only one."""
        return self.one_of("matching", "first", "all") == "first"

    def capture(self) -> Path:
        """The capture. Raises UsageError when none is given."""
        path = self.last("replay")
        if not path:
            raise UsageError("no capture is given", "--replay FILE.scap")
        return Path(path)

    def load(self) -> Loaded:
        """The rules."""
        from vigie.runtime.rules.load import load
        from vigie.runtime.rules.settings import RuleSettings
        from vigie.runtime.rules.sources import find, library

        maturities = self.words("library")
        paths = self.all("rules")
        if not paths and not maturities:
            maturities = ["stable"]
        files = [*(library(maturities) if maturities else ()), *find(paths)]
        return load(files, settings=RuleSettings(first=self.first))


def run(arguments: list[str]) -> int:
    """Runs one of the actions."""
    parsed = parse(arguments, SETTINGS, COMMAND)
    action, *rest = parsed.targets or [""]
    if parsed.special or not action:
        sys.stdout.write(help_text(COMMAND, SETTINGS))
        return 0
    actions: dict[str, Callable[[RulesFlags, list[str]], int]] = {
        "test": test,
        "profile": profile,
        "lint": lint,
        "why": why,
    }
    if action not in actions:
        raise UsageError(f"vigie rules does not know {shown(action)}", nearest(action, actions) or "see vigie rules -h")
    log.setup()
    log.warn(parsed.warnings)
    if rest and action != "test":
        raise UsageError(f"vigie rules {action} takes no argument: {shown(rest[0])}", "see vigie rules --help")
    return actions[action](RulesFlags(parsed), rest)


def test(flags: RulesFlags, files: list[str]) -> int:
    """Runs the cases of test files; 1 when one of them failed."""
    if not files:
        raise UsageError("no test file is given", "vigie rules test CASES.yaml")
    from vigie.runtime.cases import read
    from vigie.runtime.verdicts import run as run_case

    # A mistake in the last file is told before the first case runs.
    cases = [(path, read(path)) for path in files]
    as_json, verdicts = flags.json, []
    for path, inside in cases:
        for number, case in enumerate(inside):
            verdicts.append(run_case(case))
            if not as_json:
                above = "" if number else f"{log.printable(path)}\n"
                sys.stdout.write(above + verdict_text(verdicts[-1]))
    failed = sum(not verdict.passed for verdict in verdicts)
    if as_json:
        write_json({"cases": [verdict_document(verdict) for verdict in verdicts], "failed": failed})
    else:
        all_cases = f"{len(verdicts)} case{'' if len(verdicts) == 1 else 's'}"
        sys.stdout.write(f"{all_cases}, {f'{failed} failed' if failed else 'all as expected'}\n")
    return 1 if failed else 0


def verdict_text(verdict: Verdict) -> str:
    """One case, for people."""
    name = log.printable(verdict.case.name)
    if verdict.passed:
        return f"  ok      {name} ({verdict.alerts} alert{'' if verdict.alerts == 1 else 's'})\n"
    lines = [f"  failed  {name} ({verdict.case.file}:{verdict.case.line})"]
    lines += [f"            {log.printable(difference)}" for difference in verdict.differences]
    return "\n".join(lines) + "\n"


def verdict_document(verdict: Verdict) -> dict[str, object]:
    """One case, for programs."""
    return {
        "file": verdict.case.file,
        "line": verdict.case.line,
        "name": verdict.case.name,
        "passed": verdict.passed,
        "alerts": verdict.alerts,
        "differences": list(verdict.differences),
    }


def profile(flags: RulesFlags, _: list[str]) -> int:
    """Measures the rules on a capture."""
    from vigie.runtime import profile as profiling

    as_json, capture = flags.json, flags.capture()
    result = profiling.profile(flags.load(), capture, first=flags.first)
    if as_json:
        write_json(profiling.document(result))
    else:
        sys.stdout.write(profiling.table(result))
    if result.damage is not None:
        raise result.damage
    return 0


def lint(flags: RulesFlags, _: list[str]) -> int:
    """Says what is odd about rules; 1 when something is."""
    from vigie.runtime.rules.lint import remarks

    as_json, loaded = flags.json, flags.load()
    loaded.ruleset  # noqa: B018 - raises for rules that do not load: there is nothing to advise about them
    found = list(remarks(loaded, first=flags.first))
    if as_json:
        write_json([remark_document(one) for one in found])
    else:
        for one in found:
            where = f"{one.where.file}:{one.where.line}:{one.where.column}"
            sys.stdout.write(f"{log.printable(f'{where}: {one.message} [{one.about}]')}\n")
    return 1 if found else 0


def remark_document(remark: Advice) -> dict[str, object]:
    """One remark, for programs: where it is, and in which rule, macro or list."""
    where = remark.where
    item = next((place for place in where.chain() if place.name), where)
    return {
        "about": remark.about,
        "message": remark.message,
        "kind": item.kind,
        "name": item.name,
        "file": item.file,
        "line": item.line,
        "column": item.column,
    }


def why(flags: RulesFlags, _: list[str]) -> int:
    """Explains one event."""
    from vigie.runtime import reasons

    as_json, capture = flags.json, flags.capture()
    number, time = flags.last("event"), flags.last("time")
    if bool(number) == bool(time):
        raise UsageError("which event? one of --event NUMBER and --time NANOSECONDS is needed")
    wanted = number or time
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= 20 and int(wanted) <= LARGEST):
        raise UsageError(f"--{'event' if number else 'time'} {shown(wanted)}: must be a whole number")
    explained = reasons.explain(flags.load(), capture, int(wanted), by_time=bool(time), rule=flags.last("rule"))
    if as_json:
        write_json(reasons.document(explained))
    else:
        sys.stdout.write(reasons.text(explained, full=flags.last("full", "false") != "false", first=flags.first))
    return 0


def write_json(document: object) -> None:
    """A document on standard output."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
