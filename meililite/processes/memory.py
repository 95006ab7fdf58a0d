"""Memory that a process does not need any more, given back."""

from __future__ import annotations

import ctypes
import gc
import sys


def give_back() -> None:
    """Return free memory to the system; the allocator would keep it for the next large payload."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, musl has not
        if trim is not None:
            trim(0)
