"""Modules: package sets of Red Hat's family that exist in several streams side by side (`nodejs:18`, `nodejs:20`).

An advisory for one stream says nothing about the packages of another, nor about a package outside modules.
"""

from __future__ import annotations

from vigie.model.advisory import Advisory
from vigie.model.package import Package


def prefixed(package: Package) -> str:
    """The name under which databases keep a package of a module: `nodejs:18::npm`; its plain name outside modules."""
    parts = package.modularity.split(":")
    return f"{parts[0]}:{parts[1]}::{package.name}" if len(parts) > 2 else package.name


def fixes(advisory: Advisory) -> tuple[str, ...]:
    """All versions that an advisory names as fixed."""
    named = (advisory.fixed, *(span.fixed for span in advisory.ranges))
    return tuple(version for version in named if version)


def same_module(advisory: Advisory, package: Package) -> bool:
    """Whether an advisory that names no stream may speak of this package.

    Both or neither must be built for a module, which their releases tell (`.module_el8`, `.module+el8`). Where the
    installed version follows the stream's number (`16.20.2` of `nodejs:16`), the fixed one must as well.
    """
    named = fixes(advisory)
    if not named:
        return True
    in_module = bool(package.modularity) or is_modular(package.release)
    matching = [version for version in named if is_modular(version) == in_module]
    if not matching or not in_module:
        return bool(matching)
    stream = f"{package.modularity.split(':')[1]}." if package.modularity.count(":") else ""
    if not stream[:1].isdigit() or not package.version.startswith(stream):
        return True
    return any(version.rpartition(":")[2].startswith(stream) for version in matching)


def is_modular(release: str) -> bool:
    """Whether a release, or a version that ends in it, was built for a module."""
    return ".module_el" in release or ".module+el" in release
