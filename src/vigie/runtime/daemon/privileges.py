"""What the kernel lets this process do, what is missed without it, and giving up what is not needed.

Source: capabilities(7), /proc/self/status. Capabilities are numbers of bits of one mask.
"""

from __future__ import annotations

import ctypes
import logging
import re
from pathlib import Path

log = logging.getLogger(__name__)

NAMES = {
    0: "CAP_CHOWN",
    1: "CAP_DAC_OVERRIDE",
    2: "CAP_DAC_READ_SEARCH",
    10: "CAP_NET_BIND_SERVICE",
    19: "CAP_SYS_PTRACE",
    21: "CAP_SYS_ADMIN",
    24: "CAP_SYS_RESOURCE",
    38: "CAP_PERFMON",
    39: "CAP_BPF",
}

BPF, PERFMON, ADMIN, PTRACE, RESOURCE, READ, OVERRIDE, BIND = 39, 38, 21, 19, 24, 2, 1, 10

MEANING = {
    BPF: "the probe cannot be loaded",
    PERFMON: "the probe cannot read memory of the kernel and of programs",
    PTRACE: "descriptors, working folders and executables of processes of others that run already stay unknown",
    READ: "files that only others may read (accounts, rules, folders below /proc) cannot be read",
}
"""What a run misses without each."""

WHOLE = ADMIN
"""Stands for CAP_BPF and CAP_PERFMON on kernels that do not know these."""

KEPT = frozenset({BPF, PERFMON, PTRACE, RESOURCE, READ, OVERRIDE, BIND})
"""Needed while the watch runs: new rules change the probe, new processes are looked up, outputs are opened anew."""

_VERSION = 0x20080522
"""Of the capability calls: version 3, masks of 64 bits in two halves."""


def held() -> int:
    """The mask of effective capabilities, 0 when it cannot be known."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    match = re.search(r"^CapEff:\s+([0-9a-f]{1,16})$", status, re.MULTILINE)
    return int(match[1], 16) if match else 0


def has(mask: int, capability: int) -> bool:
    """Whether it is in the mask."""
    return bool(mask >> capability & 1)


def missing(mask: int) -> list[str]:
    """A line for each capability that a watch of the kernel has use for and that is not held."""
    lines = []
    for capability, what in MEANING.items():
        if has(mask, capability):
            continue
        if capability in (BPF, PERFMON) and has(mask, WHOLE):
            continue
        if capability == READ and has(mask, OVERRIDE):
            continue
        lines.append(f"without {NAMES[capability]}: {what}")
    return lines


def kept(mask: int) -> int:
    """Of the capabilities held those that are needed further on."""
    keep = KEPT if has(mask, BPF) and has(mask, PERFMON) else KEPT | {WHOLE}
    return mask & sum(1 << capability for capability in keep)


def given_up(mask: int) -> list[str]:
    """Names of the capabilities that `drop` gives up."""
    gone = mask & ~kept(mask)
    return [NAMES.get(bit, f"capability {bit}") for bit in range(64) if has(gone, bit)]


def drop() -> bool:
    """Gives up all capabilities that are not needed any more, in this thread and those that it starts from now on.
    Programs that are started keep what their user has: a shell command of the settings is trusted as the settings are.
    False when nothing was given up."""
    mask = held()
    keep = kept(mask)
    if not mask or keep == mask:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_VERSION, 0)
    low, high = keep & 0xFFFFFFFF, keep >> 32
    # Effective, permitted, inheritable; first the low halves, then the high ones.
    data = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)
    if libc.capset(ctypes.byref(header), ctypes.byref(data)) != 0:
        log.info("capabilities that are not needed could not be given up: error %d", ctypes.get_errno())
        return False
    return True
