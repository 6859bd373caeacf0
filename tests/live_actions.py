"""The actions of data/live/actions.yaml, performed for real."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from live import Places, marked

ACTIONS: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "data" / "live" / "actions.yaml").read_text()
)
SLOW = "trusted_after_startup"
NUMBERS = {"x86_64": (313, 175), "aarch64": (273, 105)}
"""Of finit_module and init_module."""


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
    """A text with values in the place of names in braces."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def left_out(label: str) -> list[str]:
    """The programs without which an action cannot be done here."""
    return [name for name in ACTIONS[label].get("needs", ()) if shutil.which(name) is None]


def perform(places: Places, values: dict[str, str], labels: Sequence[str] = tuple(ACTIONS)) -> None:
    """Does them one after the other; the one that takes seconds goes on beside the others."""

    def begun(label: str) -> subprocess.Popen[bytes]:
        action = ACTIONS[label]
        place = places.container if action.get("container") else places.host
        with marked(label) as environment:
            command = ["sh", "-c", filled(action["run"], values)]
            started: subprocess.Popen[bytes] = places.start(command, place, environment, cwd="/")
            return started

    slow = begun(SLOW) if SLOW in labels else None
    for label in labels:
        if label != SLOW and not left_out(label):
            begun(label).communicate(timeout=20)
    if slow is not None:
        slow.communicate(timeout=20)
