"""The dependency tree turned round: from each vulnerable package to those who ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vigie.formats.grid import shown
from vigie.model.advisory import SEVERITIES
from vigie.model.package import Package
from vigie.model.report import Result
from vigie.scanner.ancestry import Askers, askers

MAX_DEPTH = 20
MAX_LINES = 2000


def origin_tree(result: Result) -> list[str]:
    """Lines of the reversed tree of one result; empty when its packages name no dependencies. A package that stands
    above on the same branch is not followed again, so cycles end."""
    above = askers(result.packages)
    packages = {package.id: package for package in result.packages if package.id}
    vulnerable: dict[str, dict[str, int]] = {}
    for finding in result.vulnerabilities:
        counts = vulnerable.setdefault(finding.package.id, {})
        counts[finding.severity] = counts.get(finding.severity, 0) + 1
    roots = [id_ for id_ in vulnerable if id_ in packages]
    if not above or not roots:
        return []
    lines = [shown(result.target)]
    for number, id_ in enumerate(roots):
        last = number == len(roots) - 1
        counts = vulnerable[id_]
        told = ", ".join(f"{s}: {counts[s]}" for s in SEVERITIES if s in counts)
        lines.append(f"{'└── ' if last else '├── '}{_name(id_, packages)} ({told})")
        for line in _branches(id_, "    " if last else "│   ", (id_,), above, packages):
            lines.append(line)
            if len(lines) >= MAX_LINES:
                return [*lines, f"… cut after {MAX_LINES} lines"]
    return lines


def _branches(
    id_: str, indent: str, way: tuple[str, ...], above: Askers, packages: Mapping[str, Package]
) -> Iterator[str]:
    parents = [parent for parent in above.get(id_, ()) if parent not in way and parent in packages]
    for number, parent in enumerate(parents):
        last = number == len(parents) - 1
        cut = len(way) >= MAX_DEPTH and above.get(parent)
        yield f"{indent}{'└── ' if last else '├── '}{_name(parent, packages)}{' …' if cut else ''}"
        if not cut:
            yield from _branches(parent, indent + ("    " if last else "│   "), (*way, parent), above, packages)


def _name(id_: str, packages: Mapping[str, Package]) -> str:
    package = packages[id_]
    direct = " [direct]" if package.relationship == "direct" else ""
    return shown(f"{package.name}@{package.full_version}") + direct
