"""`vigie completion SHELL`: a script that completes commands and options."""

from __future__ import annotations

import sys
from importlib import import_module

from vigie.cli.main import ALIASES, COMMANDS
from vigie.errors import UsageError
from vigie.settings.resolve import declared
from vigie.settings.units import listed

SHELLS = ("bash", "zsh", "fish")
HELP = """Print a completion script.

Usage: vigie completion bash|zsh|fish

  bash   vigie completion bash > ~/.local/share/bash-completion/completions/vigie
  zsh    vigie completion zsh > ~/.zfunc/_vigie      (a folder in $fpath)
  fish   vigie completion fish > ~/.config/fish/completions/vigie.fish
"""


def run(arguments: list[str]) -> int:
    """Prints the script for one shell."""
    if not arguments or arguments[0] in ("--help", "-h"):
        sys.stdout.write(HELP)
        return 0
    if arguments[0] not in SHELLS or len(arguments) > 1:
        raise UsageError(f"vigie completion knows {listed(SHELLS)}", "see vigie completion --help")
    sys.stdout.write({"bash": bash, "zsh": zsh, "fish": fish}[arguments[0]](options_by_command()))
    return 0


def options_by_command() -> dict[str, list[str]]:
    """The long options of each command, aliases included."""
    found: dict[str, list[str]] = {}
    for name, (module, _) in COMMANDS.items():
        inside = import_module(f"vigie.cli.{module}")
        command = getattr(inside, "COMMAND", None)
        command = getattr(command, "command", command)
        # Commands whose options are flags alone declare them themselves.
        settings = getattr(inside, "SETTINGS", None) or (declared(command.groups) if command is not None else [])
        found[name] = sorted(["--help", *(s.flag.name for s in settings if not s.flag.hidden)])
    return found | {alias: found[name] for alias, name in ALIASES.items()}


def bash(options: dict[str, list[str]]) -> str:
    """A function for bash's `complete`."""
    cases = "\n".join(f'    {name}) words="{" ".join(flags)}" ;;' for name, flags in options.items())
    return f"""_vigie() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{" ".join(options)} --help --version" -- "$current"))
    return
  fi
  case "${{COMP_WORDS[1]}}" in
{cases}
    *) words="" ;;
  esac
  if [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}}
complete -o filenames -F _vigie vigie
"""


def zsh(options: dict[str, list[str]]) -> str:
    """A file for zsh's $fpath."""
    cases = "\n".join(f"    {name}) compadd -- {' '.join(flags)} ;;" for name, flags in options.items())
    return f"""#compdef vigie
if (( CURRENT == 2 )); then
  compadd -- {" ".join(options)} --help --version
elif [[ "$words[CURRENT]" == -* ]]; then
  case "$words[2]" in
{cases}
  esac
else
  _files
fi
"""


def fish(options: dict[str, list[str]]) -> str:
    """Lines for fish."""
    lines = [f"complete -c vigie -n __fish_use_subcommand -a '{name}'" for name in options]
    lines += [
        f"complete -c vigie -n '__fish_seen_subcommand_from {name}' -l {flag.removeprefix('--')}"
        for name, flags in options.items()
        for flag in flags
    ]
    return "\n".join(lines) + "\n"
