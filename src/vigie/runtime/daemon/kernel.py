"""Opening the kernel as a source of events, and what to say when that cannot be."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Protocol, cast

from msgspec import Struct

from vigie.errors import SourceError
from vigie.runtime.watch import Watch, reason

HINTS = {
    errno.EPERM: "run it as root, or with CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE and CAP_SYS_RESOURCE",
    errno.EACCES: "run it as root, or with CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE and CAP_SYS_RESOURCE",
    errno.ENOENT: "the kernel has to be built with CONFIG_DEBUG_INFO_BTF; kernels of current distributions are",
    errno.ENOSYS: "Linux 5.8 or later is needed, with BPF switched on",
    errno.EOPNOTSUPP: "Linux 5.8 or later is needed, with BPF switched on",
    errno.ENOMEM: "take a smaller buffer: engine.modern_ebpf.buf_size_preset",
}
"""What to do about each kind of refusal."""

OTHER_WAYS = "without the kernel: --disable-source syscall for Kubernetes audit events alone, --replay for a capture"


class Kernel(Protocol):
    """An engine that can take its events from the kernel."""

    def kernel(self, *, buffer_bytes: int, host_root: str, snaplen: int, everything: bool) -> None: ...

    def kernel_counters(self) -> dict[str, int]: ...

    def shed(self, levels: Sequence[tuple[str, int]]) -> None: ...


class KernelOptions(Struct, frozen=True, kw_only=True):
    """buffer_bytes: of the ring that all processors share. host_root: where the host's file system is seen. snaplen:
    bytes of data that are kept of an event. everything: also calls that no rule asks for."""

    buffer_bytes: int = 8 << 20
    host_root: str = ""
    snaplen: int = 80
    everything: bool = False


def open_kernel(watch: Watch, options: KernelOptions) -> Kernel:
    """Takes events from the kernel from now on. Raises SourceError, with what to do."""
    if not hasattr(watch.engine, "kernel"):
        raise SourceError("this build of Vigie cannot watch the kernel", OTHER_WAYS)
    engine = cast("Kernel", watch.engine)
    try:
        engine.kernel(
            buffer_bytes=options.buffer_bytes,
            host_root=options.host_root,
            snaplen=options.snaplen,
            everything=options.everything,
        )
    except OSError as error:
        hint = HINTS.get(error.errno or 0, OTHER_WAYS)
        raise SourceError(f"the kernel cannot be watched: {reason(error)}", hint) from error
    return engine
