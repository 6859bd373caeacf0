"""falco.yaml and what goes with it: further files, variables of the environment, `-o key=value`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vigie.errors import UsageError
from vigie.settings import files
from vigie.settings.resolve import shown

_VARIABLE = re.compile(r"\$?\$\{([^{}]*)\}")
_STEP = re.compile(r"(?P<key>(?:\\.|[^.\[\]\\])+)|\[(?P<index>\d*)\]|(?P<dot>\.)")
_END = -1
"""The step `[]`: one past the end of a list."""

MAX_FILES = 1000
MAX_INDEX = 10_000


def read(path: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """The document of a settings file with its `config_files` merged in and variables expanded. Raises UsageError."""
    document: dict[str, Any] = expanded(files.read(path), environment)
    entries = document.get("config_files", [])
    if not isinstance(entries, list):
        raise UsageError(f"{path}: config_files must be a list")
    for entry in entries:
        further, strategy = _entry(entry, path)
        for file in _files(Path(further)):
            other = expanded(files.read(str(file)), environment)
            if "config_files" in other:
                raise UsageError(f"{file}: config_files may stand in the main settings file only")
            document = merged(document, other, strategy)
    return document


def _entry(entry: Any, path: str) -> tuple[str, str]:
    if isinstance(entry, str):
        return entry, "append"
    if isinstance(entry, dict) and isinstance(entry.get("path"), str) and set(entry) <= {"path", "strategy"}:
        strategy = entry.get("strategy", "append")
        if strategy in ("append", "override", "add-only"):
            return entry["path"], strategy
        raise UsageError(f"{path}: config_files: {shown(str(strategy))} is not one of append, override, add-only")
    raise UsageError(f"{path}: an entry of config_files is a path, or path and strategy")


def _files(path: Path) -> list[Path]:
    """The file, or the YAML files of the folder by name; nothing when there is no such thing."""
    if path.is_dir():
        return sorted(file for file in path.iterdir() if file.suffix in (".yaml", ".yml") and file.is_file())[
            :MAX_FILES
        ]
    return [path] if path.is_file() else []


def merged(document: dict[str, Any], other: Mapping[str, Any], strategy: str) -> dict[str, Any]:
    """Two documents by their top keys: `append` joins lists and lets the other win elsewhere, `override` lets the other
    win, `add-only` takes what is not there yet."""
    result = dict(document)
    for key, value in other.items():
        if key not in result:
            result[key] = value
        elif strategy == "append" and isinstance(value, list) and isinstance(result[key], list):
            result[key] = [*result[key], *value]
        elif strategy != "add-only":
            result[key] = value
    return result


def expanded(value: Any, environment: Mapping[str, str]) -> Any:
    """The value with `${NAME}` in its strings replaced (nothing for unset names), `$${NAME}` unescaped. A string that
    had variables is typed anew, so that `${PORT}` can be a number."""
    if isinstance(value, dict):
        return {key: expanded(item, environment) for key, item in value.items()}
    if isinstance(value, list):
        return [expanded(item, environment) for item in value]
    if not isinstance(value, str) or "${" not in value:
        return value
    replaced = False

    def variable(match: re.Match[str]) -> str:
        nonlocal replaced
        if match[0].startswith("$$"):
            return match[0][1:]
        replaced = True
        return environment.get(match[1], "")

    text = _VARIABLE.sub(variable, value)
    return scalar(text) if replaced else text


def scalar(text: str) -> Any:
    """Text as YAML would type it; `{…}` and `[…]` become mappings and lists. Text that is no YAML stays text."""
    import yaml

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError):
        return text


def override(document: dict[str, Any], assignments: Sequence[str]) -> None:
    """Applies `-o key=value` in order. A key is dotted, `[i]` reaches into lists, `[]` (or one past the end)
    appends to them, a backslash takes a dot or a bracket as it is. Raises UsageError."""
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"-o {shown(assignment)}: must be key=value", "for example: -o json_output=true")
        _assign(document, _steps(key.strip(), assignment), scalar(value), assignment)


def _steps(key: str, assignment: str) -> list[str | int]:
    steps: list[str | int] = []
    at = 0
    for match in _STEP.finditer(key):
        if match.start() != at:
            break
        at = match.end()
        if match["key"] is not None:
            steps.append(re.sub(r"\\(.)", r"\1", match["key"]))
        elif match["index"] is not None:
            steps.append(int(match["index"][:9]) if match["index"] else _END)
    if at != len(key) or not steps or not isinstance(steps[0], str):
        raise UsageError(f"-o {shown(assignment)}: the key is malformed", "for example: rules_files[0], engine.kind")
    return steps


def _assign(document: dict[str, Any], steps: list[str | int], value: Any, assignment: str) -> None:
    place: Any = document
    for wanted, following in zip(steps, [*steps[1:], None], strict=True):
        step = len(place) if wanted == _END and isinstance(place, list) else wanted
        new: Any = value if following is None else [] if isinstance(following, int) else {}
        if isinstance(step, str) and isinstance(place, dict):
            keep = following is not None and isinstance(place.get(step), type(new))
            place[step] = place[step] if keep else new
        elif isinstance(step, int) and isinstance(place, list) and 0 <= step <= min(len(place), MAX_INDEX):
            keep = following is not None and step < len(place) and isinstance(place[step], type(new))
            place[step : step + 1] = [place[step] if keep else new]
        else:
            raise UsageError(f"-o {shown(assignment)}: there is no such place in the settings")
        place = place[step]
