"""What an expression sees, and what it may cost."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vigie.misconfig.languages.terraform.values import FunctionError, LimitError
from vigie.misconfig.value import UNKNOWN

if TYPE_CHECKING:
    from vigie.misconfig.language import Files
    from vigie.misconfig.languages.terraform.module import Module
    from vigie.misconfig.languages.terraform.syntax import Argument

MISSING: Any = object()
"""In place of a value that is not there."""


class Budget:
    """What the evaluation of one unit may still cost. A unit that has used it up is judged with unknown values, and
    said to be.

    turns: of `for` expressions, and elements that functions make. characters: that templates make, functions read and
    make. instances: of resources and blocks. seconds: of the processor, from now on.
    """

    __slots__ = ("characters", "deadline", "instances", "spent", "turns")

    def __init__(
        self, turns: int = 3_000_000, characters: int = 256 << 20, instances: int = 200_000, seconds: float = 120.0
    ) -> None:
        self.turns, self.characters, self.instances = turns, characters, instances
        self.deadline = time.process_time() + seconds
        self.spent = ""

    def time(self) -> None:
        """Raises LimitError when it is late."""
        if time.process_time() > self.deadline:
            self.spent = "expressions take too long"
            raise LimitError(self.spent)

    def turn(self, count: int) -> None:
        self.turns -= count
        if self.turns < 0:
            self.spent = "expressions take too many turns"
            raise LimitError(self.spent)

    def text(self, count: int) -> None:
        self.characters -= count
        if self.characters < 0:
            self.spent = "expressions make too much text"
            raise LimitError(self.spent)

    def instance(self) -> bool:
        """Whether there may be one more."""
        self.instances -= 1
        if self.instances < 0:
            self.spent = "there are too many instances of resources and blocks"
        return self.instances >= 0


class Scope:
    """Where an expression is evaluated.

    names: variables of `for` and iterators of dynamic blocks. each: key and value of the instance; index: its
    number. Both are MISSING where they have no meaning. block: what `self` is, for resources. over: the argument that
    `each` comes from.
    """

    __slots__ = ("block", "each", "index", "module", "names", "over")

    def __init__(  # noqa: PLR0917
        self,
        module: Module,
        names: Mapping[str, Any] | None = None,
        each: Any = MISSING,
        index: Any = MISSING,
        block: Any = None,
        over: Argument | None = None,
    ) -> None:
        self.module, self.each, self.index, self.block, self.over = module, each, index, block, over
        self.names: Mapping[str, Any] = names or {}

    def with_names(self, names: Mapping[str, Any]) -> Scope:
        """The scope with further names in it."""
        inner = Scope.__new__(Scope)
        inner.module, inner.each, inner.index, inner.block = self.module, self.each, self.index, self.block
        inner.over = self.over
        inner.names = {**self.names, **names} if self.names else names
        return inner

    def spend(self, turns: int) -> None:
        self.module.budget.turn(turns)

    def spend_text(self, characters: int) -> None:
        if characters > 200:
            self.module.budget.text(characters)

    # What functions may know (functions.Context).

    @property
    def files(self) -> Files:
        return self.module.files

    @property
    def folder(self) -> str:
        return self.module.folder

    @property
    def root(self) -> str:
        return self.module.root.folder

    def definitions(self, text: str) -> Mapping[str, Any]:
        from vigie.misconfig.languages.terraform import variables

        def refuse(line: int, what: str) -> None:
            raise FunctionError(f"line {line}: {what}")

        return {name: given.value for name, given in variables.definitions("", text.encode(), refuse).items()}

    def template(self, text: str, name: str, variables: Mapping[str, Any]) -> Any:
        return self.module.render(text, name, variables)

    def warn(self, what: str) -> None:
        self.module.warn(what)


__all__ = ["MISSING", "UNKNOWN", "Budget", "Scope"]
