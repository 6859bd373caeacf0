"""Addresses of the host names that rules compare with (`fd.sip.name = …`), asked of the system once, at the start."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds that all look-ups together may take; the system's resolver may wait much longer for a server that is away."""

MOST_NAMES = 256


def resolved(names: Sequence[str]) -> list[tuple[IPv4Address | IPv6Address, str]]:
    """The addresses of names, each with its name. Names without an answer in time are logged: what rules say of them
    matches nothing."""
    answers: dict[str, list[str]] = {}

    def ask(name: str) -> None:
        try:
            answers[name] = [str(found[4][0]) for found in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError):
            answers[name] = []

    threads = [threading.Thread(target=ask, args=(name,), daemon=True) for name in names[:MOST_NAMES]]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + PATIENCE
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    missing = [name for name in names if not answers.get(name)]
    if missing:
        log.info("no address is known for %s: comparisons with these names match nothing", ", ".join(missing))
    return [
        (ip_address(address.partition("%")[0]), name)
        for name in names
        for address in dict.fromkeys(answers.get(name, ()))
    ]
