"""What Vigie raises. Only `cli/main.py` prints these: one line `error: …`, one line `hint: …`."""

from __future__ import annotations


class VigieError(Exception):
    """Something a person can act on: `message` says what went wrong and where, `hint` what to do about it."""

    exit_status = 3

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(VigieError):
    """The command line, an environment variable or a settings file asks for something that cannot be."""

    exit_status = 2


class TargetError(VigieError):
    """The thing to scan could not be opened: absent, refused, corrupt, not what it claims to be."""


class KnowledgeError(VigieError):
    """No usable database of advisories, or none that could be fetched."""


class CaptureError(VigieError):
    """Recorded events could not be read, or not to their end: what was read before has been judged."""


class SourceError(VigieError):
    """A source of events could not be opened, or failed: the kernel, a receiver of audit events."""


class RuleError(VigieError):
    """Rule files cannot be used: the message names file, line and column of what is wrong, and shows the line."""

    exit_status = 2
