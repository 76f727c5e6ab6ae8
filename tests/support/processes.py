"""Helper processes that end with the tests, however these end: a killed run must leave nothing behind."""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Callable

# Loaded before any fork, where importing is not safe.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


def die_with_parent(how: signal.Signals) -> Callable[[], None]:
    """For `Popen(preexec_fn=...)`: the child gets the signal when this process is gone (Linux; elsewhere nothing)."""

    def prepare() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, how)

    return prepare
