"""Memory that the start or a busy moment needed, and nothing after it, is given back to the system."""

from __future__ import annotations

import gc


def settle() -> None:
    """To be called when rules are compiled and sources are open: what is there now stays, and is not looked through for
    garbage any more. Reading type information of the kernel and compiling rules leave holes of some 12 MB."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    give_back()


def give_back() -> None:
    """Tables that grew with thousands of processes or descriptors leave holes, too. Takes milliseconds at most."""
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # the GNU C library has it
    if trim is not None:
        trim(0)
