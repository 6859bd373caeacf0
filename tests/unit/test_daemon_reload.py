"""Reloading: what is seen as a change, what happens with what cannot be used, what cannot change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vigie.errors import RuleError
from vigie.model.alert import InternalAlert, Priority
from vigie.runtime.daemon.changes import Changes
from vigie.runtime.daemon.reload import FIXED, Reload, unchangeable
from vigie.settings.watch.kernel import EngineKeys, ModernEbpf
from vigie.settings.watch.keys import WatchKeys


def settled(changes: Changes) -> bool:
    """Whether a change is seen, once nothing moves any more."""
    return [changes.happened(), changes.happened(), changes.happened()].count(True) == 1


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text("- list: a\n")
    return path


def test_nothing_happened(rules: Path) -> None:
    changes = Changes([str(rules), str(rules.parent), "/absent"])
    assert [changes.happened() for _ in range(3)] == [False] * 3


def test_a_file_that_changed(rules: Path) -> None:
    changes = Changes([str(rules)])
    rules.write_text("- list: b\n  items: []\n")
    assert settled(changes)
    assert not changes.happened()


def test_a_file_of_the_same_size(rules: Path) -> None:
    changes = Changes([str(rules)])
    rules.write_text("- list: b\n")
    os.utime(rules, ns=(1, 1))
    assert settled(changes)


def test_a_file_that_is_being_written_is_left_alone(rules: Path) -> None:
    changes = Changes([str(rules)])
    with rules.open("a") as file:
        for _ in range(3):
            file.write("# more\n")
            file.flush()
            assert not changes.happened()
    assert changes.happened()


def test_files_that_come_and_go(rules: Path) -> None:
    late = rules.parent / "late.yaml"
    changes = Changes([str(late)])
    late.write_text("x")
    assert settled(changes)
    late.unlink()
    assert settled(changes)


def test_yaml_files_of_a_folder(rules: Path) -> None:
    changes = Changes([str(rules.parent)])
    (rules.parent / "notes.txt").write_text("x")
    assert not settled(changes)
    (rules.parent / "more.yml").write_text("x")
    assert settled(changes)
    (rules.parent / "more.yml").unlink()
    assert settled(changes)


def test_links_that_are_swapped_as_a_config_map_does(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rules.yaml").write_text(name)
    (tmp_path / "data").symlink_to("one")
    (tmp_path / "rules.yaml").symlink_to("data/rules.yaml")
    changes = Changes([str(tmp_path / "rules.yaml")])
    (tmp_path / "new").symlink_to("two")
    (tmp_path / "new").replace(tmp_path / "data")
    assert settled(changes)


def test_what_can_be_used_is_applied() -> None:
    applied: list[int] = []
    told: list[InternalAlert] = []
    reload = Reload(lambda: 7, applied.append, told.append)
    assert reload()
    assert (applied, told, reload.done, reload.failed) == ([7], [], 1, 0)


def test_what_cannot_be_used_changes_nothing_and_is_told() -> None:
    applied: list[int] = []
    told: list[InternalAlert] = []

    def prepare() -> int:
        raise RuleError("rules.yaml:3:5: no such field\n  proc.nam\n      ^")

    reload = Reload(prepare, applied.append, told.append)
    assert not reload()
    assert (applied, reload.done, reload.failed) == ([], 0, 1)
    (alert,) = told
    assert (alert.rule, alert.priority) == ("Falco internal: hot restart failure", Priority.Critical)
    assert alert.text == "Falco internal: hot restart failure: rules.yaml:3:5: no such field proc.nam ^"
    assert alert.fields == {}


def test_keys_that_need_a_restart_are_named() -> None:
    before = WatchKeys()
    assert unchangeable(before, WatchKeys()) == []
    after = WatchKeys(engine=EngineKeys(modern_ebpf=ModernEbpf(buf_size_preset=5)), load_plugins=[], json_output=True)
    assert unchangeable(before, after) == ["engine.modern_ebpf", "load_plugins"]
    assert set(WatchKeys.__struct_fields__) >= set(FIXED)
