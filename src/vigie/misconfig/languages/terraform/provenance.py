"""Where a value comes from, and how a block reads with its values: asked for findings only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from vigie.misconfig.languages.terraform.blocks import META, TerraformBlock
from vigie.misconfig.languages.terraform.graph import TerraformGraph
from vigie.misconfig.languages.terraform.scope import MISSING, Scope
from vigie.misconfig.languages.terraform.syntax import Argument, Nested
from vigie.misconfig.languages.terraform.trace import followed, references
from vigie.misconfig.languages.terraform.values import format_number, is_marked, is_whole
from vigie.misconfig.languages.terraform.variables import Given
from vigie.misconfig.value import Cause

MOST_ORIGINS = 20
MOST_RENDERED = 4000
"""Characters of one value, and lines of one block."""


class Provenance:
    """Answers for the causes of one graph."""

    def __init__(self, graph: TerraformGraph) -> None:
        self._graph = graph
        self._blocks: dict[int, TerraformBlock] | None = None

    def origins(self, cause: Cause) -> Sequence[Cause]:
        """The variables, locals, arguments of modules and entries of tfvars that made the value of an attribute, the
        nearest first; of a block that a dynamic one made those of its `for_each`."""
        block = self._block(cause)
        if block is None:
            return ()
        found: list[Cause] = []
        if block.cause is cause:
            outer = cause.parent
            if outer is None or not outer.name.startswith("dynamic."):
                return ()
            parent = self._block(outer.parent) if outer.parent is not None else None
            node = _dynamic(parent, outer) if parent is not None else None
            start = node.body.arguments.get("for_each") if node is not None else None
            if parent is None or start is None:
                return ()
            _walk(start, parent.scope, parent, found)
        else:
            argument = block.node.body.arguments.get(cause.name.rpartition(".")[2])
            if argument is None:
                return ()
            _walk(argument, block.scope, block, found)
        return found

    def render(self, cause: Cause) -> str:
        """The block that a cause stands in, with those of its attributes, within the cause, whose values are not
        written there and known; "" when there is none."""
        block = self._block(cause)
        if block is None:
            return ""
        resource = block.resource
        chain, record = {id(cause)}, cause.parent
        while record is not None and len(chain) < 100:
            chain.add(id(record))
            record = record.parent
        lines = list(_rendered(resource, cause, chain, "  "))
        if not lines:
            return ""
        labels = "".join(f' "{label}"' for label in resource.node.labels)
        return "\n".join([f"{resource.node.type}{labels} {{", *lines[:MOST_RENDERED], "}"]) + "\n"

    def _block(self, cause: Cause) -> TerraformBlock | None:
        """The block whose cause this is, or whose attribute's."""
        if self._blocks is None:
            self._blocks = {id(block.cause): block for block in self._graph.everything()}
        chain, record = [cause], cause.parent
        while record is not None and len(chain) < 100:
            chain.append(record)
            record = record.parent
        wanted = {id(one) for one in chain[:2]}
        for one in chain:
            resource = self._blocks.get(id(one))
            if resource is not None:
                return next((block for block in _inner(resource) if id(block.cause) in wanted), None)
        return None


def _inner(block: TerraformBlock) -> Iterator[TerraformBlock]:
    """The nested blocks that were asked for, the innermost first, and the block itself."""
    for children in block.asked():
        for child in children:
            if isinstance(child, TerraformBlock):
                yield from _inner(child)
    yield block


def _dynamic(parent: TerraformBlock, cause: Cause) -> Nested | None:
    blocks = parent.node.body.of_type("dynamic")
    return next((node for node in blocks if node.start == cause.start and node.source.path == cause.file), None)


def _walk(argument: Argument, scope: Scope, block: TerraformBlock, found: list[Cause]) -> None:
    """Follows the references of an argument, breadth first."""
    seen: set[tuple[int, int]] = set()
    pending = [(argument, scope)]
    for current, where in pending:
        for name, steps in references(current.expression):
            for origin, following in _origins(name, steps, where, block):
                key = (id(following[0]) if following else id(origin), id(where.module))
                if key in seen:
                    continue
                seen.add(key)
                if origin is not None:
                    found.append(origin)
                if following is not None:
                    pending.append(following)
        if len(found) >= MOST_ORIGINS or len(pending) > MOST_ORIGINS * 2:
            break


Following = tuple[Argument, Scope] | None


def _origins(
    name: str, steps: tuple[Any, ...], scope: Scope, block: TerraformBlock
) -> Iterator[tuple[Cause | None, Following]]:
    """What a reference stands for: where that is, and the argument to go on with."""
    module = scope.module
    first = steps[0] if steps and isinstance(steps[0], str) else ""
    if name in scope.names:
        for parent in _dynamics(block, name):
            yield None, parent
    elif name == "each" and scope.over is not None:
        yield None, (scope.over, module.scope)
    elif name == "var" and first:
        yield from _variable(first, scope)
    elif name in ("local", "module"):
        for argument, inner in followed(name, steps, scope):
            shown = (
                f"local.{first}"
                if name == "local"
                else ".".join(["module", *(s for s in steps[:2] if isinstance(s, str))])
            )
            place = Cause(argument.source.path, argument.start, argument.end, shown, prefix=inner.module.prefix)
            yield place, (argument, inner)


def _variable(name: str, scope: Scope) -> Iterator[tuple[Cause | None, Following]]:
    module = scope.module
    node = module.declarations.variables.get(name)
    given = module.unit.assigned.get(name, MISSING) if module.outer is None else MISSING
    if isinstance(given, Given) and node is not None:
        shown = f"var.{name}" if given.path else f"TF_VAR_{name}"
        yield Cause(given.path or "environment", given.start, given.end, shown), None
    elif module.outer is not None and name in module.arguments:
        argument = module.arguments[name]
        call = module.cause.name if module.cause is not None else "module"
        outer = module.outer
        place = Cause(argument.source.path, argument.start, argument.end, f"{call}.{name}", prefix=outer.module.prefix)
        yield place, (argument, outer)
    elif node is not None and "default" in node.body.arguments:
        yield Cause(node.source.path, node.start, node.end, f"var.{name}", prefix=module.prefix), None


def _dynamics(block: TerraformBlock, name: str) -> Iterator[tuple[Argument, Scope]]:
    """The `for_each` of the dynamic blocks of a resource with this iterator."""
    pending = [block.resource.node]
    for node in pending[:]:
        for inner in _all_blocks(node):
            if inner.type == "dynamic" and inner.labels[:1]:
                iterator = inner.body.arguments.get("iterator")
                called = inner.labels[0] if iterator is None else iterator.text
                if called.strip('"') == name and "for_each" in inner.body.arguments:
                    yield inner.body.arguments["for_each"], block.resource.scope


def _all_blocks(node: Nested) -> Iterator[Nested]:
    for inner in node.body.blocks:
        yield inner
        yield from _all_blocks(inner)


def _rendered(block: TerraformBlock, cause: Cause, chain: set[int], indent: str) -> Iterator[str]:
    """The lines of a block. chain: the causes that lead to the one asked for: of the blocks that one dynamic block has
    made only the right one is shown."""
    body = block.node.body
    for argument in body.arguments.values():
        if not isinstance(argument.expression, tuple) or argument.name in META:
            continue
        if argument.source.path != cause.file or argument.end < cause.start or argument.start > cause.end:
            continue
        found = block.find(argument.name)
        if found is not None and is_whole(found.value) and not is_marked(found.value):
            yield f"{indent}{argument.name} = {_written(found.value, indent)}"
    for name in dict.fromkeys(block.names()):
        if name in body.arguments:
            continue
        children = [child for child in block.children(name) if isinstance(child, TerraformBlock)]
        asked = {id(child.node) for child in children if id(child.cause) in chain}
        for child in children:
            if id(child.node) not in asked or id(child.cause) in chain:
                lines = list(_rendered(child, cause, chain, indent + "  "))
                if lines:
                    yield from (f"{indent}{name} {{", *lines, f"{indent}}}")


def _written(value: Any, indent: str) -> str:
    """A value as Terraform writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return format_number(value)
    if isinstance(value, str):
        return _quoted(value[:MOST_RENDERED])
    if isinstance(value, dict):
        deeper = indent + "  "
        lines = [f"{deeper}{_key(key)} = {_written(item, deeper)}" for key, item in value.items()]
        return "\n".join(["{", *lines, indent + "}"]) if lines else "{}"
    return f"[{', '.join(_written(item, indent) for item in value)}]"


def _key(key: str) -> str:
    return key if key.isidentifier() else _quoted(key)


def _quoted(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(plain, escaped)
    return '"' + text.replace("${", "$${").replace("%{", "%%{") + '"'
