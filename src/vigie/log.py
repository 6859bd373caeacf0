"""Log lines on standard error, and text made safe to print. Modules log with `logging.getLogger(__name__)`."""

from __future__ import annotations

import re
from collections.abc import Iterable

_UNPRINTABLE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # escape sequences that terminals obey
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    """The text without what could steer a terminal or reorder a line: escape sequences, control characters, direction
    marks, broken surrogates. Line ends and tabs become blanks. Names in images are written by strangers."""
    return _UNPRINTABLE.sub("", text).replace("\n", " ").replace("\t", " ")


def setup(*, debug: bool = False, quiet: bool = False) -> None:
    """Sends our log lines to standard error as `warning: …`; all of them with debug, errors alone with quiet."""
    import logging

    class Lines(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            text = printable(record.getMessage())
            origin = f" {record.name.removeprefix('vigie.')}:" if record.levelno < logging.WARNING else ""
            return f"{record.levelname.lower()}:{origin} {text}"

    logger = logging.getLogger("vigie")
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(logging.DEBUG if debug else logging.ERROR if quiet else logging.WARNING)


def warn(warnings: Iterable[str]) -> None:
    """Logs warnings that are not of one module's making, each once."""
    import logging

    for warning in dict.fromkeys(warnings):
        logging.getLogger("vigie").warning("%s", warning)
