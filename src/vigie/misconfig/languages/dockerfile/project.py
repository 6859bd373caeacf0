"""A Dockerfile as stages of instructions, which checks look at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from vigie import _core
from vigie.misconfig.language import Project
from vigie.misconfig.languages.dockerfile.syntax import Parsed, SyntaxProblem, instructions
from vigie.misconfig.value import UNRESOLVED, Attribute, Cause
from vigie.model.inventory import Problem

_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:(:?[-+?])([^{}]*))?\})")
_ROUNDS = 10
PLATFORM = {
    f"{side}{part}" for side in ("BUILD", "TARGET") for part in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
}
"""Variables that the builder sets."""
MOST_STAGES = 500

Commands = list[list[str]]


class Instruction:
    """One instruction. See `syntax.Parsed` for its parts; stage counts from 0 at the first FROM."""

    def __init__(self, parsed: Parsed, stage: Stage, file: str) -> None:
        self.parsed, self.stage = parsed, stage
        self.name, self.values, self.flags = parsed.name, parsed.values, parsed.flags
        self.is_json, self.onbuild = parsed.is_json, parsed.onbuild
        self.cause = Cause(file, parsed.start, parsed.end)

    def flag(self, name: str) -> str | None:
        """The value of `--name=value`, "" without one, None when it is not given."""
        for flag in self.flags:
            key, _, value = flag[2:].partition("=")
            if key == name:
                return value
        return None

    @property
    def text(self) -> str:
        """The arguments as one text."""
        return " ".join(self.values)

    @cached_property
    def commands(self) -> Attribute[Commands]:
        """The words of each command that a RUN runs, in order; unknown for what is no shell script."""
        if self.is_json:
            values = list(self.values)
            if len(values) > 2 and values[0].rpartition("/")[2] in ("sh", "bash", "ash", "dash") and values[1] == "-c":
                return self._script(values[2])
            return Attribute([values], self.cause)
        return self._script(self.parsed.script)

    def _script(self, text: str) -> Attribute[Commands]:
        first = text.partition("\n")[0]
        if first.startswith("#!") and not re.search(r"\b(?:ba|da|a|z|k)?sh\b", first):
            return Attribute([], self.cause)  # a program in another language
        found = _core.shell_commands(text)
        at = self.cause if found is not None else Cause(self.cause.file, self.cause.start, self.cause.end, "RUN")
        return Attribute(found or [], at, known=found is not None)

    @cached_property
    def parts(self) -> list[str]:
        """A RUN in shell form, cut at `&&`."""
        return [] if self.is_json else [part.strip() for part in self.text.split("&&")]


class Stage:
    """What begins with a FROM. image: the base with the defaults of global ARGs put in, unknown when a variable is
    left; alias: "" without one; before: the stages above it."""

    def __init__(self, cause: Cause, image: Attribute[str], alias: str, file: Dockerfile) -> None:
        self.cause, self.image, self.alias, self.history = cause, image, alias, file.history
        self.before = tuple(file.stages)
        self.number = len(self.before)
        self.instructions: list[Instruction] = []

    def of(self, *names: str) -> list[Instruction]:
        """Its instructions of these names, in order; not those of ONBUILD."""
        return [one for one in self.instructions if one.name in names and not one.onbuild]


class Dockerfile:
    """A whole file. history: it was made from the history of an image."""

    def __init__(self, cause: Cause, history: bool = False) -> None:
        self.cause, self.history = cause, history
        self.stages: list[Stage] = []

    def of(self, *names: str) -> list[Instruction]:
        """All instructions of these names, in order."""
        return [one for stage in self.stages for one in stage.of(*names)]


def project(path: str, data: bytes, history: bool = False) -> Project:
    """The file as a project. Lines that are no instructions are problems."""
    text = data.decode("utf-8-sig", "replace")
    whole = Dockerfile(Cause(path, 0, 0), history)
    problems: list[Problem] = []
    variables: dict[str, str | None] = {}
    before: list[Parsed] = []
    read = list(instructions(text))
    wrong = sum(isinstance(one, SyntaxProblem) for one in read)
    if wrong > len(read) // 2:
        what = f"seems to be no Dockerfile: {wrong} of {len(read)} lines are no instructions"
        return Project(target=path, problems=[Problem(path, what)])
    for one in read:
        if isinstance(one, SyntaxProblem):
            problems.append(Problem(f"{path}:{one.line}", one.what))
        elif one.name == "from" and len(whole.stages) >= MOST_STAGES:
            problems.append(
                Problem(f"{path}:{one.start}", f"holds more than {MOST_STAGES} stages; the rest is left out")
            )
            break
        elif one.name == "from":
            whole.stages.append(_stage(one, whole, variables))
            stage = whole.stages[-1]
            stage.instructions += (Instruction(parsed, stage, path) for parsed in before)
            before = []
            stage.instructions.append(Instruction(one, stage, path))
        elif not whole.stages:
            before.append(one)
            if one.name == "arg":
                variables.update(_defaults(one, variables))
        else:
            stage = whole.stages[-1]
            stage.instructions.append(Instruction(one, stage, path))
    if before and not whole.stages:
        problems.append(Problem(path, "has no FROM, so it builds nothing"))
        nothing = Cause(path, before[0].start, before[0].end)
        stage = Stage(nothing, Attribute("scratch", nothing), "", whole)
        stage.instructions += (Instruction(parsed, stage, path) for parsed in before)
        whole.stages.append(stage)
    if not whole.stages:
        problems.append(Problem(path, "holds no instruction"))
        return Project(target=path, problems=problems)
    everything = [one for stage in whole.stages for one in stage.instructions]
    return Project(
        target=path,
        type="dockerfile",
        objects={"dockerfile.file": [whole], "dockerfile.stage": whole.stages, "dockerfile.instruction": everything},
        problems=problems,
    )


def _stage(parsed: Parsed, file: Dockerfile, variables: Mapping[str, str | None]) -> Stage:
    cause = Cause(file.cause.file, parsed.start, parsed.end)
    words = parsed.values
    alias = words[2] if len(words) > 2 and words[1].lower() == "as" else ""
    image = substitute(re.sub("[\"']", "", words[0]), variables)
    at = Cause(file.cause.file, parsed.start, parsed.end, "FROM")
    return Stage(cause, Attribute(image or "", at, known=image is not None), alias, file)


def _defaults(parsed: Parsed, variables: Mapping[str, str | None]) -> Iterator[tuple[str, str | None]]:
    for word in parsed.values:
        name, equals, value = word.partition("=")
        if not equals:
            yield name, UNRESOLVED if name in PLATFORM else None
        else:
            found = substitute(value.strip("\"'"), variables)
            yield name, UNRESOLVED if found is None else found


def substitute(text: str, variables: Mapping[str, str | None]) -> str | None:
    """The text with variables put in (`$A ${A} ${A:-x} ${A:+x}`); None when one has no value, or hangs on the machine
    that builds, or is cut by a pattern (`${A#x}`). variables: `UNRESOLVED` for those that are not known."""
    for _ in range(_ROUNDS):
        match = _VARIABLE.search(text)
        if match is None:
            return None if "${" in text else text
        name = match[1] or match[2]
        value = variables.get(name, UNRESOLVED if name in PLATFORM else None)
        operator, word = match[3] or "", (match[4] or "").strip("\"'")
        if value is not None and UNRESOLVED in value:
            return None
        if operator.endswith("-"):
            value = value if value or (value is not None and operator == "-") else word
        elif operator.endswith("+"):
            value = word if value else ""
        if value is None:
            return None
        text = text[: match.start()] + value + text[match.end() :]
    return None
