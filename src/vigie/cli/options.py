"""Command lines read by the declarations of the options, and the help made from them.

Own instead of argparse: it starts faster, knows the peer's removed and future flags, and answers with one line.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vigie.errors import UsageError
from vigie.settings import refused
from vigie.settings.resolve import Given, Setting, nearest, shown
from vigie.settings.units import listed

TITLES = {
    "report": "What is shown, and the exit status",
    "vulnerabilities": "Which findings count",
    "packages": "Which packages count",
    "scan": "What is read",
    "misconfig": "Configuration",
    "secret": "Secrets",
    "history": "Commits",
    "image": "The image",
    "repository": "The repository",
    "database": "Knowledge",
    "registry": "Registries",
    "cache": "Cache",
    "clean": "What to delete",
    "watch": "Watching",
    "rules": "Rules",
    "general": "General",
}

OWN_GROUPS = {"watch", "rules"}
"""Groups whose options are flags alone: variables and the options' section of settings files do not reach them."""


class Command(NamedTuple):
    """What help and errors say about a command. groups: fields of `Options`, in the order of the help; closing: the
    help's last lines."""

    name: str
    summary: str
    usage: tuple[str, ...]
    groups: tuple[str, ...]
    closing: tuple[str, ...] = (
        "Options may also stand in variables (VIGIE_SEVERITY or TRIVY_SEVERITY=high+) and",
        "in vigie.yaml or trivy.yaml; flags win over variables, variables over files.",
    )


class Parsed(NamedTuple):
    """A command line taken apart. special: `help` or `version` when that is all that is wanted."""

    targets: list[str]
    given: list[Given]
    warnings: list[str]
    special: str = ""


class Values:
    """The flags of a command line by name, for commands whose options are no fields of `Options`."""

    def __init__(self, parsed: Parsed) -> None:
        self.parsed = parsed

    def all(self, name: str) -> list[str]:
        """The values of a flag, in order; the name without dashes."""
        return [given.value for given in self.parsed.given if given.name == f"--{name}"]

    def last(self, name: str, default: str = "") -> str:
        """The value that counts when a flag is given twice."""
        return (self.all(name) or [default])[-1]

    def words(self, name: str) -> list[str]:
        """The values of a flag whose values are lists with commas."""
        return [word for value in self.all(name) for word in value.split(",") if word]

    def on(self, name: str) -> bool:
        """Whether a switch is given and not `=false`."""
        return self.last(name, "false") != "false"

    @property
    def help(self) -> bool:
        """Only help is wanted."""
        return self.parsed.special == "help"


class _Spelling(NamedTuple):
    name: str
    switch: bool


SPECIAL = {"--help": "help", "-h": "help", "--version": "version", "-v": "version"}


def parse(arguments: Sequence[str], settings: Iterable[Setting], command: Command) -> Parsed:
    """Takes a command line apart; options may stand anywhere, `--` ends them. Raises UsageError."""
    known = _spellings(settings)
    parsed = Parsed([], [], [])
    index = 0
    while index < len(arguments):
        argument = arguments[index]
        index += 1
        if argument == "--":
            parsed.targets.extend(arguments[index:])
            break
        if not argument.startswith("-") or argument == "-":
            parsed.targets.append(argument)
            continue
        if argument in SPECIAL and argument not in known:
            return parsed._replace(special=SPECIAL[argument])
        for spelled, value, joined in _take_apart(argument, known):
            spelling = known.get(spelled)
            if spelling is None:
                taken = _refuse(spelled, known, command, parsed.warnings)
                if taken is not None:
                    parsed.given.append(taken)
                continue
            text = value
            if not joined and not spelling.switch:
                following = arguments[index] if index < len(arguments) else None
                if following is None or following in known or following.partition("=")[0] in known:
                    raise UsageError(f"{spelled} needs a value", f"see vigie {command.name} --help")
                text = following
                index += 1
            parsed.given.append(Given(spelling.name, spelled, text))
    return parsed


def _spellings(settings: Iterable[Setting]) -> dict[str, _Spelling]:
    known: dict[str, _Spelling] = {}
    for setting in settings:
        flag = setting.flag
        for spelled in (flag.name, flag.short, *flag.aliases):
            if spelled:
                known[spelled] = _Spelling(flag.name, setting.kind == "switch")
    return known


def _take_apart(argument: str, known: dict[str, _Spelling]) -> Iterable[tuple[str, str, bool]]:
    """(spelling, value, whether the value was joined to it) of one argument; several for joined short switches."""
    if argument.startswith("--"):
        name, equals, value = argument.partition("=")
        yield name, value if equals else "true", bool(equals)
        return
    rest = argument[1:]
    while rest:
        short, rest = f"-{rest[0]}", rest[1:]
        if rest and (rest.startswith("=") or (short in known and not known[short].switch)):
            yield short, rest.removeprefix("="), True
            return
        yield short, "true", False
        if short not in known:
            return


def _refuse(spelled: str, known: dict[str, _Spelling], command: Command, warnings: list[str]) -> Given | None:
    """Says why a flag that this command does not declare cannot be; notes those that may be passed over."""
    if spelled in refused.REMOVED:
        raise UsageError(f"{spelled} was removed", refused.REMOVED[spelled])
    if spelled in refused.WITHOUT_EFFECT:
        if refused.WITHOUT_EFFECT[spelled]:
            warnings.append(f"{spelled} is ignored: {refused.WITHOUT_EFFECT[spelled]}")
        return None
    if spelled == "--slow" and "--parallel" in known:
        warnings.append("--slow is deprecated, use --parallel 1")
        return Given("--parallel", spelled, "1")
    if spelled in refused.LATER:
        raise UsageError(f"{spelled} is not available yet", f"see vigie {command.name} --help")
    hint = nearest(spelled, [name for name in known if name.startswith("--")]) or f"see vigie {command.name} --help"
    raise UsageError(f"vigie {command.name} does not understand {shown(spelled)}", hint)


def one_target(parsed: Parsed, command: Command, what: str) -> str:
    """The one target of a command. Raises UsageError when there is none, or more."""
    if not parsed.targets:
        raise UsageError(f"vigie {command.name} needs {what}", command.usage[0].replace("Usage: ", "for example: "))
    if len(parsed.targets) > 1:
        raise UsageError(f"one target at a time: {', '.join(shown(t) for t in parsed.targets[:4])}")
    return parsed.targets[0]


def help_text(command: Command, settings: Sequence[Setting]) -> str:
    """The help of a command, grouped, at most 80 columns wide."""
    lines = [f"{command.summary}", ""]
    lines += [("Usage: " if i == 0 else "       ") + usage for i, usage in enumerate(command.usage)]
    for group in command.groups:
        rows = [s for s in settings if s.group == group and not s.flag.hidden]
        if rows:
            lines += ["", TITLES[group]]
            for setting in rows:
                lines += _help_row(setting)
    if not OWN_GROUPS & set(command.groups):
        lines += ["", "Options may also stand in variables (VIGIE_SEVERITY or TRIVY_SEVERITY=high+) and"]
        lines += ["in vigie.yaml or trivy.yaml; flags win over variables, variables over files."]
    return "\n".join(lines) + "\n"


def _help_row(setting: Setting) -> list[str]:
    flag = setting.flag
    left = f"{flag.short + ',' if flag.short else '   '} {flag.name} {flag.metavar}".rstrip()
    text = flag.help
    if flag.choices and len(flag.choices) <= 8:
        text += f": {listed(flag.choices)}"
    wrapped = textwrap.wrap(text, 80 - 31, break_on_hyphens=False)
    first = [f"  {left:<28} {wrapped[0]}"] if len(left) <= 28 else [f"  {left}", f"{'':31}{wrapped[0]}"]
    return first + [f"{'':31}{line}" for line in wrapped[1:]]
