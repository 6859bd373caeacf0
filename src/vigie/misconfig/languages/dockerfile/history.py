"""The history of an image, told as a Dockerfile.

Source: the OCI image specification (`history`), and what the classic builder and BuildKit write into `created_by`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_NOP = re.compile(r"^(?:\|\d+ .*?)?/bin/sh -c #\(nop\)\s+")
_SHELL = re.compile(r"^(?:\|(\d+) )?(.*?)/bin/sh -c (.*)$", re.DOTALL)
_BUILDKIT = re.compile(r"\s+# buildkit$")
_INSTRUCTION = re.compile(r"^[A-Z]+\s")
MOST = 2000


def dockerfile_of(config: Mapping[str, Any]) -> bytes:
    """The instructions that made an image, behind a FROM scratch, as far as its history tells; its final USER and
    HEALTHCHECK are taken from the configuration, which always knows them."""
    run = config.get("config")
    run = run if isinstance(run, dict) else {}
    lines = ["FROM scratch", *_instructions(config.get("history"))]
    user, health = run.get("User"), run.get("Healthcheck")
    if isinstance(user, str) and user and not any(line.startswith("USER ") for line in lines):
        lines.append(f"USER {_one_line(user)}")
    if isinstance(health, dict) and not any(line.startswith("HEALTHCHECK ") for line in lines):
        test = health.get("Test")
        if isinstance(test, list) and len(test) > 1:
            lines.append(f"HEALTHCHECK CMD {json.dumps([str(word) for word in test[1:]])}")
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _instructions(history: Any) -> Iterator[str]:
    for entry in history[:MOST] if isinstance(history, list) else ():
        text = entry.get("created_by") if isinstance(entry, dict) else None
        if isinstance(text, str) and text.strip():
            yield _one_line(_instruction(text.strip()))


def _instruction(text: str) -> str:
    nop = _NOP.match(text)
    if nop:
        return text[nop.end() :].strip()
    text = _BUILDKIT.sub("", text)
    if text.startswith("RUN "):
        shell = _SHELL.match(text[4:])
        return f"RUN {shell[3]}" if shell else text
    if _INSTRUCTION.match(text):
        return text
    shell = _SHELL.match(text)
    return f"RUN {shell[3]}" if shell else f"RUN {text}"


def _one_line(text: str) -> str:
    return " ".join(text.replace("\t", " ").split("\n")).strip()
