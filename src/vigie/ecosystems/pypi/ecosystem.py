"""PyPI: the packages of Python."""

from __future__ import annotations

from vigie.scanner.ecosystem import Ecosystem
from vigie.versions import pep440 as versions


def database_name(name: str) -> str:
    """A name as databases key it: lower case with `-` for `_`. Dots stay, other than in PEP 503."""
    return name.lower().replace("_", "-")


pypi = Ecosystem(
    name="pypi",
    osv=("PyPI",),
    types=("pip", "pipenv", "poetry", "uv", "pylock", "python-pkg"),
    ordering=versions.ORDERING,
    trivy="pip",
    aggregated={"python-pkg": "Python"},
    normalise=database_name,
)
