"""What a live watch records replays to the alerts that were told live."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from live import Live, Places, watching, why_not
from live_actions import ACTIONS, SLOW, perform, prepared
from program import Program

pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(why_not()), reason=why_not())]

LIBRARY = ("--library", "stable,incubating,sandbox")
MISSING = "vigie.container_missing"


def replayed(live: Live, folder: Path, capture: Path) -> list[dict[str, Any]]:
    program = Program(folder)
    program.environment |= {"TZ": "UTC0", "FALCO_HOSTNAME": "host-7"}
    ended = program.run("watch", "-c", live.config, *LIBRARY, "--replay", capture)
    assert ended.status == 0, ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


def lasting(alert: dict[str, Any]) -> dict[str, Any]:
    """What a replay can know: not why nobody told of a container."""
    why = alert["output_fields"].get(MISSING)
    fields = {name: value for name, value in alert["output_fields"].items() if name != MISSING}
    output = alert["output"].removesuffix(f" (container: {why})")
    return {**alert, "output": output, "output_fields": fields}


def test_a_recording_replays_to_the_same_alerts(tmp_path: Path) -> None:
    capture = tmp_path / "all.scap.gz"
    with (
        tempfile.TemporaryDirectory(prefix="vr-", dir="/tmp") as work,
        Places() as places,
        watching(tmp_path / "live", *LIBRARY, "--record", capture) as live,
    ):
        perform(places, prepared(Path(work)), [label for label in ACTIONS if label != SLOW])
        live.settle()
        assert live.end().status == 0
        told = live.alerts()
        again = replayed(live, tmp_path / "replay", capture)
    assert len(told) > 60
    by_time = sorted(map(lasting, told), key=lambda alert: str(alert["time"]))
    assert [(alert["time"], alert["rule"]) for alert in again] == [(alert["time"], alert["rule"]) for alert in by_time]
    assert list(map(lasting, again)) == by_time


def test_captures_around_alerts_replay_to_these(tmp_path: Path) -> None:
    how = {"enabled": True, "path_prefix": str(tmp_path / "around"), "mode": "all_rules", "default_duration": 300}
    with (
        tempfile.TemporaryDirectory(prefix="vr-", dir="/tmp") as work,
        Places() as places,
        watching(tmp_path / "live", *LIBRARY, capture=how) as live,
    ):
        perform(places, prepared(Path(work)), ["symlink_shadow"])
        live.settle()
        assert live.end().status == 0
        told = live.own("symlink_shadow")
        captures = sorted(tmp_path.glob("around_*.scap"))
        again = [
            lasting(alert)
            for number, capture in enumerate(captures)
            for alert in replayed(live, tmp_path / f"replay{number}", capture)
        ]
    assert len(told) == 2
    assert [lasting(alert) for alert in told] == [
        alert for alert in again if alert["time"] in {one["time"] for one in told}
    ]
