"""Every action of the recorded activity, performed for real while the kernel is watched, and the alerts that Falco gave
for it."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from live import MARK_FIELD, Places, watching, why_not
from live_actions import ACTIONS, filled, left_out, perform, prepared

pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(why_not()), reason=why_not())]

DATA = Path(__file__).parent.parent / "data"
STABLE, ALL = "stable", "stable,incubating,sandbox"


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
