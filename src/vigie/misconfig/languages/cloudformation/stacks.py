"""Which templates nest which: a local one that another names is judged with it, by the parameters it is given."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vigie.misconfig.language import Files, Unit
from vigie.misconfig.languages.cloudformation.expand import below

NESTING = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}
"""Types of resources that nest a template, and the property that names it."""

_NAMED = re.compile(rb"\b(?:TemplateURL|Location)['\"]?\s*:\s*['\"]?([^\s'\",{}#]+)")


def units(files: Files) -> Iterable[Unit]:
    """A unit for each template that no other one nests, with all those it nests directly and indirectly."""
    paths = list(files.paths("cloudformation"))
    known = set(paths)
    named: dict[str, list[str]] = {}
    sizes: dict[str, int] = {}
    for path in paths:
        data = files.read(path) or b""
        sizes[path] = len(data)
        if b"AWS::CloudFormation::Stack" in data or b"AWS::Serverless::Application" in data:
            texts = (match.decode("utf-8", "replace") for match in _NAMED.findall(data))
            named[path] = sorted({p for text in texts if (p := below(path, text)) in known and p != path and p})
    inner = {child for children in named.values() for child in children}
    seen: set[str] = set()
    # Those that are left when all others are placed nest each other in a circle.
    for path in [*(path for path in paths if path not in inner), *paths]:
        if path in seen:
            continue
        seen.add(path)
        members, queue = [path], [path]
        while queue:
            for child in named.get(queue.pop(), ()):
                if child not in seen:
                    seen.add(child)
                    members.append(child)
                    queue.append(child)
        yield Unit("cloudformation", path, tuple(members), sum(sizes[member] for member in members))
