"""The evaluation of one template: parameters, conditions, intrinsic functions, and what they refer to.

A node is evaluated to plain values (`value`), or only so far that it is no function any more (`resolve`), so that what
stands inside keeps its place.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Values
from typing import TYPE_CHECKING, Any

from vigie.misconfig.languages.cloudformation import functions, parameters
from vigie.misconfig.languages.cloudformation.conditions import Conditions
from vigie.misconfig.languages.cloudformation.nodes import (
    NO_VALUE,
    Computed,
    Spot,
    call,
    choice,
    function,
    item,
    mapping_of,
    member,
)
from vigie.misconfig.languages.cloudformation.template import section
from vigie.misconfig.languages.yaml_nodes import Mapping, Sequence, written
from vigie.misconfig.value import UNRESOLVED, Cause, Unknown

if TYPE_CHECKING:
    from vigie.misconfig.languages.cloudformation.blocks import ResourceBlock

REGION, ACCOUNT = "eu-west-1", "123456789012"
PSEUDO: dict[str, Any] = {
    "AWS::AccountId": ACCOUNT,
    "AWS::NotificationARNs": [f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}" for name in ("first", "second")],
    "AWS::NoValue": NO_VALUE,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:stack/ID",
    "AWS::StackName": "cfsec-test-stack",
    "AWS::URLSuffix": "amazonaws.com",
}
"""As the peer has them. A condition that hangs on one of them does not make a resource vanish."""
DEEPEST = 20
"""References that lead through properties of resources and outputs of stacks."""
LONGEST_CHAIN = 60
"""Functions that give functions."""


class Scope:
    """A template within its stack. file: its path. stack: where the resource stands that nests it, None for the
    outermost. resources: by logical id, those that are there. stacks: templates nested in it, by logical id."""

    def __init__(self, file: str, document: Mapping, given: Values[str, Any], stack: Cause | None = None) -> None:
        self.file, self.document, self.stack = file, document, stack
        self.parameters = parameters.resolved(section(document, "Parameters"), given)
        self.mappings = section(document, "Mappings")
        self.conditions = Conditions(self)
        self.resources: dict[str, ResourceBlock] = {}
        self.stacks: dict[str, Scope] = {}
        self.functions: dict[Cause, Any] = {}
        """By the cause of a property that a function gives, the node that calls it."""
        self.assumed = 0
        """How often a pseudo parameter was looked at whose value is only assumed."""
        self._depth = 0
        self._outputs: dict[str, Any] = {}

    def value(self, node: Any) -> Any:
        """A node as a plain value, NO_VALUE for none."""
        if isinstance(node, str):
            return _text(node)
        if isinstance(node, Mapping):
            name = function(node)
            if name:
                return self._call(name, node[name])
            pairs = ((key, self.value(inner)) for key, inner in node.items())
            return {key: inner for key, inner in pairs if inner is not NO_VALUE}
        if isinstance(node, Sequence):
            found = (self.value(inner) for inner in node)
            return [inner for inner in found if inner is not NO_VALUE]
        return node

    def resolve(self, spot: Spot) -> Spot:
        """A spot whose node is no function: what `Fn::If` and `Fn::Select` choose keeps its own place."""
        for _ in range(LONGEST_CHAIN):
            name = function(spot.node)
            if not name:
                return spot
            chosen = self._chosen(name, spot)
            if chosen is None:
                return Spot(self.value(spot.node), spot.start, spot.end)
            spot = chosen
        return Spot(Unknown(), spot.start, spot.end)

    def _chosen(self, name: str, spot: Spot) -> Spot | None:
        """The part of a function's argument that is its result; None when it has none."""
        argument = spot.node[name]
        if not isinstance(argument, Sequence):
            return None
        if name == "Fn::If" and len(argument) == 3:
            truth = self.conditions.truth(argument[0])
            if truth is not None:
                return item(argument, 1 if truth else 2, spot)
            return self._undecided(argument, spot)
        if name == "Fn::Select" and len(argument) == 2 and isinstance(argument[1], Sequence):
            index = written(self.value(argument[0])) or ""
            if index.isdecimal() and len(index) < 7 and int(index) < len(argument[1]):
                return item(argument[1], int(index), spot)
        return None

    def _undecided(self, argument: Sequence, spot: Spot) -> Spot | None:
        """Both branches as one mapping, if they are mappings, or nothing: each entry is chosen by the condition."""
        then, otherwise = (self.resolve(item(argument, index, spot)) for index in (1, 2))
        maps = [branch.node for branch in (then, otherwise) if isinstance(branch.node, Mapping)]
        if not maps or not all(isinstance(b.node, Mapping) or b.node is NO_VALUE for b in (then, otherwise)):
            return None
        entries: dict[str, Any] = {}
        places = {}
        for branch in maps:
            for key in branch:
                if key not in entries:
                    sides = [
                        member(side.node, key, side)
                        if isinstance(side.node, Mapping) and key in side.node
                        else Spot(call("Ref", "AWS::NoValue", side.start, 1, side.start), side.start, side.start)
                        for side in (then, otherwise)
                    ]
                    entries[key] = choice(argument[0], sides[0], sides[1], branch)
                    places[key] = branch.places[key]
        return Spot(mapping_of(entries, places, maps[0]), maps[0].start, maps[0].end)

    def _call(self, name: str, argument: Any) -> Any:
        if name == "Ref":
            name = self.value(argument)
            return self.reference(name) if isinstance(name, str) else Unknown()
        if name == "Fn::If":
            return self._if(argument)
        if name in ("Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals", "Fn::Condition"):
            truth = self.conditions.judge(call(name, argument, 0, 0, 0))
            return Unknown("bool") if truth is None else truth
        handler = _FUNCTIONS.get(name)
        return handler(self, argument) if handler else Unknown()

    def _if(self, argument: Any) -> Any:
        if not isinstance(argument, Sequence) or len(argument) != 3:
            return Unknown()
        truth = self.conditions.truth(argument[0])
        if truth is not None:
            return self.value(argument[1 if truth else 2])
        return functions.either(self.value(argument[1]), self.value(argument[2]))

    def reference(self, name: str) -> Any:
        """What `Ref` gives for a name."""
        if name in PSEUDO:
            if name != "AWS::NoValue" and name not in ("AWS::Partition", "AWS::URLSuffix"):
                self.assumed += 1
            return PSEUDO[name]
        if name in self.parameters:
            return self.parameters[name]
        block = self.resources.get(name)
        if block is not None:
            return Computed("string", source=block, attribute="Ref")
        return Unknown("string")

    def attribute(self, name: str, attribute: str) -> Any:
        """What `Fn::GetAtt` gives: an output of a nested stack, a property of this name if it is written, else what
        only exists later."""
        block = self.resources.get(name)
        if block is None:
            return Unknown()
        if self._depth < DEEPEST:
            self._depth += 1
            try:
                stack = self.stacks.get(name)
                if stack is not None and attribute.startswith("Outputs."):
                    return stack.output(attribute.removeprefix("Outputs."))
                found = block.find(attribute)
            finally:
                self._depth -= 1
            if found is not None and isinstance(found.value, (str, int, float)):
                return found.value
        return Computed("any", source=block, attribute=attribute)

    def output(self, name: str) -> Any:
        """The value of an output."""
        if name not in self._outputs:
            self._outputs[name] = Unknown()
            outputs: dict[str, Any] = section(self.document, "Outputs") or {}
            declared = outputs.get(name)
            if isinstance(declared, Mapping) and "Value" in declared:
                self._outputs[name] = self.value(declared["Value"])
        return self._outputs[name]

    def sub(self, argument: Any) -> Any:
        """`Fn::Sub`: a text, or a text and values for it."""
        import re

        own: Any = {}
        if isinstance(argument, Sequence) and len(argument) == 2 and isinstance(argument[1], Mapping):
            argument, own = argument
        if not isinstance(argument, str):
            return Unknown("string")
        parts: list[Any] = []
        end = 0
        for match in re.finditer(r"\$\{([^{}]*)\}", argument):
            parts.append(argument[end : match.start()])
            end = match.end()
            name = match[1].strip()
            if name.startswith("!"):
                parts.append("${" + name[1:] + "}")
            elif name in own:
                parts.append(self.value(own[name]))
            elif "." in name and name not in self.parameters:
                parts.append(self.attribute(*name.split(".", 1)))
            else:
                parts.append(self.reference(name))
        parts.append(argument[end:])
        parts = [part for part in parts if not isinstance(part, str) or part]
        return _text(functions.text_of(parts)) if parts else ""

    def find_in_map(self, argument: Any) -> Any:
        """`Fn::FindInMap`, with `DefaultValue`."""
        if not isinstance(argument, Sequence) or len(argument) < 3 or self.mappings is None:
            return Unknown()
        default = argument[3].get("DefaultValue") if len(argument) > 3 and isinstance(argument[3], Mapping) else None
        node: Any = self.mappings
        for step in argument[:3]:
            key = written(self.value(step))
            if key is None:
                return Unknown()
            if not isinstance(node, Mapping) or key not in node:
                return Unknown() if default is None else self.value(default)
            node = node[key]
        return self.value(node)

    def pair(self, argument: Any) -> Any:
        """`Fn::GetAtt`: `A.B.C` or [A, B.C]."""
        if isinstance(argument, str):
            argument = argument.split(".", 1)
        if not isinstance(argument, list) or len(argument) != 2:
            return Unknown()
        name, attribute = (written(self.value(inner)) for inner in argument)
        return Computed() if name is None or attribute is None else self.attribute(name, attribute)

    def zones(self, argument: Any) -> Any:
        """`Fn::GetAZs`: three zones of the region, which is this one when it is empty."""
        region = self.value(argument)
        if isinstance(region, Unknown):
            return [Unknown("string", like=UNRESOLVED) for _ in "abc"]
        return [f"{region or REGION}{letter}" for letter in "abc"]

    def listed(self, evaluate: Callable[..., Any], argument: Any, least: int, most: int) -> Any:
        """A function of a list of arguments; those that are left out are None."""
        if not isinstance(argument, Sequence) or not least <= len(argument) <= most:
            return Unknown()
        values = [self.value(inner) for inner in argument]
        return evaluate(*values, *([None] * (most - len(values))))


def _text(value: Any) -> Any:
    """A text as it is; unknown with what a loop put in that is not known, or with dynamic references, whose values
    exist only in the account."""
    text = value.like if isinstance(value, Unknown) else value
    if not isinstance(text, str):
        return value
    if "{{resolve:" in text:
        import re

        like = re.sub(r"\{\{resolve:[^{}]*\}\}", UNRESOLVED, text)
        if like != text:
            return Computed("string", like=like)
    return Unknown("string", like=text) if UNRESOLVED in text and value is text else value


_FUNCTIONS: dict[str, Callable[[Scope, Any], Any]] = {
    "Fn::Base64": lambda scope, argument: functions.base64(scope.value(argument)),
    "Fn::Cidr": lambda scope, argument: scope.listed(functions.cidr, argument, 2, 3),
    "Fn::FindInMap": Scope.find_in_map,
    "Fn::GetAtt": Scope.pair,
    "Fn::GetAZs": Scope.zones,
    "Fn::GetStackOutput": lambda scope, argument: Unknown("string"),
    "Fn::ImportValue": lambda scope, argument: Computed("string"),
    "Fn::Join": lambda scope, argument: _text(scope.listed(functions.join, argument, 2, 2)),
    "Fn::Length": lambda scope, argument: functions.length(scope.value(argument)),
    "Fn::Select": lambda scope, argument: scope.listed(functions.select, argument, 2, 2),
    "Fn::Split": lambda scope, argument: scope.listed(functions.split, argument, 2, 2),
    "Fn::Sub": Scope.sub,
    "Fn::ToJsonString": lambda scope, argument: functions.to_json(scope.value(argument)),
}
