"""Names of Python distributions, and the requirement texts that carry them (PEP 503, PEP 508)."""

from __future__ import annotations

import re

from vigie.ecosystems.pypi.ecosystem import database_name
from vigie.model.purl import purl

SEPARATORS = re.compile(r"[-_.]+")
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


def normalise(name: str) -> str:
    """The PEP 503 form: lower case, runs of `-`, `_` and `.` become one `-`."""
    return SEPARATORS.sub("-", name).lower()


def requirement_name(text: str) -> str:
    """The normalised name at the beginning of a requirement (`Foo.Bar[extra]~=1.0; marker`); "" when there is none."""
    found = NAME.match(text.strip())
    return normalise(found[0]) if found else ""


def pypi_purl(name: str, version: str) -> str:
    """The package URL of a Python distribution. Dots in the name stay."""
    return purl("pypi", "", database_name(name), version)
