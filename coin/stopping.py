"""How a process that runs on and on is told to end: SIGTERM or SIGINT, at any moment.

A signal's handler interrupts the very thread that waits. `threading.Event` takes a lock there which that thread may hold
just then, and both would wait for ever; `SimpleQueue` is made for this (Python, queue: "put is reentrant").
"""

import signal
from queue import Empty, SimpleQueue


class Stop:
    """Whether to end; once set it stays so."""

    def __init__(self) -> None:
        self._told: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """Say that it is time to end; from any thread and any handler of signals."""
        self._told.put(None)

    def is_set(self) -> bool:
        """Return whether it is time."""
        return not self._told.empty()

    def wait(self, timeout_s: float) -> bool:
        """Return when it is time, or after so long; True if it is time."""
        try:
            self._told.get(timeout=timeout_s)
        except Empty:
            return False
        self._told.put(None)
        return True


def stop_on_signals() -> Stop:
    """Return what SIGTERM and SIGINT set from now on."""
    stop = Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
