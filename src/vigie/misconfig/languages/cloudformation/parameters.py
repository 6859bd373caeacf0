"""Parameters of a template: what is declared, and the values given for them."""

from __future__ import annotations

from collections.abc import Mapping as Values
from functools import cache
from typing import Any

from vigie.errors import UsageError
from vigie.misconfig.languages.cloudformation.nodes import Computed
from vigie.misconfig.languages.yaml_nodes import Mapping, written
from vigie.misconfig.value import Sensitive, Unknown

MOST_BYTES = 4 << 20


@cache
def given(options: tuple[str, ...]) -> Values[str, Any]:
    """The values of `--cf-params`: files, or `key=value` texts; later ones win.

    A file is JSON, a list of `"key=value"`, a list of {ParameterKey, ParameterValue}, or an object with `Parameters`
    (or of the values themselves); or lines of `key=value`. Raises UsageError.
    """
    values: dict[str, Any] = {}
    for option in options:
        from pathlib import Path

        path = Path(option)
        try:
            if "=" in option and not path.is_file():
                values.update(_pair(option, option))
                continue
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            what = (error.strerror if isinstance(error, OSError) else "") or error
            raise UsageError(f"parameters of CloudFormation cannot be read from {option}: {what}") from error
        if len(data) > MOST_BYTES:
            raise UsageError(f"parameters of CloudFormation in {option} are larger than {MOST_BYTES >> 20} MiB")
        values.update(_file(option, data))
    return values


def _file(path: str, data: bytes) -> dict[str, Any]:
    import json

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"parameters of CloudFormation in {path} are no UTF-8") from error
    if not text.lstrip().startswith(("{", "[")):
        lines = (line.strip() for line in text.splitlines())
        return dict(entry for line in lines if line and line[0] != "#" for entry in _pair(line, path).items())
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"parameters of CloudFormation in {path} are no JSON: {error}") from error
    if isinstance(document, dict):
        inner = document.get("Parameters", document)
        if isinstance(inner, dict):
            return dict(inner)
        document = inner
    values: dict[str, Any] = {}
    for entry in document if isinstance(document, list) else [document]:
        if isinstance(entry, str):
            values.update(_pair(entry, path))
        elif isinstance(entry, dict) and isinstance(entry.get("ParameterKey"), str):
            if not entry.get("UsePreviousValue"):
                values[entry["ParameterKey"]] = entry.get("ParameterValue")
        else:
            raise UsageError(f"parameters of CloudFormation in {path}: expected key=value or ParameterKey")
    return values


def _pair(text: str, where: str) -> dict[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"parameters of CloudFormation in {where}: {text!r} is no key=value")
    return {name.strip(): value}


def resolved(declared: Mapping | None, values: Values[str, Any]) -> dict[str, Any]:
    """The value of each declared parameter: the given one, the default, or an unknown one of its type."""
    found: dict[str, Any] = {}
    for name, declaration in (declared or {}).items():
        if not isinstance(declaration, Mapping):
            found[name] = Unknown("string")
            continue
        type_ = str(declaration.get("Type", "String"))
        value = values[name] if name in values else declaration.get("Default")
        value = _typed(type_, value, name in values)
        secret = str(declaration.get("NoEcho", "false")).lower() in ("true", "yes", "1", "on")
        hidden = secret and not isinstance(value, (Unknown, Sensitive))
        found[name] = Sensitive(value) if hidden else value
    return found


def _typed(type_: str, value: Any, override: bool) -> Any:
    listed = type_ == "CommaDelimitedList" or "List<" in type_ or "<CommaDelimitedList" in type_
    if isinstance(value, (Unknown, Sensitive)):
        return value
    if type_.startswith("AWS::SSM::Parameter::Value") and not override:
        # The default names the parameter that holds the value.
        return Unknown("list") if listed else Computed("string")
    if value is None:
        return Unknown("list" if listed else "number" if type_ == "Number" else "string")
    if isinstance(value, list):
        return [written(entry) or "" for entry in value]
    text = written(value)
    if text is None:
        return Unknown("list" if listed else "string")
    if listed:
        return [piece.strip() for piece in text.split(",")] if text else []
    return _number(text) if type_ == "Number" else value


def _number(text: str) -> Any:
    """What a parameter of type `Number` is: JSON's number when the text is one."""
    try:
        return int(text) if len(text) < 40 else text
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return text
    return number if abs(number) < 1e300 else text
