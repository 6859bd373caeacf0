"""Every action of the recorded activity, performed for real while the kernel is watched, and the alerts that Falco gave
for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from live import MARK_FIELD, Places, marked, watching, why_not

pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(why_not()), reason=why_not())]

DATA = Path(__file__).parent.parent / "data"
ACTIONS: dict[str, dict[str, Any]] = yaml.safe_load((DATA / "live" / "actions.yaml").read_text())
STABLE, ALL = "stable", "stable,incubating,sandbox"
NUMBERS = {"x86_64": (313, 175), "aarch64": (273, 105)}
"""Of finit_module and init_module."""


def peer() -> dict[str, dict[str, Counter[str]]]:
    """What Falco told of each action, with its stable rules and with all."""
    found = {}
    for line in (DATA / "captures" / "activity_small.label_to_rules.tsv").read_text().splitlines()[1:]:
        label, *columns = line.split("\t")
        counts = []
        for column in columns:
            entries = [entry.split("x ", 1) for entry in column.split("; ") if entry != "-"]
            counts.append(Counter({rule: int(count) for count, rule in entries}))
        found[label] = dict(zip((STABLE, ALL), counts, strict=True))
    return found


PEER = peer()


class Done(NamedTuple):
    """What was told of the actions, by their labels. values: what stands for names in braces."""

    alerts: dict[str, list[dict[str, Any]]]
    values: dict[str, str]
    container: str


@pytest.fixture(scope="module", params=[STABLE, ALL])
def done(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Done]]:
    with tempfile.TemporaryDirectory(prefix="vt-", dir="/tmp") as work:
        values = prepared(Path(work))
        with Places() as places, watching(tmp_path_factory.mktemp("live"), "--library", request.param) as live:
            perform(places, values)
            live.settle()
            alerts: dict[str, list[dict[str, Any]]] = {label: [] for label in ACTIONS}
            for alert in live.own():
                alerts.setdefault(alert["output_fields"][MARK_FIELD], []).append(alert)
            assert live.end().status == 0
        yield request.param, Done(alerts, values, places.id[:12])


def prepared(work: Path) -> dict[str, str]:
    """Programs under the names that rules know."""
    python = os.path.realpath(sys.executable)
    for name in ("httpd", "nginx", "mysqld", "sshd"):
        shutil.copy("/bin/sh", work / name)
    for name in ("nc", "nmap", "wget", "scp"):
        shutil.copy("/bin/true", work / name)
    for name in ("ssh", "runc"):
        (work / name).symlink_to(python)
    (work / "empty").mkdir()
    work.chmod(0o755)
    finit, init = NUMBERS[os.uname().machine]
    return {
        "work": str(work),
        "python": python,
        "python_name": Path(python).name,
        "finit_module": str(finit),
        "init_module": str(init),
    }


def filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def left_out(label: str) -> list[str]:
    return [name for name in ACTIONS[label].get("needs", ()) if shutil.which(name) is None]


def perform(places: Places, values: dict[str, str]) -> None:
    def begun(label: str) -> subprocess.Popen[bytes]:
        action = ACTIONS[label]
        place = places.container if action.get("container") else places.host
        with marked(label) as environment:
            command = ["sh", "-c", filled(action["run"], values)]
            started: subprocess.Popen[bytes] = places.start(command, place, environment, cwd="/")
            return started

    slow = begun("trusted_after_startup")
    for label in ACTIONS:
        if label != "trusted_after_startup" and not left_out(label):
            begun(label).communicate(timeout=20)
    slow.communicate(timeout=20)


@pytest.mark.parametrize("label", ACTIONS)
def test_the_alerts_of_an_action_are_the_peers(done: tuple[str, Done], label: str) -> None:
    rules, (found, values, container) = done
    if missing := left_out(label):
        pytest.skip(f"not installed: {', '.join(missing)}")
    expected, alerts = PEER[label][rules], found[label]
    counted = Counter(alert["rule"] for alert in alerts)
    if ACTIONS[label].get("counts", True):
        assert counted == expected, alerts
    else:
        assert set(counted) == set(expected)
    for rule in expected:
        fields = [alert["output_fields"] for alert in alerts if alert["rule"] == rule]
        said = ACTIONS[label]["alerts"][rule]
        every = said if isinstance(said, list) else [said] * len(fields)
        for got, wanted in zip(fields, every, strict=True):
            shown = {name: filled(value, values) if isinstance(value, str) else value for name, value in wanted.items()}
            assert {name: got.get(name) for name in shown} == shown
            assert got["container.id"] == (container if ACTIONS[label].get("container") else "host")
