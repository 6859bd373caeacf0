"""A module: one instance of a folder's declarations, with the arguments it was called with.

Everything is evaluated when it is first asked for, and once. So the order of files, modules and resources has no
meaning, and what nobody asks for costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vigie.misconfig.languages.terraform import references
from vigie.misconfig.languages.terraform.blocks import ResourceBlock, value_of
from vigie.misconfig.languages.terraform.declarations import Declarations
from vigie.misconfig.languages.terraform.expansion import Expansion, expand
from vigie.misconfig.languages.terraform.scope import MISSING, Budget, Scope
from vigie.misconfig.languages.terraform.syntax import Argument, Body, Nested, Source
from vigie.misconfig.languages.terraform.values import FunctionError, mark
from vigie.misconfig.value import UNKNOWN, Cause, Unknown

if TYPE_CHECKING:
    from vigie.misconfig.language import Files
    from vigie.misconfig.languages.terraform.unit import TerraformUnit

RUNNING: Any = object()
"""The value of what is being evaluated: whoever meets it goes in a circle."""

CALL_META = frozenset({"source", "version", "count", "for_each", "providers", "depends_on"})


class Module:
    """An instance of a module. folder: of its files, "" for the root of what is scanned. prefix: the source in front
    of its files when they come from elsewhere. path: names of the calls that lead to it. outer: the scope in which
    its arguments are evaluated, None for a root module; cause: the call."""

    def __init__(  # noqa: PLR0917
        self,
        unit: TerraformUnit,
        declarations: Declarations,
        files: Files,
        folder: str,
        prefix: str = "",
        path: tuple[str, ...] = (),
        outer: Scope | None = None,
        arguments: Body | None = None,
        cause: Cause | None = None,
    ) -> None:
        self.unit, self.declarations, self.files, self.folder = unit, declarations, files, folder
        self.prefix, self.path, self.outer, self.cause = prefix, path, outer, cause
        self.arguments: Mapping[str, Argument] = arguments.arguments if arguments is not None else {}
        self.budget: Budget = unit.budget
        self.root: Module = outer.module.root if outer is not None else self
        self.scope = Scope(self)
        self._locals: dict[str, Any] = {}
        self._variables: dict[str, Any] = {}
        self._outputs: dict[str, Any] = {}
        self._groups: dict[tuple[str, str, str], Group] = {}
        self._calls: dict[str, Call] = {}
        self._depth = 0

    def _once(self, values: dict[str, Any], name: str, at: Argument | Nested, make: Callable[[], Any]) -> Any:
        value = values.get(name, MISSING)
        if value is RUNNING:
            self.warn(f"{name} refers to itself", at)
            return UNKNOWN
        if value is not MISSING:
            return value
        values[name] = RUNNING
        try:
            value = make()
        except FunctionError:
            value = UNKNOWN
        except BaseException:
            del values[name]
            raise
        values[name] = value
        return value

    def local(self, name: str) -> Any:
        """The value of a local. Raises FunctionError when there is none."""
        value = self._locals.get(name, MISSING)
        if value is not MISSING and value is not RUNNING:
            return value
        argument = self.declarations.locals.get(name)
        if argument is None:
            raise FunctionError(f"there is no local.{name}")
        if self._depth > MAX_CHAIN:
            self._prepare(name)
        self._depth += 1
        try:
            return self._once(self._locals, name, argument, lambda: value_of(argument, self.scope))
        finally:
            self._depth -= 1

    def _prepare(self, name: str) -> None:
        """Evaluates the locals that a local is made of, the innermost first, without nesting."""
        depth, self._depth = self._depth, 0
        stack = [name]
        seen = {name}
        order = []
        while stack:
            current = stack.pop()
            order.append(current)
            argument = self.declarations.locals.get(current)
            for used in references.locals_of(argument.expression) if argument is not None else ():
                if used not in seen and used not in self._locals:
                    seen.add(used)
                    stack.append(used)
        for used in reversed(order[1:]):
            argument = self.declarations.locals.get(used)
            if argument is not None and used not in self._locals:
                self._depth = 1
                self._once(self._locals, used, argument, _thunk(argument, self.scope))
        self._depth = depth

    def variable(self, name: str) -> Any:
        """The value of an input variable. Raises FunctionError when there is none."""
        value = self._variables.get(name, MISSING)
        if value is not MISSING and value is not RUNNING:
            return value
        node = self.declarations.variables.get(name)
        if node is None:
            raise FunctionError(f"there is no var.{name}")
        return self._once(self._variables, name, node, lambda: self._input(name, node))

    def _input(self, name: str, node: Nested) -> Any:
        variable = self.unit.variable(node, self)
        given = self.given(name)
        if given is MISSING:
            return variable.unset(lambda what: self.warn(what, node))
        return variable.settle(given, lambda what: self.warn(what, node))

    def given(self, name: str) -> Any:
        """What a variable is set to from outside of the module: by its call, or what a root module is given; MISSING
        for nothing."""
        if self.outer is None:
            return self.unit.assigned.get(name, MISSING)
        argument = self.arguments.get(name)
        return MISSING if argument is None or name in CALL_META else value_of(argument, self.outer)

    def output(self, name: str) -> Any:
        """The value of an output. Raises FunctionError when there is none."""
        value = self._outputs.get(name, MISSING)
        if value is not MISSING and value is not RUNNING:
            return value
        node = self.declarations.outputs.get(name)
        if node is None:
            raise FunctionError(f"the module has no output {name}")
        return self._once(self._outputs, name, node, lambda: self._output(node))

    def _output(self, node: Nested) -> Any:
        arguments = node.body.arguments
        if "value" not in arguments:
            return UNKNOWN
        value = value_of(arguments["value"], self.scope)
        if "sensitive" in arguments and arguments["sensitive"].expression is True:
            value = mark(value)
        return value

    def group(self, mode: str, type_: str, name: str, source: Source | None = None) -> Group | None:
        """The instances of a resource that is declared here; of several of this name those in the same file."""
        if self.declarations.names and source is not None:
            name = self.declarations.names.get((mode, type_, name, id(source)), name)
        key = (mode, type_, name)
        group = self._groups.get(key)
        if group is None:
            node = self.declarations.resources.get(key)
            if node is not None:
                group = self._groups[key] = Group(self, node, mode)
        return group

    def resource_value(self, mode: str, type_: str, name: str) -> Any:
        """What a reference to a resource means. Raises FunctionError when there is none."""
        current = self.unit.current
        group = self.group(mode, type_, name, current.source if current is not None else None)
        if group is None:
            raise FunctionError(f"there is no {type_}.{name}")
        return group.value()

    def call(self, name: str) -> Call | None:
        """The instances of a module that is called here."""
        call = self._calls.get(name)
        if call is None:
            node = self.declarations.calls.get(name)
            if node is not None:
                call = self._calls[name] = Call(self, node)
        return call

    def render(self, text: str, name: str, variables: Mapping[str, Any]) -> Any:
        """The value of a template from elsewhere."""
        return self.unit.render(text, name, variables, self)

    def warn(self, what: str, at: Argument | Nested | None = None) -> None:
        """Takes a problem to the report. at: where, else what is being evaluated."""
        at = at or self.unit.current
        where = at.place if at is not None else self.folder or "."
        self.unit.problem(where, what)


class Isolated(Module):
    """What a template in a file sees of its module: only what is given to it."""

    def __init__(self, module: Module) -> None:
        super().__init__(module.unit, Declarations(), module.files, module.folder, module.prefix)
        self.root = module.root


MAX_CHAIN = 30
"""Locals that lead to each other before they are evaluated one by one."""


def _thunk(argument: Argument, scope: Scope) -> Callable[[], Any]:
    return lambda: value_of(argument, scope)


class Group:
    """The instances of one resource or data source."""

    __slots__ = ("_blocks", "_expansion", "_value", "mode", "module", "node")

    def __init__(self, module: Module, node: Nested, mode: str) -> None:
        self.module, self.node, self.mode = module, node, mode
        self._expansion: Expansion | None = None
        self._blocks: list[ResourceBlock] | None = None
        self._value: Any = MISSING

    def blocks(self) -> Sequence[ResourceBlock]:
        """The instances. Raises FunctionError when their number hangs on themselves."""
        if self._blocks is None:
            if self._value is RUNNING:
                self.module.warn(
                    f"{'.'.join(self.node.labels)}: count or for_each refers to the resource itself", self.node
                )
                raise FunctionError("a circle")
            self._value = RUNNING
            try:
                self._expansion = expand(self.node, self.module)
            finally:
                self._value = MISSING
            base = ("data." if self.mode else "") + ".".join(self.node.labels)
            node, module = self.node, self.module
            self._blocks = []
            for key, suffix, scope in self._expansion.places:
                if not module.budget.instance():
                    module.unit.exceeded(node, module.budget.spent)
                    break
                cause = Cause(node.source.path, node.start, node.end, base + suffix, module.cause, module.prefix)
                self._blocks.append(ResourceBlock(node, scope, self.mode, cause, key))
        return self._blocks

    def value(self) -> Any:
        """What a reference to the whole means."""
        if self._value is MISSING or self._value is RUNNING:
            blocks = self.blocks()
            expansion = self._expansion
            if expansion is None or not (expansion.certain or blocks):
                self._value = UNKNOWN
            elif not expansion.certain:
                self._value = Unknown(expansion.kind, source=blocks[0], attribute=references.ALL)
            elif expansion.kind == "single":
                self._value = blocks[0].handle if blocks else None
            elif expansion.kind == "list":
                self._value = [block.handle for block in blocks]
            elif any(isinstance(block.key, Unknown) for block in blocks):
                self._value = Unknown("map", source=blocks[0], attribute=references.ALL)
            else:
                self._value = {block.key: block.handle for block in blocks}
        return self._value


class Call:
    """A module call and its instances."""

    __slots__ = ("_expansion", "_instances", "_running", "module", "node")

    def __init__(self, module: Module, node: Nested) -> None:
        self.module, self.node = module, node
        self._expansion: Expansion | None = None
        self._instances: list[Module] | None = None
        self._running = False

    def instances(self) -> Sequence[Module]:
        """The instances of the module; none when it cannot be had."""
        if self._instances is None:
            if self._running:
                self.module.warn(
                    f"module.{self.node.labels[0]}: count or for_each refers to the module itself", self.node
                )
                raise FunctionError("a circle")
            self._running = True
            try:
                self._expansion = expand(self.node, self.module)
                self._instances = self.module.unit.children(self.module, self.node, self._expansion)
            finally:
                self._running = False
        return self._instances

    def value(self, steps: Sequence[references.Step], scope: Scope) -> Any:
        """What a reference to the call means: the output that the steps ask for, and what they ask of it. Raises
        FunctionError."""
        instances = self.instances()
        expansion = self._expansion
        if expansion is None or not instances:
            if expansion is not None and expansion.certain and not expansion.places:
                empty: Any = [] if expansion.kind == "list" else {} if expansion.kind == "map" else None
                return references.walk(empty, steps, 0, scope)
            return UNKNOWN
        start = 0
        if expansion.kind == "single":
            chosen: Module | None = instances[0]
        else:
            chosen, start = self._chosen(steps, scope), 1
        if chosen is not None and len(steps) > start:
            step = steps[start]
            name = (
                step.name if isinstance(step, references.Name) else step.key if isinstance(step, references.Key) else 0
            )
            if isinstance(name, str):
                return references.walk(chosen.output(name), steps, start + 1, scope)
        if not expansion.certain:
            return self._of_any(instances[0], steps, scope)
        outputs = [{name: one.output(name) for name in one.declarations.outputs} for one in instances]
        if expansion.kind == "single":
            return references.walk(outputs[0], steps, 0, scope)
        if expansion.kind == "list":
            return references.walk(outputs, steps, 0, scope)
        keys = [place.key for place in expansion.places]
        if any(isinstance(key, Unknown) for key in keys):
            return UNKNOWN
        return references.walk(dict(zip(keys, outputs, strict=False)), steps, 0, scope)

    def _of_any(self, instance: Module, steps: Sequence[references.Step], scope: Scope) -> Any:
        """What is known when nobody knows how many instances there are."""
        first = steps[0] if steps else None
        if isinstance(first, references.Splat):
            inner = [{name: instance.output(name) for name in instance.declarations.outputs}]
            element = references.walk(inner, steps, 0, scope)
            if isinstance(element, list) and len(element) == 1 and isinstance(element[0], Unknown):
                return Unknown("list", None, element[0].source, element[0].attribute)
        return UNKNOWN

    def _chosen(self, steps: Sequence[references.Step], scope: Scope) -> Module | None:
        """The instance that the first step asks for, None when it asks for no single one. Raises FunctionError when
        there is none of this key."""
        step = steps[0] if steps else None
        if isinstance(step, references.Key):
            key: Any = step.key
        elif isinstance(step, references.Index):
            key = step.code(scope)
        elif isinstance(step, references.Name):
            key = step.name
        else:
            return None
        instances, expansion = self.instances(), self._expansion
        if isinstance(key, Unknown) or expansion is None or not expansion.certain:
            return instances[0]
        for place, instance in zip(expansion.places, instances, strict=False):
            if place.key == key or str(place.key) == str(key):
                return instance
        raise FunctionError(f"there is no module.{self.node.labels[0]}[{key!r}]")
