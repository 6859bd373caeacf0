"""Names in conditions: lists are replaced in the text, macros are replaced by their conditions, exceptions become part
of the condition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from vigie.runtime.rules.check_exceptions import condition as with_exceptions
from vigie.runtime.rules.check_exceptions import quoted
from vigie.runtime.rules.collect import Collection, List, Macro, Rule
from vigie.runtime.rules.items import Text
from vigie.runtime.rules.places import characters, note_in_text, part_at
from vigie.runtime.rules.problems import Problems, Unfit, Where

if TYPE_CHECKING:
    from vigie._core import Condition

_WORD = re.compile(r"[^ \t\n\r(),=]+")
_BLANKS = " \t\n\r"
_NAME = re.compile(r"(?<![^ \t\n\r(])[A-Za-z][A-Za-z0-9_]*(?![^ \t\n\r)])")
_BEFORE_MACROS = re.compile(r"(?:\A|\(|(?:\A|[ \t\n\r()])(?:and|or|not))\Z")
_BEFORE_LISTS = ("in", "intersects", "pmatch", "oneof", "anyof", "allof")
_IN_PLACE_OF_LIST = re.compile(rf"[ \t\n\r\])](?:{'|'.join(_BEFORE_LISTS)})\Z")
"""A list's name may stand in the place of a list in parentheses."""
LONGEST = 8 << 20
"""Characters of one condition with its lists."""
LONGEST_WRITTEN = 4 << 20
"""Characters of all conditions with their exceptions, the names of lists not replaced: each comparison costs memory."""
LONGEST_ALL = 32 << 20
"""Characters of all conditions with their lists, and of all lists with the lists in them."""
MOST_ITEMS = 1_000_000
"""Items that come into lists by the names of other lists."""
DEEPEST = 200
"""Macros within macros."""


class Lists:
    """Lists as the text that replaces their names."""

    def __init__(self, lists: Mapping[str, List]) -> None:
        self.items: dict[str, tuple[str, ...]] = {}
        self.named: dict[str, tuple[str, ...]] = {}
        """By list: the lists that stand in it."""
        self._texts: dict[str, str] = {}
        self._left = LONGEST_ALL
        self._items_left = MOST_ITEMS
        ordered = sorted(lists.values(), key=lambda one: one.index)
        for one in ordered:
            self._expand(one, lists)
        # The peer goes through lists in order, so a list's items may be names of later ones.
        for one in reversed(ordered):
            text, named = self.replace(", ".join(map(quoted, self.items[one.name])), one.where)
            self._texts[one.name] = text
            self.named[one.name] += tuple(name for name in named if name not in self.named[one.name])

    def _spend(self, length: int, where: Where) -> None:
        self._left -= length
        if self._left < 0:
            raise Unfit("LOAD_ERR_VALIDATE", "conditions and lists become too long with the lists in them", where)

    def _expand(self, one: List, lists: Mapping[str, List]) -> None:
        """Items that are names of lists which were there before are replaced by their items."""
        items: list[str] = []
        named: list[str] = []
        for item in one.items:
            other = lists.get(item)
            if other is not None and other.index < one.seen and item in self.items:
                named.append(item)
                items += self.items[item]
                self._items_left -= len(self.items[item])
                if self._items_left < 0:
                    raise Unfit("LOAD_ERR_VALIDATE", "lists within lists become too long", one.where)
            else:
                items.append(item)
        self.items[one.name] = tuple(items)
        self.named[one.name] = tuple(dict.fromkeys(named))

    def replace(self, text: str, where: Where) -> tuple[str, tuple[str, ...]]:
        """A text with the names of lists replaced, and these names. Raises Unfit when it becomes too long."""
        texts = self._texts
        named: dict[str, None] = {}
        parts: list[str] = []
        done = length = 0
        for match in _WORD.finditer(text):
            items = texts.get(match[0])
            if items is None:
                continue
            named[match[0]] = None
            start, end = match.span()
            before = text[done:start].rstrip(_BLANKS)
            while end < len(text) and text[end] in _BLANKS:
                end += 1
            if before.endswith(_BEFORE_LISTS) and _IN_PLACE_OF_LIST.search(before):
                items = f"({items})"
            elif not items.strip():
                # A list without items takes a comma with it: the one before it, else the one behind it.
                while not before and parts:
                    before = parts.pop().rstrip(_BLANKS)
                if before.endswith(","):
                    before = before[:-1]
                elif text[end : end + 1] == ",":
                    end += 1
            parts += (before, " ", items, " ")
            length += len(before) + len(items)
            if length > LONGEST:
                raise Unfit("LOAD_ERR_VALIDATE", "the condition becomes too long with its lists", where)
            done = end
        if not named:
            return text, ()
        self._spend(length, where)
        parts.append(text[done:])
        return "".join(parts), tuple(named)


class Resolved(Struct):
    """A condition with its lists, what it names, and the parts it was put together from."""

    text: str
    condition: Condition
    macros: tuple[str, ...]
    lists: tuple[str, ...]
    parts: Sequence[Text]


class Resolver:
    """Conditions of macros and rules. What is wrong goes to the problems."""

    def __init__(self, collection: Collection, problems: Problems) -> None:
        self._collection = collection
        self._problems = problems
        self.macros: dict[str, Resolved] = {}
        self.used_macros: set[str] = set()
        self._broken: set[str] = set()
        self.expanded: dict[str, Condition] = {}
        self._depths: dict[str, int] = {}
        self._written_left = LONGEST_WRITTEN
        try:
            self.lists = Lists(collection.lists)
        except Unfit as unfit:
            problems.note(unfit.problem)
            self.lists = Lists({})
        self.used_lists = {name for names in self.lists.named.values() for name in names}
        self._resolve_macros()

    def _parse(self, parts: Sequence[Text], where: Where) -> Resolved | None:
        """A condition put together from parts, with lists; None, and a problem, when it is none."""
        from vigie._core import Condition

        own = "".join(part.text for part in parts)
        self._written_left -= len(own)
        try:
            if self._written_left < 0:
                raise Unfit("LOAD_ERR_VALIDATE", "all conditions together are too long", where)
            text, lists = self.lists.replace(own, where)
        except Unfit as unfit:
            self._problems.note(unfit.problem)
            return None
        self.used_lists.update(lists)
        try:
            condition = Condition(text)
        except ValueError as error:
            self.refuse("LOAD_ERR_COMPILE_CONDITION", error.args[0], parts, text, characters(text, error.args[1]))
            return None
        return Resolved(text, condition, tuple(condition.names()), lists, parts)

    def refuse(self, code: str, message: str, parts: Sequence[Text], text: str, offset: int) -> None:
        """Notes a problem at a place (in characters) of a condition, in the part that holds it."""

        def replaced(part: Text) -> str:
            try:
                return self.lists.replace(part.text, part.where)[0]
            except Unfit:
                return part.text

        where = part_at(parts, offset, replaced) if len(parts) > 1 else parts[0].where
        note_in_text(self._problems, code, message, where=where, text=text, offset=offset)

    def _resolve_macros(self) -> None:
        macros = self._collection.macros
        for macro in macros.values():
            resolved = self._parse(with_exceptions(macro.texts, ()), macro.where)
            if resolved is None:
                self._broken.add(macro.name)
                continue
            self.macros[macro.name] = resolved
            self.used_macros.update(resolved.macros)
        # Inner macros first, without recursion: the stack holds a macro twice, the second time when its own are done.
        open_: set[str] = set()
        for first in macros:
            stack = [(first, False)]
            while stack:
                name, ready = stack.pop()
                if ready:
                    open_.discard(name)
                    self._expand_macro(macros[name])
                elif name not in self.expanded and name not in self._broken and name not in open_:
                    open_.add(name)
                    stack.append((name, True))
                    stack += ((inner, False) for inner in reversed(self._visible(macros[name])))

    def _visible(self, macro: Macro) -> list[str]:
        """The macros named in a macro that were defined before it."""
        known = self._collection.macros
        names = self.macros[macro.name].macros
        return [name for name in names if name in known and known[name].index < macro.seen]

    def _expand_macro(self, macro: Macro) -> None:
        resolved = self.macros[macro.name]
        visible = set(self._visible(macro))
        for name in resolved.macros:
            # One that is visible and not there yet is broken, or this macro stands within it.
            if name not in visible or (name not in self.expanded and name not in self._broken):
                self._undefined(name, resolved)
                self._broken.add(macro.name)
                return
        self._depths[macro.name] = 1 + max((self._depths.get(name, 0) for name in resolved.macros), default=0)
        if self._depths[macro.name] > DEEPEST:
            message = f"macros within macros are deeper than {DEEPEST} levels"
            self._problems.add("LOAD_ERR_VALIDATE", message, macro.where)
            self._broken.add(macro.name)
            return
        condition = self._expand(resolved, macro.where)
        if condition is None:
            self._broken.add(macro.name)
        else:
            self.expanded[macro.name] = condition

    def _expand(self, resolved: Resolved, where: Where) -> Condition | None:
        if any(name in self._broken for name in resolved.macros):
            return None
        if not resolved.macros:
            return resolved.condition
        try:
            return resolved.condition.expand({name: self.expanded[name] for name in resolved.macros})
        except ValueError as error:
            self._problems.add("LOAD_ERR_COMPILE_CONDITION", error.args[0], where)
            return None

    def _undefined(self, name: str, resolved: Resolved) -> None:
        text = resolved.text
        places = (match.start() for match in _NAME.finditer(text) if match[0] == name)
        # The same word may be a value elsewhere: a macro stands behind a parenthesis, a keyword or nothing.
        found = next((at for at in places if _BEFORE_MACROS.search(text[max(at - 80, 0) : at].rstrip(_BLANKS))), 0)
        message = f"Undefined macro '{name}' used in filter."
        self.refuse("LOAD_ERR_VALIDATE", message, resolved.parts, text, found)

    def rule(self, rule: Rule) -> tuple[Resolved, Condition] | None:
        """A rule's condition: as it stands in text, and with all macros. None, and a problem, when it is none; no new
        problem when it is a macro's."""
        try:
            parts = with_exceptions(rule.conditions, rule.exceptions)
        except Unfit as unfit:
            self._problems.note(unfit.problem)
            return None
        resolved = self._parse(parts, rule.where)
        if resolved is None:
            return None
        self.used_macros.update(resolved.macros)
        for name in resolved.macros:
            if name not in self._collection.macros:
                self._undefined(name, resolved)
                return None
        condition = self._expand(resolved, rule.where)
        return None if condition is None else (resolved, condition)

    def reach(self, names: Iterable[str]) -> list[str]:
        """Macros, and the macros in them, each once."""
        found: dict[str, None] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found and name in self.macros:
                found[name] = None
                waiting += self.macros[name].macros
        return list(found)
