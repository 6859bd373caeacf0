"""Opening the kernel as a source of events, and what to say when that cannot be."""

from __future__ import annotations

import logging

from msgspec import Struct

from vigie.errors import SourceError, UsageError
from vigie.runtime.watch import Watch, reason

logger = logging.getLogger(__name__)

OTHER_WAYS = "without the kernel: --disable-source syscall for Kubernetes audit events alone, --replay for a capture"


class KernelOptions(Struct, frozen=True, kw_only=True):
    """buffer_bytes: of the ring that all processors share. host_root: where the host's file system is seen, "" for
    here. snaplen: bytes of data that are kept of an event. everything: also calls that no rule asks for.
    custom_syscalls, repair: as `base_syscalls` of the settings. iterators: the kernel lists the processes that run
    already, where it can."""

    buffer_bytes: int = 8 << 20
    host_root: str = ""
    snaplen: int = 80
    everything: bool = False
    custom_syscalls: tuple[str, ...] = ()
    repair: bool = False
    iterators: bool = True


def open_kernel(watch: Watch, options: KernelOptions) -> None:
    """Takes events from the kernel from now on. Raises SourceError, with what to do, and UsageError for a name that is
    no system call's."""
    try:
        listed = watch.engine.kernel(
            buffer_bytes=options.buffer_bytes,
            host_root=options.host_root,
            snaplen=options.snaplen,
            everything=options.everything,
            custom_syscalls=options.custom_syscalls,
            repair=options.repair,
            iterators=options.iterators,
        )
        logger.debug("%s", listed)
    except OSError as error:
        # The probe says what is wrong, and after a semicolon what to do about it.
        what, _, hint = reason(error).partition("; ")
        raise SourceError(f"the kernel cannot be watched: {what}", hint or OTHER_WAYS) from error
    except ValueError as error:
        raise UsageError(f"base_syscalls.custom_set: {error}") from error
