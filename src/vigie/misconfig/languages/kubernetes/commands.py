"""Command lines of containers: which program of the control plane runs, and with which options.

Source: https://kubernetes.io/docs/reference/command-line-tools-reference/; options are Go's: `--name=value`,
`--name value`, one dash or two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

PROGRAMS: Mapping[str, str] = {
    "kube-apiserver": "kubernetes.apiserver",
    "kube-controller-manager": "kubernetes.controller_manager",
    "kube-scheduler": "kubernetes.scheduler",
    "etcd": "kubernetes.etcd",
}
"""The path of checks about each program of the control plane."""
MOST_WORDS = 10_000


def words(*lists: Any) -> list[str]:
    """The words of a command and its arguments. Scripts (`sh -c "exec etcd …"`) fall into words, too."""
    found: list[str] = []
    for line in lists:
        for item in [line] if isinstance(line, str) else line if isinstance(line, list) else ():
            if not isinstance(item, str):
                found.append(str(item))
            elif " " in item or "\n" in item or "\t" in item:
                found += (word.strip("\"'") for word in item.split() if word != "\\")
            else:
                found.append(item)
            if len(found) > MOST_WORDS:
                return found[:MOST_WORDS]
    return found


def program(words: Sequence[str]) -> str:
    """The program of the control plane that a command line starts, "" for none."""
    before = ""
    for word in words:
        name = word.rpartition("/")[2]
        # what follows an option without `=` is its value: `--data-dir /var/lib/etcd`
        if name in PROGRAMS and word[:1] != "-" and (before[:1] != "-" or before == "-c" or "=" in before):
            return name
        before = word
    return ""


def flags(words: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Options by name, each with its values in order; one without a value is `true`."""
    found: dict[str, list[str]] = {}
    waiting = ""
    for word in words:
        if word[:1] != "-" or word in ("-", "--"):
            if waiting:
                found[waiting][-1] = word
                waiting = ""
            continue
        name, equals, value = word.lstrip("-").partition("=")
        found.setdefault(name, []).append(value.strip("\"'") if equals else "true")
        waiting = "" if equals else name
    return found
