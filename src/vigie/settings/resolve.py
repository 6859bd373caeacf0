"""Options from flags, environment and settings file, in that order of precedence, then the declared defaults."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from vigie.errors import UsageError
from vigie.settings import files, refused, units
from vigie.settings.groups import Flag, Options

Kind = Literal["switch", "count", "seconds", "text", "list"]
_KINDS: dict[Any, Kind] = {bool: "switch", int: "count", float: "seconds", str: "text"}

SCAN_GROUPS = ("general", "scan", "packages", "vulnerabilities", "report", "database", "registry", "cache")
"""The groups that every scan command understands."""


ON_THE_COMMAND_LINE = frozenset({"--verify"})
"""What an environment cannot turn on in CI: it would send secrets out without anybody having asked for it here."""


class Setting(NamedTuple):
    """One declared option: `field` of group `group` of `Options`, spelled as `flag` says."""

    group: str
    field: str
    flag: Flag
    kind: Kind
    default: Any


class Given(NamedTuple):
    """One occurrence of a flag on the command line: its declared name, the spelling used, its value's text."""

    name: str
    spelled: str
    value: str


class Places(NamedTuple):
    """Where values may come from, in order of precedence. path: the settings file's; warnings: grows while reading."""

    given: Sequence[Given]
    environment: Mapping[str, str]
    document: Mapping[str, Any]
    path: str
    warnings: list[str]


class Resolved(NamedTuple):
    """The options, and warnings about deprecated spellings."""

    options: Options
    warnings: list[str]


def declared(groups: Iterable[str]) -> list[Setting]:
    """The options of some groups of `Options`, in order of declaration."""
    hints = typing.get_type_hints(Options)
    return [setting for group in groups for setting in _of_group(group, hints[group])]


def _of_group(group: str, struct: Any) -> Iterator[Setting]:
    defaults = struct()
    for field, hint in typing.get_type_hints(struct, include_extras=True).items():
        flag = next((extra for extra in getattr(hint, "__metadata__", ()) if isinstance(extra, Flag)), None)
        if flag is None:
            continue
        plain = hint.__origin__
        kind: Kind = "list" if typing.get_origin(plain) is tuple else _KINDS.get(plain, "text")
        yield Setting(group, field, flag, kind, getattr(defaults, field))


def resolve(
    settings: Sequence[Setting],
    given: Sequence[Given],
    environment: Mapping[str, str],
    *,
    defaults: Mapping[str, Any] | None = None,
    folder: str = ".",
) -> Resolved:
    """Fills `Options`. defaults: those of the command, by flag name, which replace the declared ones.

    Raises UsageError for values that cannot be, naming the flag, variable or key they stand in.
    """
    path = files.find(_config_path(settings, given, environment), folder)
    document = files.read(path) if path else {}
    places = Places(given, environment, document, path, _unheeded(environment))
    values: dict[str, dict[str, Any]] = {}
    for setting in settings:
        value = _value(setting, places)
        if value is None:
            value = (defaults or {}).get(setting.flag.name, setting.default)
        values.setdefault(setting.group, {})[setting.field] = value
    if "report" in values:
        values["report"].update(_pair(values["report"], given))
    if "registry" in values:
        values["registry"]["mirrors"] = _mirrors(document, path)
    if "general" in values:
        values["general"]["cache_dir"] = files.cache_folder(values["general"]["cache_dir"], environment)
    hints = typing.get_type_hints(Options)
    return Resolved(Options(**{group: hints[group](**fields) for group, fields in values.items()}), places.warnings)


def _unheeded(environment: Mapping[str, str]) -> list[str]:
    """Warnings about variables that the peer would act on and that mean nothing here yet."""
    return [
        f"{variable} is set, but {name} is not available yet"
        for name in refused.LATER
        if name.startswith("--")
        for variable in (prefix + name[2:].upper().replace("-", "_") for prefix in ("VIGIE_", "TRIVY_"))
        if environment.get(variable, "") not in ("", "false")
    ]


def _config_path(settings: Sequence[Setting], given: Sequence[Given], environment: Mapping[str, str]) -> str:
    if not any(setting.flag.name == "--config" for setting in settings):
        return ""
    flags = [g.value for g in given if g.name == "--config"]
    return flags[-1] if flags else environment.get("VIGIE_CONFIG", "") or environment.get("TRIVY_CONFIG", "")


def _value(setting: Setting, places: Places) -> Any:
    """The value from the first place that has one; None when none does."""
    flag, warnings = setting.flag, places.warnings
    if occurrences := [g for g in places.given if g.name == flag.name]:
        for g in occurrences:
            if g.spelled in flag.aliases:
                warnings.append(f"{g.spelled} is deprecated, use {flag.name}")
        if setting.kind == "list":
            texts = [g.value for g in occurrences]
            return _read_list(setting, texts if flag.name == "--output" else _split(flag.name, texts), flag.name)
        return _read(setting, occurrences[-1].value, flag.name)
    for variable, old in variables(flag):
        if text := places.environment.get(variable, ""):
            if flag.name in ON_THE_COMMAND_LINE and places.environment.get("CI", "") not in ("", "0", "false"):
                warnings.append(f"{variable} is passed over where CI is set, give {flag.name} itself")
                continue
            if old:
                warnings.append(f"{variable} is deprecated, use {variables(flag)[0][0]}")
            if setting.kind == "list":
                return _read_list(setting, _split(variable, [text]), variable)
            return _read(setting, text, variable)
    for key in (flag.key, *flag.old_keys):
        value = files.look_up(places.document, key) if key else None
        if value is not None:
            if key != flag.key:
                warnings.append(f"{places.path}: {key} is deprecated, use {flag.key}")
            return _from_file(setting, value, f"{places.path}: {key}")
    return None


def variables(flag: Flag) -> list[tuple[str, bool]]:
    """The environment variables of a flag, ours first, each with whether it is a deprecated spelling."""
    return [
        (prefix + name.lstrip("-").upper().replace("-", "_"), name != flag.name)
        for name in (flag.name, *flag.aliases)
        for prefix in ("VIGIE_", "TRIVY_")
    ]


def _split(where: str, texts: Iterable[str]) -> list[str]:
    try:
        return [item for text in texts for item in units.items(text)]
    except ValueError as error:
        raise UsageError(f"{where} {error}") from None


def _from_file(setting: Setting, value: Any, where: str) -> Any:
    """A value of a settings file. Scalars are read as if they stood on the command line."""
    if setting.kind == "list":
        if isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value):
            return _read_list(setting, [_scalar(item) for item in value], where)
        if not isinstance(value, (dict, list)):
            return _read_list(setting, _split(where, [_scalar(value)]), where)
        raise UsageError(f"{where} must be a list of texts")
    if isinstance(value, (dict, list)):
        raise UsageError(f"{where} must be a single value")
    return _read(setting, _scalar(value), where)


def _scalar(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_READERS: dict[str, Callable[[str], Any]] = {
    "switch": units.switch,
    "count": units.count,
    "seconds": units.duration,
    "text": str,
    "size": units.size,
    "duration": units.duration,
    "status": units.status,
}


def _read(setting: Setting, text: str, where: str) -> Any:
    try:
        value = _READERS[setting.flag.unit or setting.kind](text)
    except ValueError as error:
        raise UsageError(f"{where} {shown(text)}: {error}") from None
    if setting.kind == "text" and setting.flag.choices and text:
        if setting.flag.name == "--cache-backend" and text.startswith(("redis://", "rediss://")):
            raise UsageError(f"{where}: the Redis cache is not available yet", "use fs or memory")
        _choose(setting.flag, text, where)
    return value


def _read_list(setting: Setting, texts: Sequence[str], where: str) -> tuple[str, ...]:
    try:
        if setting.flag.unit == "severities":
            return units.severities(texts)
        if setting.flag.unit == "scanners":
            texts = units.scanners(texts)
    except ValueError as error:
        raise UsageError(f"{where} {shown(','.join(texts))}: {error}") from None
    for text in texts:
        _choose(setting.flag, text, where)
    if setting.flag.name == "--output" and any(text.startswith("plugin=") for text in texts):
        raise UsageError(f"{where}: output plugins are not available yet")
    return tuple(texts)


def _choose(flag: Flag, text: str, where: str) -> None:
    """Raises UsageError unless `text` is one of the flag's choices (a flag without choices takes all)."""
    if text in flag.later:
        raise UsageError(f"{where}: {text} is not available yet", f"it may be {units.listed(flag.choices)}")
    if flag.choices and text not in flag.choices:
        hint = nearest(text, flag.choices)
        raise UsageError(f"{where} {shown(text)}: must be {units.listed(flag.choices)}", hint)


def shown(text: str) -> str:
    """A value in quotes, made safe to print and cut to a readable length."""
    from vigie.log import printable

    text = printable(text)
    return f'"{text if len(text) <= 60 else text[:57] + "…"}"'


def nearest(text: str, known: Iterable[str]) -> str:
    """`did you mean …?` for the known word closest to a mistyped one; "" when none is close."""
    import difflib

    close = difflib.get_close_matches(text, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else ""


def _pair(report: Mapping[str, Any], given: Sequence[Given]) -> dict[str, tuple[str, ...]]:
    """Formats and the files they go to, as pairs of equal number.

    On the command line an --output belongs to the --format before it that has none yet, or else to the next one
    without; elsewhere the first goes with the first. Raises UsageError when two are left for standard output.
    """
    formats, outputs = list(report["formats"]), list(report["outputs"])
    if not formats:
        raise UsageError("--format names no format")
    order = [g for g in given if g.name in ("--format", "--output")]
    pairs: list[str | None] = [None] * len(formats)
    if any(g.name == "--format" for g in order) and all("," not in g.value for g in order if g.name == "--format"):
        position = -1
        for g in order:
            if g.name == "--format":
                position += 1
                continue
            free = [i for i in range(position, -1, -1) if pairs[i] is None]
            free += [i for i in range(position + 1, len(pairs)) if pairs[i] is None]
            if not free:
                raise UsageError(f"--output {shown(g.value)} has no --format of its own", _PAIRS)
            pairs[free[0]] = g.value
        if not any(g.name == "--output" for g in order):
            pairs[: len(outputs)] = outputs[: len(pairs)]
    else:
        if len(outputs) > len(formats):
            raise UsageError(f"--output {shown(outputs[len(formats)])} has no --format of its own", _PAIRS)
        pairs[: len(outputs)] = outputs
    paths = [path or "" for path in pairs]
    if paths.count("") > 1:
        raise UsageError("two formats would go to standard output", _PAIRS)
    if len(set(paths)) < len(paths):
        raise UsageError("two formats would go to the same file", _PAIRS)
    return {"formats": tuple(formats), "outputs": tuple(paths)}


_PAIRS = "give each format its file: -f json -o report.json -f table"


def _mirrors(document: Mapping[str, Any], path: str) -> dict[str, tuple[str, ...]]:
    value = files.look_up(document, "registry.mirrors")
    if value is None:
        return {}
    try:
        return msgspec.convert(value, dict[str, tuple[str, ...]])
    except msgspec.ValidationError:
        raise UsageError(f"{path}: registry.mirrors must name a list of mirrors for each host") from None


def default_document(settings: Iterable[Setting]) -> dict[str, Any]:
    """All keys of a settings file with their defaults, as a tree."""
    return files.nested(
        (s.flag.key, list(s.default) if isinstance(s.default, tuple) else _plain(s))
        for s in settings
        if s.flag.key and not s.flag.hidden
    )


def _plain(setting: Setting) -> Any:
    if setting.flag.unit == "duration":
        return f"{setting.default:g}s"
    return setting.default
