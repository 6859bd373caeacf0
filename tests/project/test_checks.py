"""Checks, the model and their index are what the field knows: `tests/data/misconfig/{checks,model}.csv` hold the facts
(ids, severities, names, the formats that feed a check; the paths of the model that custom checks know)."""

from __future__ import annotations

import csv
import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec
import pytest

from vigie.misconfig import catalog
from vigie.misconfig.check import Check
from vigie.misconfig.ignore import CHECKOV
from vigie.misconfig.resource import Resource
from vigie.misconfig.value import Attribute, Cause

DATA = Path(__file__).parents[1] / "data/misconfig"
EXAMPLES = DATA / "checks"
SUFFIXES = {
    "terraform": {".tf"},
    "cloudformation": {".yaml", ".json"},
    "kubernetes": {".yaml"},
    "dockerfile": {".Dockerfile"},
}
UNUSED = ("AWS-0140", "AWS-0144", "AWS-0145", "AWS-0146", "AWS-0166")
NEVER_BAD = {
    ("AZU-0064", "terraform"),  # only ARM can switch a contact off
    ("AWS-0101", "cloudformation"),  # templates do not make default networks
    *((id_, format_) for id_ in UNUSED for format_ in ("terraform", "cloudformation")),  # what is declared is new
}
"""What no file of the format can get wrong."""


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open() as file:
        return list(csv.DictReader(file))


def checks() -> dict[str, Check]:
    return {check.id: check for owner in catalog.index().modules for check in catalog.checks(owner)}


def test_index_is_written() -> None:
    assert catalog.index() == catalog.build_index(), "run `make index`"


@pytest.mark.parametrize("row", rows("checks.csv"), ids=lambda row: row["id"])
def test_check(row: dict[str, str]) -> None:
    check = checks()[row["id"]]
    assert check.severity == row["severity"]
    assert (check.provider, check.service, check.code) == (row["provider"], row["service"], row["code"])
    if " " not in row["code"]:  # two codes are whole sentences
        assert set(row["aliases"].split()) | {f"AVD-{check.id}"} <= set(check.names)
    assert check.deprecated is (row["deprecated"] == "yes")
    assert ("default" in check.frameworks) is (row["runs_by_default"] == "yes")
    for text in (check.title, check.why, check.fix):
        assert text == text.strip() != ""
        assert "TODO" not in text
    assert check.why.endswith((".", "!", ")")), check.why
    assert " should " in check.title, "a title says what should be"
    assert not check.title.endswith("."), check.title
    assert check.references, "where can one read on?"
    assert all(url.startswith("https://") and "aquasec" not in url for url in check.references)


@pytest.mark.parametrize("row", rows("checks.csv"), ids=lambda row: row["id"])
def test_examples_are_complete(row: dict[str, str]) -> None:
    """A good and a bad example in each format that feeds the check."""
    files = list((EXAMPLES / row["id"]).glob("*"))
    for format_ in row["formats"].split():
        for kind in ("good", "bad"):
            if kind == "bad" and (row["deprecated"] == "yes" or (row["id"], format_) in NEVER_BAD):
                continue
            assert any(path.name.startswith(kind) and path.suffix in SUFFIXES[format_] for path in files), (
                kind,
                format_,
            )


def test_no_other_checks() -> None:
    assert set(checks()) == {row["id"] for row in rows("checks.csv")}
    assert {path.name for path in EXAMPLES.iterdir()} <= set(checks())


def test_ids_of_checkov_mean_checks_of_ours() -> None:
    meant = msgspec.json.decode(CHECKOV.read_bytes(), type=dict[str, list[str]])
    assert len(meant) > 250
    assert {id_ for ids in meant.values() for id_ in ids} <= set(checks())


def paths(model: Any, prefix: str, depth: int = 0) -> Iterator[str]:
    """All paths of a model, as custom checks spell them."""
    assert depth < 12
    for name, hint in typing.get_type_hints(model).items():
        kind = _inner(hint)
        if kind is Cause:
            continue
        path = f"{prefix}.{name.replace('_', '')}"
        yield path
        if isinstance(kind, type) and issubclass(kind, Resource):
            yield from paths(kind, path, depth + 1)
        else:
            assert get_origin(kind) is Attribute, (path, kind)


def _inner(hint: Any) -> Any:
    """The type inside of a list or an option."""
    if get_origin(hint) is list:
        return get_args(hint)[0]
    return (
        next((one for one in get_args(hint) if one is not type(None)), hint) if type(None) in get_args(hint) else hint
    )


def test_the_model_has_all_paths() -> None:
    have: set[str] = set()
    for service in {
        path for table in catalog.index().types.values() for paths_ in table.values() for path in paths_
    } | {path for paths_ in catalog.index().always.values() for path in paths_}:
        root = service.replace("_", "")
        have |= set(paths(catalog.service(service).model, root))
        # a service that is a list has one field of its own name
        last = root.rpartition(".")[2]
        have |= {re.sub(rf"^{re.escape(root)}\.{last}(?=\[|\.|$)", root, path) for path in have}
    wanted = {row["path"].replace("[]", "") for row in rows("model.csv")}
    assert not sorted(wanted - have)
