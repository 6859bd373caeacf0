"""What `deploy/` holds is what systemd and Kubernetes take, and what the program asks for."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from program import Program
from vigie.runtime.daemon import privileges

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
UNIT = DEPLOY / "systemd/vigie-watch.service"
MANIFEST = DEPLOY / "kubernetes/vigie-watch.yaml"
OLDEST, NEWEST = "1.30", "1.37"
"""Versions of Kubernetes; the older one is the first with `appArmorProfile`."""


def documents() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(MANIFEST.read_text()))


def of_kind(kind: str, suffix: str = "") -> dict[str, Any]:
    found = [one for one in documents() if one["kind"] == kind and one["metadata"]["name"].endswith(suffix)]
    assert len(found) == 1
    return found[0]


def container() -> dict[str, Any]:
    (only,) = of_kind("DaemonSet")["spec"]["template"]["spec"]["containers"]
    assert isinstance(only, dict)
    return only


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_manifests_fit_the_schemas_of_kubernetes(version: str) -> None:
    validate = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate: scripts/setup test")
    for document in documents():
        validate.validate(document, version, strict=True)
    broken = of_kind("DaemonSet")
    broken["spec"]["template"]["spec"]["hostPid"] = True
    with pytest.raises(validate.ValidationError):
        validate.validate(broken, version, strict=True)


def test_capabilities_are_those_that_the_program_has_use_for() -> None:
    wanted = {privileges.NAMES[bit] for bit in privileges.MEANING}
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(UNIT)
    service = unit["Service"]
    assert set(service["CapabilityBoundingSet"].split()) == wanted
    assert set(service["AmbientCapabilities"].split()) == wanted
    granted = container()["securityContext"]["capabilities"]
    assert granted["drop"] == ["ALL"]
    assert {f"CAP_{name}" for name in granted["add"]} == wanted


def test_mounts_and_volumes_belong_together() -> None:
    volumes = {one["name"]: one for one in of_kind("DaemonSet")["spec"]["template"]["spec"]["volumes"]}
    mounts = container()["volumeMounts"]
    assert {one["name"] for one in mounts} == set(volumes)
    for mount in mounts:
        assert "hostPath" not in volumes[mount["name"]] or mount["readOnly"] is True, "the host is not written to"
    for name, volume in volumes.items():
        if "configMap" in volume:
            assert of_kind("ConfigMap", volume["configMap"]["name"])["metadata"]["namespace"] == "vigie", name


def test_settings_and_rules_of_the_manifest_are_understood(tmp_path: Path) -> None:
    settings, rules = tmp_path / "falco.yaml", tmp_path / "rules"
    rules.mkdir()
    text = of_kind("ConfigMap", "settings")["data"]["falco.yaml"]
    assert "/etc/vigie/rules" in text
    settings.write_text(text.replace("/etc/vigie/rules", str(rules)))
    for name, content in of_kind("ConfigMap", "rules")["data"].items():
        (rules / name).write_text(content)
    arguments = [str(settings) if one.startswith("/etc/vigie/") else one for one in container()["args"]]
    program = Program(tmp_path / "program")
    ended = program.run(*arguments, "--dry-run", environment={"POD_IP": "192.0.2.7"})
    assert ended.status == 0, ended.err
    assert not re.search(r"^(warning|error|hint)", ended.err, re.MULTILINE), ended.err


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    program = tmp_path / "vigie"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / UNIT.name
    text = UNIT.read_text()
    assert "ExecStart=/opt/vigie/bin/vigie watch" in text
    unit.write_text(text.replace("/opt/vigie/bin/vigie", str(program)))
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if unit.name in line]
    assert done.returncode == 0 and not said, done.stderr
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=30", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
