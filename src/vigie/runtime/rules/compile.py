"""Rules handed to the engine, one set for each source of events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from vigie.model.alert import Priority
from vigie.runtime.rules import doubts, outputs, select
from vigie.runtime.rules.collect import Collection, Rule
from vigie.runtime.rules.items import CompiledRule
from vigie.runtime.rules.places import characters, note_in_text
from vigie.runtime.rules.problems import Problems, Where
from vigie.runtime.rules.resolve import Resolved, Resolver
from vigie.runtime.rules.settings import SOURCES, RuleSettings

if TYPE_CHECKING:
    from vigie._core import Condition, Rules, _Compiled

MOST_EVENTS = 100
"""Ids of event types that a rule may match without a warning."""

MOST_SEARCHED = 4 << 20
"""Characters of macros that are compiled alone to find the one that is wrong."""


class Known(Struct):
    """A rule that compiled: what `describe` and `lint` ask about it. events: names of event types, none for all.
    index: in its source's set."""

    rule: Rule
    resolved: Resolved
    condition: Condition
    output: outputs.Output
    events: list[str]
    output_fields: list[str]
    index: int
    runs: bool


class Compiler:
    """Compiles all rules; what is wrong goes to the problems."""

    def __init__(self, collection: Collection, resolver: Resolver, settings: RuleSettings, problems: Problems) -> None:
        self._collection = collection
        self._resolver = resolver
        self._settings = settings
        self._problems = problems
        # Few macros raise doubts, and walking all macros of all rules would take long.
        self._doubtful = {
            name: resolved.text for name, resolved in resolver.macros.items() if doubts.doubtful(resolved.text)
        }
        self._refusals: dict[tuple[str, str], tuple[str, int] | None] = {}
        self._to_search = MOST_SEARCHED
        self.known: dict[str, Known] = {}
        self.sets: list[tuple[Rules, tuple[CompiledRule, ...]]] = []
        """For each source of events its rules, and by index what alerts say of them."""

    def run(self) -> None:
        """Compiles rules in the order in which they are tried, then those that do not run."""
        active = select.running(self._collection.rules.values(), self._settings)
        names = {rule.name for rule in active}
        others = [rule for rule in self._collection.rules.values() if rule.name not in names]
        for source in SOURCES:
            if source not in self._settings.sources:
                continue
            compiled = self._source(
                source,
                [(rule, True) for rule in active if rule.source == source]
                + [(rule, False) for rule in others if rule.source == source],
            )
            if compiled[1]:
                self.sets.append(compiled)

    def _source(self, source: str, rules: list[tuple[Rule, bool]]) -> tuple[Rules, tuple[CompiledRule, ...]]:
        from vigie._core import Rules

        core = Rules(source, self._settings.static)
        compiled: list[CompiledRule] = []
        for rule, runs in rules:
            one = self._rule(core, rule, runs)
            if one is None:
                continue
            assert one.index == len(compiled), "the engine numbers rules as they are added"
            self.known[rule.name] = one
            compiled.append(
                CompiledRule(
                    name=rule.name,
                    priority=Priority(rule.priority),
                    source=source,
                    output=one.output.template,
                    tags=tuple(sorted(rule.tags)),
                    capture=rule.capture,
                    capture_duration=rule.capture_duration,
                    events=tuple(one.events),
                    runs=runs,
                )
            )
        return core, tuple(compiled)

    def _rule(self, core: Rules, rule: Rule, runs: bool) -> Known | None:
        conditions = self._resolver.rule(rule)
        if conditions is None:
            return None
        resolved, condition = conditions
        output = outputs.of(rule, self._settings)
        try:
            added = core.add(rule.name, condition, output.template, output.fields, runs)
        except ValueError as error:
            place, message, offset, *_ = error.args
            if place in ("field", "condition"):
                self._refused(rule, resolved, place == "field", message, offset)
            else:
                self._refused_output(rule, output, place, message, offset)
            return None
        self._warn(rule, resolved, condition, output, added)
        index, events, _, _, output_fields = added
        return Known(rule, resolved, condition, output, events, output_fields, index, runs)

    def _refused(self, rule: Rule, resolved: Resolved, unknown: bool, message: str, offset: int) -> None:
        code, shown = "LOAD_ERR_COMPILE_CONDITION", message
        if unknown and rule.skip_if_unknown_filter:
            code, shown = "LOAD_UNKNOWN_FILTER", f"{message}: the rule is left out"
        guilty = self._guilty(resolved, rule.source, (message, offset))
        if guilty is None:
            self._resolver.refuse(code, shown, resolved.parts, resolved.text, characters(resolved.text, offset))
            return
        macro, text = self._collection.macros[guilty], self._resolver.macros[guilty].text
        where = macro.where
        where = Where("macro", guilty, where.file, where.line, where.column, rule.conditions[0].where)
        note_in_text(self._problems, code, shown, where=where, text=text, offset=characters(text, offset))

    def _guilty(self, resolved: Resolved, source: str, refusal: tuple[str, int]) -> str | None:
        """The innermost macro that is refused for the same reason at the same offset; None when it is the rule."""
        guilty, names = None, resolved.macros
        while (inner := next((name for name in names if self._refusal(name, source) == refusal), None)) is not None:
            guilty, names = inner, self._resolver.macros[inner].macros
        return guilty

    def _refusal(self, macro: str, source: str) -> tuple[str, int] | None:
        """Why a macro is no condition of its own, and where."""
        from vigie._core import Rules

        if (macro, source) not in self._refusals:
            self._to_search -= sum(len(self._resolver.macros[name].text) for name in self._resolver.reach([macro]))
            if self._to_search < 0:
                return None
            refusal = None
            try:
                Rules(source, self._settings.static).add(macro, self._resolver.expanded[macro], "")
            except ValueError as error:
                refusal = (error.args[1], error.args[2])
            self._refusals[macro, source] = refusal
        return self._refusals[macro, source]

    def _refused_output(self, rule: Rule, output: outputs.Output, place: str, message: str, offset: int) -> None:
        where = rule.outputs[0].where
        code = "LOAD_ERR_COMPILE_OUTPUT"
        if place != "output":
            self._problems.add(code, f"the field '{place}' of append_output: {message}", where)
            return
        if rule.skip_if_unknown_filter and doubts.names_unknown_field(message):
            code, message = "LOAD_UNKNOWN_FILTER", f"{message}: the rule is left out"
        text = output.template
        offset = characters(text, offset)
        note_in_text(self._problems, code, message, where=where, text=text, offset=offset, kind="output")

    def _warn(
        self, rule: Rule, resolved: Resolved, condition: Condition, output: outputs.Output, added: _Compiled
    ) -> None:
        _, _, events, hints, output_fields = added
        where = rule.conditions[0].where
        if rule.source == "syscall" and rule.warn_evttypes and events > MOST_EVENTS:
            message = f"the rule is tried on {events} types of events: name those it is about with 'evt.type in (…)'"
            self._problems.add("LOAD_NO_EVTTYPE", message, rule.where)
        for hint in hints:
            self._problems.add("LOAD_COMPILE_CONDITION", hint, where)
        texts = [resolved.text]
        if self._doubtful:
            texts += [self._doubtful[name] for name in self._resolver.reach(resolved.macros) if name in self._doubtful]
        compared = doubts.compared_with_na(texts)
        if compared:
            message = f"'{compared}' is compared with <NA>, and is equal to nothing when it is missing: use 'exists'"
            self._problems.add("LOAD_UNSAFE_NA_CHECK", message, where)
        for field in doubts.deprecated_fields(texts, condition):
            message = f"the field '{field}' is going to be removed: {doubts.DEPRECATED[field]}"
            self._problems.add("LOAD_DEPRECATED_ITEM", message, where)
        for field in output_fields:
            if field in doubts.DEPRECATED:
                message = f"the field '{field}' is going to be removed: {doubts.DEPRECATED[field]}"
                self._problems.add("LOAD_DEPRECATED_ITEM", message, rule.outputs[0].where)
        if output.deprecated:
            message = f"'{outputs.DEPRECATED}' stands for nothing: fields of the container are appended to every output"
            self._problems.add("LOAD_DEPRECATED_ITEM", message, rule.outputs[0].where)
