"""A child process that ends with its parent, however the parent ends. Source: prctl(2), PR_SET_PDEATHSIG.

The kernel sends the signal when the thread that started the child is gone: start such a child from the main thread.
"""

import ctypes
import os
import signal
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def end_with_parent(how: signal.Signals) -> Callable[[], None]:
    """Return what `subprocess.Popen(preexec_fn=…)` is given, so that the child gets `how` when its parent dies."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # looked up here: the child only makes the call
    parent = os.getpid()

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, int(how))
        if os.getppid() != parent:  # it died before we were tied to it, and nobody else would tell us
            os.kill(os.getpid(), how)

    return tie
