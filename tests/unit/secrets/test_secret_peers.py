"""Configurations of gitleaks and of Trivy find here what they find there (`builders/secret_peers.py`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from builders.secret_peers import Found, cases, expected, plant
from vigie.compose import scan
from vigie.settings.groups import Options, ScanOptions, SecretOptions


def found(config: str, source: Path) -> Found:
    """What a scan of a folder finds."""
    options = Options(scan=ScanOptions(scanners=("secret",)), secret=SecretOptions(config=config))
    results = scan(str(source), "fs", options).results
    return sorted((secret.id, secret.path, secret.start) for one in results for secret in one.secrets)


def wanted(program: str, case: dict[str, Any]) -> Found:
    """What the program found, or what differs from that on purpose."""
    theirs = expected(program)[case["name"]]
    ours = [(rule, path, line) for rule, path, line in case.get("ours", theirs)]
    assert "ours" not in case or ours != theirs, "it does not differ"
    return ours


@pytest.mark.parametrize("case", cases("gitleaks"), ids=lambda case: case["name"])
def test_gitleaks(case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = plant(case, tmp_path)
    (tmp_path / "config.toml").write_text(case["config"])
    monkeypatch.chdir(source)
    assert found("../config.toml", Path()) == wanted("gitleaks", case)


@pytest.mark.parametrize("case", cases("trivy"), ids=lambda case: case["name"])
def test_trivy(case: dict[str, Any], tmp_path: Path) -> None:
    source = plant(case, tmp_path)
    config = tmp_path / "config.yaml"
    config.write_text(case["config"])
    assert found(str(config), source) == wanted("trivy", case)
