"""The entry point: finds the command, runs it, and is the only place that prints errors.

Exit statuses: 0 done; N as asked for by --exit-code or --exit-on-eol; 2 a wrong command line; 3 the work, or a whole
part of it, could not be done; 70 a bug in Vigie; 130 interrupted, 143 terminated. Only `sys` is imported here, so that
small commands start fast.
"""

from __future__ import annotations

import sys

COMMANDS = {
    "image": ("image", "find vulnerabilities and secrets in a container image"),
    "filesystem": ("filesystem", "… in a project's folder (lock files)"),
    "rootfs": ("rootfs", "… in an unpacked root file system"),
    "repository": ("repository", "… in a git repository, local or remote"),
    "config": ("config", "find mistakes in Terraform, Kubernetes, Dockerfiles, …"),
    "secret": ("secret", "find credentials in files"),
    "watch": ("watch", "system calls against rules, as Falco does"),
    "rules": ("rules", "test, measure and explain rules of watch"),
    "db": ("db", "fetch, build or describe the vulnerability database"),
    "clean": ("clean", "delete cached databases and scan results"),
    "registry": ("registry", "log in to a container registry, or out"),
    "completion": ("completion", "print a completion script for a shell"),
    "version": ("version", "print the version and the database's age"),
}
"""Command → its module in this package, and what it does."""

ALIASES = {"i": "image", "fs": "filesystem", "repo": "repository", "c": "config", "conf": "config"}

LATER = (
    *("client", "convert", "kubernetes", "module", "plugin", "sbom", "server", "vex", "vm"),
    *("conv", "k8s", "m", "p", "s"),
)
"""Commands of the peer, and their aliases, that are not there yet."""

VALUED = ("-c", "--config", "--cache-dir", "--timeout", "--cacert")
"""Global flags that take a value; they may stand before the command."""

EXIT_USAGE, EXIT_FAILED, EXIT_BUG, EXIT_INTERRUPTED, EXIT_PIPE, EXIT_TERMINATED = 2, 3, 70, 130, 141, 143

LONGEST = 2000
"""Characters of an error that are printed; names in it may be as long as somebody wished."""


class Terminated(KeyboardInterrupt):
    """Somebody asked the process to end (SIGTERM): what is open is closed and removed on the way out."""


def main(arguments: list[str] | None = None) -> int:
    """Runs a command line (without the program's name) and returns the exit status."""
    program = arguments is None
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        if program:
            open_closed_streams()
            end_on_sigterm()
        status = dispatch(arguments)
        sys.stdout.flush()
    except BaseException as error:
        status = failed(error, arguments)
    if program:
        leave_threads(status)
    return status


def open_closed_streams() -> None:
    """Opens standard streams that the caller closed: the next file would take their numbers otherwise. What is written
    to a closed standard output fails, as it should."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            import os

            opened = os.open(os.devnull, os.O_WRONLY if name == "stderr" else os.O_RDONLY)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            setattr(sys, name, os.fdopen(number, "r" if name == "stdin" else "w", closefd=False))


def end_on_sigterm() -> None:
    """From here on SIGTERM unwinds the stack as Ctrl-C does, instead of leaving temporary files behind."""
    from signal import SIGTERM, signal

    def terminate(*_: object) -> None:
        raise Terminated

    signal(SIGTERM, terminate)


def leave_threads(status: int) -> None:
    """Ends the process at once when threads still work on what nobody waits for any more (`scanner/parallel.py`)."""
    threading = sys.modules.get("threading")
    if threading is None or threading.active_count() == 1:
        return
    import os
    from contextlib import suppress

    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


def dispatch(arguments: list[str]) -> int:
    """Hands the arguments, without the command's name, to the command's module."""
    before, name, after = split(arguments)
    if name in ("", "help"):
        wanted = next((a for a in after if not a.startswith("-")), "")
        if name == "" and any(a in ("--version", "-v") for a in before):
            name = "version"
            before = [a for a in before if a not in ("--version", "-v")]
        elif wanted:
            name, before, after = wanted, [], ["--help"]
        else:
            unknown = next((a for a in before if a not in ("--help", "-h")), "") if name == "" else ""
            if unknown and "--help" not in before and "-h" not in before:
                from vigie.errors import UsageError

                raise UsageError("no command is given", "see vigie --help")
            print_help()
            return 0
    name = ALIASES.get(name, name)
    if name not in COMMANDS:
        raise unknown_command(name)
    from importlib import import_module

    status: int = import_module(f"vigie.cli.{COMMANDS[name][0]}").run([*before, *after])
    return status


def split(arguments: list[str]) -> tuple[list[str], str, list[str]]:
    """Global flags before the command, the command, and what follows it."""
    index = 0
    while index < len(arguments) and arguments[index].startswith("-"):
        index += 2 if arguments[index] in VALUED else 1
    if index >= len(arguments):
        return arguments, "", []
    return arguments[:index], arguments[index], arguments[index + 1 :]


def print_help() -> None:
    """The list of commands."""
    names = {command: alias for alias, command in ALIASES.items()}
    lines = [
        "Vigie finds known vulnerabilities and says what to mend first.",
        "",
        "Usage: vigie COMMAND [options] TARGET",
        "",
        *(
            f"  {name + (', ' + names[name] if name in names else ''):<18} {summary}"
            for name, (_, summary) in COMMANDS.items()
        ),
        "",
        "  vigie image python:3.4-alpine        an image from a daemon or a registry",
        "  vigie image --input image.tar        an image in a file",
        "  vigie fs .                           the project in this folder",
        "",
        "vigie COMMAND --help lists the options of a command.",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


def unknown_command(name: str) -> Exception:
    """The error for a word that is no command, with what may have been meant."""
    from vigie.errors import UsageError
    from vigie.settings.resolve import nearest, shown

    if name in LATER:
        return UsageError(f"the command {name} is not available yet", "see vigie --help")
    hint = nearest(name, [*COMMANDS, *ALIASES, *LATER])
    if not hint:
        kind = "image" if not name.startswith((".", "/")) else "fs"
        hint = f"to scan it: vigie {kind} {name}" if any(c in name for c in ":/.") else "see vigie --help"
    return UsageError(f"there is no command {shown(name)}", hint)


def failed(error: BaseException, arguments: list[str]) -> int:
    """Prints what went wrong and returns the exit status."""
    from vigie.errors import VigieError

    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else EXIT_FAILED
    if isinstance(error, BrokenPipeError):
        silence_stdout()
        return EXIT_PIPE
    if isinstance(error, Terminated):
        say("error", "terminated")
        return EXIT_TERMINATED
    if isinstance(error, KeyboardInterrupt):
        say("error", "interrupted")
        return EXIT_INTERRUPTED
    cause = error.__cause__ if isinstance(error, VigieError) else error
    if cause is not None and debugging(arguments):
        import traceback

        traceback.print_exception(cause)
    if isinstance(error, VigieError):
        message, snippet = with_snippet(error.message)
        say("error", message)
        for line in snippet:
            say("", line)
        say("hint", error.hint)
        return error.exit_status
    if isinstance(error, MemoryError):
        say("error", "not enough memory")
        say("hint", "try --parallel 1, or leave folders out with --skip-dirs")
        return EXIT_FAILED
    if isinstance(error, OSError) and error.errno is not None:
        import errno

        where = f": {error.filename}" if error.filename else ""
        say("error", f"{(error.strerror or str(error)).lower()}{where}")
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            say(
                "hint",
                "free some space, or set --cache-dir and TMPDIR to a larger disk; vigie clean --all empties the cache",
            )
        return EXIT_FAILED
    say("error", f"a bug in vigie: {type(error).__name__}: {error}")
    say("hint", "run it again with --debug and report what it prints")
    return EXIT_BUG


def with_snippet(message: str) -> tuple[str, list[str]]:
    """A message, and the two lines that may follow it: one of a rule file, and a caret under the place."""
    head, *snippet = message.rsplit("\n", 2)
    return (head, snippet) if len(snippet) == 2 and snippet[1].strip() == "^" else (message, [])


def say(label: str, text: str) -> None:
    """One line on standard error, indented when it has no label; nothing for an empty text or a closed stream."""
    from contextlib import suppress

    from vigie.log import printable

    if text:
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{f'{label}:' if label else ' '} {printable(text[:LONGEST])}\n")


def debugging(arguments: list[str]) -> bool:
    """Whether causes of errors are wanted, as far as can be told when settings may not have been read."""
    from os import environ

    texts = (environ.get("VIGIE_DEBUG", ""), environ.get("TRIVY_DEBUG", ""))
    return "--debug" in arguments or "-d" in arguments or any(t.lower() in ("1", "t", "true") for t in texts)


def silence_stdout() -> None:
    """Keeps the interpreter from complaining about a closed pipe when it flushes at exit."""
    import os
    from contextlib import suppress

    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
