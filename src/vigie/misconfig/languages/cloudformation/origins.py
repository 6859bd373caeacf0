"""Where a value comes from: the parameters, mappings and conditions that a property's functions name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from vigie.misconfig.languages.cloudformation.nodes import function
from vigie.misconfig.languages.cloudformation.template import section
from vigie.misconfig.languages.yaml_nodes import Mapping, Sequence
from vigie.misconfig.value import Cause

if TYPE_CHECKING:
    from vigie.misconfig.languages.cloudformation.scope import Scope

MOST_NODES = 500
MOST = 10


def origins(scope: Scope, node: Any) -> list[Cause]:
    """The declarations that the functions in a node name, those of conditions too, in the order they are met."""
    found: dict[tuple[str, str], Cause] = {}
    queue: list[tuple[Any, bool]] = [(node, False)]
    for _ in range(MOST_NODES):
        if not queue or len(found) >= MOST:
            break
        current, condition = queue.pop(0)
        if isinstance(current, Sequence):
            queue += [(inner, condition) for inner in current]
        if not isinstance(current, Mapping):
            continue
        for kind, name in _named(current, condition):
            declared = section(scope.document, kind)
            if declared is not None and name in declared and (kind, name) not in found:
                start, end = declared.span(name)
                found[kind, name] = Cause(scope.file, start, end, f"{kind}.{name}")
                if kind == "Conditions":
                    queue.append((declared[name], True))
        queue += [(inner, condition) for inner in current.values()]
    return list(found.values())


def _named(node: Mapping, condition: bool) -> list[tuple[str, str]]:
    """What one function names: section and name."""
    name = function(node) or ("Condition" if condition and len(node) == 1 and "Condition" in node else "")
    argument = node[name] if name else None
    if name in ("Ref", "Condition") and isinstance(argument, str):
        return [("Parameters" if name == "Ref" else "Conditions", argument)]
    first = argument[0] if isinstance(argument, Sequence) and argument else argument
    if not isinstance(first, str):
        return []
    if name == "Fn::Sub":
        return [("Parameters", inner) for inner in re.findall(r"\$\{([^{}!]*)\}", first)]
    kind = {"Fn::If": "Conditions", "Fn::FindInMap": "Mappings"}.get(name)
    return [(kind, first)] if kind else []
