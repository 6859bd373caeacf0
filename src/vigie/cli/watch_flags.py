"""The flags of `vigie watch`: the peer's, and ours beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vigie.cli.options import Command, Values, parse
from vigie.errors import UsageError
from vigie.settings.groups import Flag
from vigie.settings.resolve import Kind, Setting

COMMAND = Command(
    "watch",
    "Watch system calls and tell what rules find in them.",
    (
        "vigie watch                             this host, until SIGINT or SIGTERM",
        "vigie watch --replay FILE.scap          events recorded by Falco, sysdig or Vigie",
        "vigie watch -c falco.yaml -r RULES      settings and rules as Falco has them",
        "vigie watch -V RULES                    say what is wrong with rule files",
        "vigie watch --list                      fields that rules can use",
    ),
    ("watch",),
    ("All other settings are keys of falco.yaml, or of the section watch of vigie.yaml; -o sets", "any of them."),
)


def _flag(name: str, short: str, metavar: str, text: str, *, hidden: bool = False) -> Setting:
    kind: Kind = "text" if metavar and not metavar.startswith("[") else "switch"
    flag = Flag(name, "", text, short, metavar=metavar, hidden=hidden)
    return Setting("watch", name.lstrip("-"), flag, kind, "")


SETTINGS = [
    _flag("--replay", "", "FILE", "take events from a capture instead of the kernel"),
    _flag("--rules", "-r", "PATH", "rules file or folder, instead of the settings' (may be repeated)"),
    _flag(
        "--library", "", "MATURITY,...", "Vigie's own rules besides: stable, incubating, sandbox, settings, k8s_audit"
    ),
    _flag("--record", "", "FILE", "write the events to a capture as well"),
    _flag("--config", "-c", "FILE", "falco.yaml, or vigie.yaml with a section watch"),
    _flag("--option", "-o", "KEY=VALUE", "set one key of the settings (may be repeated)"),
    _flag("--validate", "-V", "FILE", "check a rules file and stop (may be repeated)"),
    _flag("--describe-rules", "-L", "", "describe all rules and stop"),
    _flag("--describe-rule", "-l", "RULE", "describe one rule and stop"),
    _flag("--list", "", "[=SOURCE]", "list fields, of one source or of all, and stop"),
    _flag("--names-only", "-N", "", "with --list: names alone"),
    _flag("--list-events", "", "", "list event types and stop"),
    _flag("--format", "", "FORMAT", "of lists: text, markdown or json"),
    _flag("--markdown", "", "", "--format markdown", hidden=True),
    _flag("--dry-run", "", "", "read settings and rules, then stop"),
    _flag("--duration", "-M", "SECONDS", "stop after so many seconds"),
    _flag("--pidfile", "-P", "FILE", "write the process id to a file"),
    _flag("--unbuffered", "-U", "", "write each alert at once"),
    _flag("--print", "-p", "TEXT", "add to every rule's output (deprecated: append_output)"),
    _flag("--enable-source", "", "SOURCE", "watch only this source of events (may be repeated)"),
    _flag("--disable-source", "", "SOURCE", "do not watch this source of events (may be repeated)"),
    _flag("--list-plugins", "", "", "list what is built in for other sources and stop"),
    _flag("--plugin-info", "", "NAME", "say more about one of these and stop"),
    _flag("--ignored-events", "-i", "", "list system calls that rules see by name only, and stop"),
    _flag("--page-size", "", "", "print the system's page size and stop"),
    _flag("--config-schema", "", "", "print the JSON schema of the settings and stop"),
    _flag("--rule-schema", "", "", "print the JSON schema of rule files and stop"),
    _flag("--support", "", "", "print version, system, settings and rules as JSON and stop"),
    _flag("--verbose", "-v", "", "say more on standard error"),
    _flag("--version", "", "", "print the version and stop"),
]

REMOVED = {
    "-A": "all events are watched",
    "-b": "use -o buffer_format_base64=true",
    "-d": "Vigie stays in the foreground",
    "-D": "use -o 'rules[]' or the key rules to disable rules",
    "-e": "use --replay FILE, or -o engine.kind=replay -o engine.replay.capture_file=FILE",
    "-g": "gVisor is not a source of events any more",
    "-k": "Kubernetes metadata comes from the container runtime",
    "-K": "Kubernetes metadata comes from the container runtime",
    "-m": "Mesos is not supported any more",
    "-s": "use the key metrics",
    "-S": "the size of captured buffers is set by falco_libs.snaplen",
    "-t": "use the key rules to enable rules by tag",
    "-T": "use the key rules to disable rules by tag",
    "--cri": "runtimes are found by themselves",
    "--modern-bpf": "use -o engine.kind=modern_ebpf",
    "--gvisor-config": "gVisor is not a source of events any more",
    "--gvisor-root": "gVisor is not a source of events any more",
    "--gvisor-generate-config": "gVisor is not a source of events any more",
}
"""Flags that the peer has dropped, and what to do instead."""


class WatchFlags(Values):
    """A command line of `vigie watch`. Raises UsageError for one that cannot be."""

    def __init__(self, arguments: Sequence[str]) -> None:
        _refuse_removed(arguments)
        super().__init__(parse(arguments, SETTINGS, COMMAND))
        if self.parsed.targets:
            what = self.parsed.targets[0]
            raise UsageError(
                f"vigie watch takes no target: {what}", f"to replay a capture: vigie watch --replay {what}"
            )

    def seconds(self, name: str) -> float:
        """A flag's number of seconds, 0 when it is not given. Raises UsageError."""
        text = self.last(name, "0")
        if not re.fullmatch(r"\d{1,9}(\.\d+)?", text):
            raise UsageError(f"--{name} {text}: must be a number of seconds")
        return float(text)


def _refuse_removed(arguments: Sequence[str]) -> None:
    for argument in arguments:
        name = argument.partition("=")[0]
        if name == "--":
            return
        if name in REMOVED:
            raise UsageError(f"{name} was removed from Falco", REMOVED[name])
