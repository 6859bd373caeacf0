"""Go: facts of the ecosystem."""

from __future__ import annotations

from vigie.model.purl import purl
from vigie.scanner.ecosystem import Ecosystem
from vigie.versions import generic as versions

golang = Ecosystem(
    name="go",
    osv=("Go",),
    types=("gomod", "gobinary"),
    ordering=versions.ORDERING,
    normalise=str,
)


def module_id(path: str, version: str) -> str:
    """`path@vX`, or the path alone; versions always show their `v`."""
    return f"{path}@{version if version.startswith('v') else f'v{version}'}" if version else path


def module_purl(path: str, version: str) -> str:
    """Paths are lower-cased and split at the last slash; a path inside the project has no package URL."""
    if path.startswith(("./", "../")):
        return ""
    namespace, _, name = path.lower().rpartition("/")
    return purl("golang", namespace, name, version)
