"""Items of all files, one after the other, become lists, macros and rules: defined, appended to, overridden."""

from __future__ import annotations

from collections.abc import Collection as Names
from collections.abc import Iterable

from msgspec import Struct, structs

from vigie.runtime.rules import check_exceptions
from vigie.runtime.rules.items import (
    APPEND,
    DEFINE,
    TOGGLE,
    EngineVersion,
    Exception_,
    Item,
    ListItem,
    MacroItem,
    PluginVersion,
    RuleItem,
    Text,
    Version,
)
from vigie.runtime.rules.problems import Problems, Unfit, Where
from vigie.runtime.rules.settings import SOURCES

ENGINE = Version(0, 63, 0)
"""What `required_engine_version` may ask for."""
PLUGINS = {
    "container": Version(0, 7, 1),
    "k8saudit": Version(0, 16, 0),
    # The peer's k8saudit plugin reads its events through this one, so rule files for it ask for both.
    "json": Version(0, 7, 3),
}
"""Plugins whose events and fields are built in."""

MOST_CHANGES = 1000
"""How often one list, macro or rule is appended to or overridden."""


class Definition(Struct):
    """A list or macro. index: its place among all of its kind, that of its first definition. seen: where the last
    change to it stands in the order of reading: it can name what was defined before."""

    name: str
    where: Where
    index: int
    seen: int
    changes: int = 0


class List(Definition):
    """A list and its items as written."""

    items: tuple[str, ...] = ()


class Macro(Definition):
    """A macro. texts: its condition, then what was appended to it."""

    texts: list[Text] = []

    @property
    def condition(self) -> str:
        """The whole condition."""
        return " ".join(text.text for text in self.texts)


class Rule(Struct, kw_only=True):
    """A rule. conditions, outputs: as written, then what was appended."""

    name: str
    where: Where
    source: str
    desc: str
    priority: int
    conditions: list[Text]
    outputs: list[Text]
    tags: tuple[str, ...] = ()
    enabled: bool = True
    warn_evttypes: bool = True
    skip_if_unknown_filter: bool = False
    exceptions: list[Exception_] = []
    capture: bool = False
    capture_duration: int = 0
    unknown_source: bool = False
    changes: int = 0

    @property
    def condition(self) -> str:
        """The whole condition, without exceptions."""
        return " ".join(text.text for text in self.conditions)

    @property
    def output(self) -> str:
        """The whole output, before the settings append to it."""
        return " ".join(text.text for text in self.outputs)


class Collection:
    """What the files define, by name, in the order of first definitions."""

    def __init__(self, problems: Problems, sources: Names[str] = SOURCES) -> None:
        self.lists: dict[str, List] = {}
        self.macros: dict[str, Macro] = {}
        self.rules: dict[str, Rule] = {}
        self.engine_versions: list[EngineVersion] = []
        self.plugin_versions: list[PluginVersion] = []
        self.redefined: list[tuple[Where, Where]] = []
        """Definitions of what the same file had defined before, and where that was."""
        self._sources = sources
        self._problems = problems
        self._count = 0

    def take(self, item: Item) -> None:
        """Adds one item; a problem when it does not fit what came before it."""
        self._count += 1
        try:
            match item:
                case RuleItem():
                    self._rule(item)
                case MacroItem():
                    self._macro(item)
                case ListItem():
                    self._list(item)
                case EngineVersion():
                    self._engine(item)
                case PluginVersion():
                    self._plugin(item)
        except Unfit as unfit:
            self._problems.note(unfit.problem)

    def _engine(self, item: EngineVersion) -> None:
        self.engine_versions.append(item)
        if not ENGINE.serves(item.version):
            message = f"the rules ask for an engine of version {item.version}; this is one of version {ENGINE}"
            raise Unfit("LOAD_ERR_VALIDATE", message, item.where)

    def _plugin(self, item: PluginVersion) -> None:
        self.plugin_versions.append(item)
        if not any(name in PLUGINS and PLUGINS[name].serves(version) for name, version in item.candidates):
            asked = " or ".join(f"{name} {version}" for name, version in item.candidates)
            there = ", ".join(f"{name} {version}" for name, version in PLUGINS.items())
            message = f"the rules ask for the plugin {asked}; built in are {there}"
            raise Unfit("LOAD_ERR_VALIDATE", message, item.where)

    def _list(self, item: ListItem) -> None:
        known = self.lists.get(item.name)
        if item.how == DEFINE or known is None:
            _refuse_unknown(item, known)
            self._replaces(item.where, known)
            index = known.index if known else self._count
            self.lists[item.name] = List(item.name, item.where, index, self._count, items=item.items)
            return
        _count_change(known, item.where)
        known.items = known.items + item.items if item.how == APPEND else item.items
        known.seen = self._count

    def _macro(self, item: MacroItem) -> None:
        known = self.macros.get(item.name)
        if item.how == DEFINE or known is None:
            _refuse_unknown(item, known)
            self._replaces(item.where, known)
            index = known.index if known else self._count
            self.macros[item.name] = Macro(item.name, item.where, index, self._count, texts=[item.condition])
            return
        _count_change(known, item.where)
        known.texts = [*known.texts, item.condition] if item.how == APPEND else [item.condition]
        known.seen = self._count

    def _rule(self, item: RuleItem) -> None:
        known = self.rules.get(item.name)
        if item.how == DEFINE:
            self._define(item, known)
        elif known is None:
            what = "switched" if item.how == TOGGLE else "changed"
            raise Unfit("LOAD_ERR_VALIDATE", f"no rule '{item.name}' was defined that could be {what}", item.where)
        elif item.how == APPEND and not item.overrides:
            raise Unfit("LOAD_ERR_VALIDATE", "nothing is appended: no 'condition', no 'exceptions'", item.where)
        else:
            _count_change(known, item.where)
            _change(known, item)

    def _define(self, item: RuleItem, known: Rule | None) -> None:
        source = item.source or "syscall"
        if known is not None and known.source != source:
            message = f"the rule was defined for '{known.source}': a new definition cannot be for '{source}'"
            raise Unfit("LOAD_ERR_VALIDATE", message, item.where)
        assert item.condition is not None and item.output is not None and item.desc is not None
        assert item.priority is not None
        rule = Rule(
            name=item.name,
            where=item.where,
            source=source,
            desc=item.desc,
            priority=item.priority,
            conditions=[item.condition],
            outputs=[item.output],
            tags=_unique(item.tags or ()),
            enabled=item.enabled is not False,
            warn_evttypes=item.warn_evttypes is not False,
            skip_if_unknown_filter=bool(item.skip_if_unknown_filter),
            capture=bool(item.capture),
            capture_duration=item.capture_duration or 0,
            unknown_source=source not in self._sources,
        )
        rule.exceptions = _completed(rule, item.exceptions or ())
        if rule.unknown_source:
            message = f"there is no source of events '{source}': the rule is left out"
            self._problems.add("LOAD_UNKNOWN_SOURCE", message, item.where)
        self._replaces(item.where, known)
        self.rules[item.name] = rule

    def _replaces(self, where: Where, known: Definition | Rule | None) -> None:
        if known is not None and known.where.file == where.file:
            self.redefined.append((where, known.where))


def _refuse_unknown(item: ListItem | MacroItem, known: Definition | None) -> None:
    if item.how != DEFINE and known is None:
        kind = item.where.kind
        raise Unfit("LOAD_ERR_VALIDATE", f"no {kind} '{item.name}' was defined that could be changed", item.where)


def _count_change(known: Definition | Rule, where: Where) -> None:
    # Each change copies what was there.
    known.changes += 1
    if known.changes > MOST_CHANGES:
        raise Unfit("LOAD_ERR_VALIDATE", f"'{known.name}' is changed more than {MOST_CHANGES} times", where)


def _unique(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tags))


def _change(rule: Rule, item: RuleItem) -> None:
    """Applies an item that appends to a rule or replaces parts of it."""
    append = {key for key, how in item.overrides.items() if how == "append"}
    if item.condition is not None:
        rule.conditions = [*rule.conditions, item.condition] if "condition" in append else [item.condition]
    if item.output is not None:
        rule.outputs = [*rule.outputs, item.output] if "output" in append else [item.output]
    if item.desc is not None:
        rule.desc = f"{rule.desc} {item.desc}" if "desc" in append else item.desc
    if item.tags is not None:
        rule.tags = _unique((*rule.tags, *item.tags) if "tags" in append else item.tags)
    if item.exceptions is not None:
        if "exceptions" in append:
            for exception in item.exceptions:
                _append_exception(rule, exception)
        else:
            rule.exceptions = _completed(rule, item.exceptions)
    for name in ("priority", "enabled", "warn_evttypes", "skip_if_unknown_filter", "capture", "capture_duration"):
        value = getattr(item, name)
        if value is not None:
            setattr(rule, name, value)


def _completed(rule: Rule, exceptions: Iterable[Exception_]) -> list[Exception_]:
    """Exceptions ready for use; as they are when nobody knows the fields of the rule's source."""
    return list(exceptions) if rule.unknown_source else [check_exceptions.completed(one) for one in exceptions]


def _append_exception(rule: Rule, exception: Exception_) -> None:
    """Adds an exception, or its values to the one of the same name."""
    for at, known in enumerate(rule.exceptions):
        if known.name == exception.name:
            if exception.fields is not None or exception.comps is not None:
                message = "the rule has this exception: only values can be appended to it, no fields or comps"
                raise Unfit("LOAD_ERR_VALIDATE", message, exception.where)
            rule.exceptions[at] = structs.replace(known, values=known.values + exception.values)
            return
    rule.exceptions.extend(_completed(rule, [exception]))
