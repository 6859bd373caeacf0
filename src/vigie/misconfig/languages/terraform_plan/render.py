"""How a resource of a plan reads with its planned values: asked for findings only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vigie.misconfig.languages.terraform.functions.tfvars import encode_expr
from vigie.misconfig.languages.terraform.values import is_marked, is_whole
from vigie.misconfig.languages.terraform_plan.blocks import PlanBlock
from vigie.misconfig.value import Cause

_MOST_LINES = 100
_LONGEST = 4_000


class Renderer:
    """Answers for the causes of one plan."""

    def __init__(self, resources: Iterable[PlanBlock]) -> None:
        self._resources = resources
        self._by_cause: dict[int, PlanBlock] | None = None

    def render(self, cause: Cause) -> str:
        """The resource that a cause stands in, with those of its values that the cause covers and that are known and
        not secret; "" when there is none."""
        if self._by_cause is None:
            self._by_cause = {id(block.cause): block for block in self._resources}
        chain: list[Cause] = []
        record: Cause | None = cause
        while record is not None and len(chain) < 100:
            chain.append(record)
            record = record.parent
        block = next((self._by_cause[id(one)] for one in chain if id(one) in self._by_cause), None)
        lines = list(_lines(block, cause, {id(one) for one in chain}, "  ")) if block is not None else []
        if block is None or not lines:
            return ""
        kind = "data" if block.mode else "resource"
        head = f'{kind} "{block.type}" "{block.name}" {{'
        return "\n".join([head, *"\n".join(lines).split("\n")[:_MOST_LINES], "}"]) + "\n"


def _lines(block: PlanBlock, cause: Cause, chain: set[int], indent: str) -> Iterator[str]:
    """What the cause covers of a block: all of it, one attribute, or something of a block nested in it."""
    whole = block.cause is cause
    for name in block.names():
        found = block.find(name)
        if found is not None:
            covered = whole or found.cause is cause
            text = encode_expr(found.value) if covered and is_whole(found.value) and not is_marked(found.value) else ""
            if 0 < len(text) <= _LONGEST:
                yield f"{indent}{name} = {text}".replace("\n", "\n" + indent)
            continue
        for child in block.children(name):
            if isinstance(child, PlanBlock) and (whole or id(child.cause) in chain):
                inner = list(_lines(child, child.cause if whole else cause, chain, indent + "  "))
                if inner:
                    yield "\n".join([f"{indent}{name} {{", *inner, f"{indent}}}"])
