"""What an expression refers to, as it is written: the resources it leads to, through variables, locals and outputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vigie.misconfig.graph import Block
from vigie.misconfig.languages.terraform.blocks import TerraformBlock
from vigie.misconfig.languages.terraform.expression import compile_expression
from vigie.misconfig.languages.terraform.scope import Scope
from vigie.misconfig.languages.terraform.syntax import Argument, Source
from vigie.misconfig.languages.terraform.values import FunctionError
from vigie.misconfig.value import Unknown

MOST = 200
"""Arguments that are followed."""


def references(node: Any) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """All references in an expression, as name and steps."""
    stack = [node]
    while stack:
        node = stack.pop()
        if not isinstance(node, tuple):
            continue
        if len(node) == 3 and node[0] == "ref":
            yield node[1], node[2]
            stack.extend(node[2])
        else:
            stack.extend(reversed(node))


def written(block: TerraformBlock, path: str) -> tuple[Argument, Scope] | None:
    """The argument at a dotted path."""
    *outer, name = path.split(".")
    found: Block = block
    for step in outer:
        children = found.children(step)
        if not children:
            return None
        found = children[0]
    if not isinstance(found, TerraformBlock):
        return None
    argument = found.node.body.arguments.get(name)
    return None if argument is None else (argument, found.scope)


def resources_of(block: TerraformBlock, path: str) -> list[Block]:
    """The resources that the argument at a path refers to."""
    start = written(block, path)
    if start is None:
        return []
    found: list[Block] = []
    seen: set[tuple[int, int]] = set()
    pending = [start]
    while pending and len(seen) < MOST:
        argument, scope = pending.pop()
        if (id(argument), id(scope.module)) in seen:
            continue
        seen.add((id(argument), id(scope.module)))
        for name, steps in references(argument.expression):
            if name in scope.names:
                continue
            pending += followed(name, steps, scope)
            resource = _resource(name, steps, scope, argument.source)
            if resource is not None:
                found.append(resource)
    return found


def followed(name: str, steps: tuple[Any, ...], scope: Scope) -> list[tuple[Argument, Scope]]:
    """The arguments that make the value of a variable, local or output."""
    module = scope.module
    names = [step for step in steps[:3] if isinstance(step, str)]
    if name == "local" and names:
        argument = module.declarations.locals.get(names[0])
        return [(argument, module.scope)] if argument is not None else []
    if name == "var" and names:
        if module.outer is not None and names[0] in module.arguments:
            return [(module.arguments[names[0]], module.outer)]
        node = module.declarations.variables.get(names[0])
        if node is not None and "default" in node.body.arguments:
            return [(node.body.arguments["default"], module.scope)]
        return []
    if name == "module" and len(names) > 1:
        call = module.call(names[0])
        found = []
        for instance in call.instances()[:1] if call is not None else ():
            node = instance.declarations.outputs.get(names[1])
            if node is not None and "value" in node.body.arguments:
                found.append((node.body.arguments["value"], instance.scope))
        return found
    return []


def _resource(name: str, steps: tuple[Any, ...], scope: Scope, source: Source) -> Block | None:
    """The instance that a reference names: with its index, or with the same key as the one who refers."""
    head = 1 if name not in ("data", "resource") else 2
    if len(steps) < head or not all(isinstance(step, str) for step in steps[:head]):
        return None
    key = ("data" if name == "data" else "", name if head == 1 else steps[0], steps[head - 1])
    group = scope.module.group(*key, source)
    if group is None:
        return None
    try:
        blocks = group.blocks()
        if len(blocks) > 1 and len(steps) > head and isinstance(steps[head], tuple) and steps[head][0] == "index":
            value = compile_expression(("ref", name, steps[: head + 1]))(scope)
            if isinstance(value, Unknown) and isinstance(value.source, Block):
                return value.source
    except FunctionError:
        return None
    own = getattr(scope.block, "key", None)
    same = [block for block in blocks if own is not None and block.key == own]
    return next(iter(same or blocks), None)
