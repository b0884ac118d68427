"""A child process that ends with its parent, however the parent ends. Source: prctl(2), PR_SET_PDEATHSIG.

The kernel sends the signal when the thread that started the child is gone: start such a child from the main thread.
"""

import ctypes
import os
import signal
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def end_with_parent(how: signal.Signals) -> Callable[[], None]:
    """Return the `preexec_fn` for `subprocess.Popen` that sends the child the signal `how` when its parent dies."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # look it up in the parent; the child only makes the call
    parent = os.getpid()

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, int(how))
        if os.getppid() != parent:  # the parent died before the call, so no signal will come
            os.kill(os.getpid(), how)

    return tie
