"""Stops a long-running process at SIGTERM or SIGINT.

A signal handler interrupts the thread that waits. `threading.Event` needs a lock that this thread may hold at that moment,
which would be a deadlock. `SimpleQueue` is safe here (Python, queue: "put is reentrant").
"""

import signal
from queue import Empty, SimpleQueue


class Stop:
    """A flag to stop; once set it stays set."""

    def __init__(self) -> None:
        self._told: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """Set the flag; from any thread and any signal handler."""
        self._told.put(None)

    def is_set(self) -> bool:
        """Return whether the flag is set."""
        return not self._told.empty()

    def wait(self, timeout_s: float) -> bool:
        """Wait until the flag is set or the timeout has passed; return whether it is set."""
        try:
            self._told.get(timeout=timeout_s)
        except Empty:
            return False
        self._told.put(None)
        return True


def stop_on_signals() -> Stop:
    """Return a flag that SIGTERM and SIGINT set from now on."""
    stop = Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
