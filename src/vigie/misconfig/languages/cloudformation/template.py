"""A template as written: its sections, found in the bytes of a file."""

from __future__ import annotations

from typing import Any

from vigie.misconfig.languages import yaml_nodes
from vigie.misconfig.languages.cloudformation.nodes import Spot, function, item, long_form, mapping_of, sequence_of
from vigie.misconfig.languages.yaml_nodes import Mapping, Sequence

SECTIONS = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs", "Globals")


class Refusal(Exception):
    """A file that cannot be read. line: 0 when there is none."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.what, self.line = what, line


def read(path: str, data: bytes) -> Mapping | None:
    """The document of a file with its functions written long; None when it is no template. Raises Refusal for what is
    neither YAML nor JSON."""
    document = _document(path, data)
    if not isinstance(document, Mapping) or not _resources(document.get("Resources")):
        return None
    return document


def _document(path: str, data: bytes) -> Any:
    json = path.endswith(".json")
    try:
        if json or data.lstrip()[:1] == b"{":
            try:
                return yaml_nodes.json_document(data)
            except ValueError:
                if json:
                    raise
        found = yaml_nodes.documents(data)
    except ValueError as error:
        what, line, *_ = (*error.args, 0)
        raise Refusal(refused("JSON" if json else "YAML", what), line if isinstance(line, int) else 0) from None
    for document in found:
        if isinstance(document, Mapping) and "Resources" in document:
            return long_form(document)
    return None


def refused(kind: str, what: object) -> str:
    """Why a file is not read: it is not of its kind, or beyond the limits."""
    limit = str(what).startswith(("larger", "too many", "nested"))
    return f"is not read: {what}" if limit else f"is no {kind}: {what}"


def fragment(path: str, data: bytes) -> Any:
    """The document of a file that a template includes. Raises Refusal."""
    if path.endswith(".json"):
        try:
            return yaml_nodes.json_document(data)
        except ValueError as error:
            raise Refusal(refused("JSON", error.args[0]), 0) from None
    try:
        found = yaml_nodes.documents(data)
    except ValueError as error:
        raise Refusal(refused("YAML", error.args[0]), 0) from None
    return long_form(found[0]) if found else None


def _resources(resources: Any) -> bool:
    """Whether these are resources: one of them has a type of CloudFormation, or is made by a loop or a macro."""
    return isinstance(resources, Mapping) and any(
        name.startswith("Fn::") or (isinstance(resource, Mapping) and "::" in str(resource.get("Type", "")))
        for name, resource in resources.items()
    )


def section(document: Mapping, name: str) -> Mapping | None:
    """A section that is a mapping."""
    found = document.get(name)
    return found if isinstance(found, Mapping) else None


SERVERLESS = {
    "Function": "AWS::Serverless::Function",
    "Api": "AWS::Serverless::Api",
    "HttpApi": "AWS::Serverless::HttpApi",
    "WebSocketApi": "AWS::Serverless::WebSocketApi",
    "SimpleTable": "AWS::Serverless::SimpleTable",
    "StateMachine": "AWS::Serverless::StateMachine",
    "LayerVersion": "AWS::Serverless::LayerVersion",
    "CapacityProvider": "AWS::Serverless::CapacityProvider",
}
"""Sections of `Globals`, and whose properties they hold.

Source: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
"""


def apply_globals(document: Mapping) -> None:
    """Gives the properties of `Globals` to the resources they are for, as the transform does: a resource's own scalar
    wins, mappings are merged, lists are put behind the global ones."""
    shared, resources = section(document, "Globals"), section(document, "Resources")
    if shared is None or resources is None:
        return
    defaults = {type_: shared[name] for name, type_ in SERVERLESS.items() if isinstance(shared.get(name), Mapping)}
    for resource in resources.values():
        common = defaults.get(str(resource.get("Type"))) if isinstance(resource, Mapping) else None
        if common is None or not isinstance(resource, Mapping):
            continue
        own = resource.get("Properties")
        if isinstance(own, Mapping):
            resource["Properties"] = merged(common, own)
        elif own is None:
            resource["Properties"] = common
            resource.places["Properties"] = (common.start, common.column, common.start, common.column, common.end)


def merged(common: Any, own: Any) -> Any:
    """A global value and a resource's own. Functions are values like any other."""
    if isinstance(common, Mapping) and isinstance(own, Mapping) and not function(common) and not function(own):
        entries, places = dict(common), dict(common.places)
        for key, value in own.items():
            entries[key] = merged(common[key], value) if key in common else value
            places[key] = own.places[key]
        return mapping_of(entries, places, own)
    if isinstance(common, Sequence) and isinstance(own, Sequence):
        around = Spot(own, own.start, own.end)
        spots = [item(common, index, around) for index in range(len(common))]
        return sequence_of([*spots, *(item(own, index, around) for index in range(len(own)))], own)
    return own
