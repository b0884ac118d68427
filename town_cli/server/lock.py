"""Whose turn it is to run what a town brings itself: one command at a time, or `serve` for all of them.

A file lock (flock) in the town's folder; the kernel takes it back however its holder ends. Children of `serve` inherit
it, so that the next `serve` waits until the last of them is gone.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coin.console.output import progress
from coin.errors import Conflict

LOCK = "run.lock"
_PATIENCE_S = 120.0
_LEFTOVERS_S = 30.0
_POLL_S = 0.1


class Turn:
    """The right to run the parts; `descriptor` is the lock, for children to inherit."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def announce_serving(self) -> None:
        """Tell other commands that they find the parts running from now on."""
        os.pwrite(self.descriptor, f"serve {os.getpid()}\n".encode(), 0)


@contextmanager
def turn_of_command(folder: Path) -> Iterator[Turn | None]:
    """Yield the turn of one command; None, if `serve` runs the parts for it. Waits for another command to end.

    Raises:  Conflict (`town_busy`), if that takes more than two minutes.
    """
    with _opened(folder) as descriptor:
        deadline, is_told = time.monotonic() + _PATIENCE_S, False
        while not _locks(descriptor):
            if _server(descriptor) is not None:
                yield None
                return
            if not is_told:
                _tell_waiting()
                is_told = True
            _wait(deadline)
        os.ftruncate(descriptor, 0)
        yield Turn(descriptor)


@contextmanager
def turn_to_serve(folder: Path) -> Iterator[Turn]:
    """Yield the turn of `serve`. Waits for a command, or for the children of a `serve` that was killed.

    Raises:  Conflict (`already_serving`, `town_busy`).
    """
    with _opened(folder) as descriptor:
        deadline = time.monotonic() + _LEFTOVERS_S
        if not _locks(descriptor):
            _demand_nobody_serves(descriptor)
            _tell_waiting()
        while not _locks(descriptor):
            _demand_nobody_serves(descriptor)
            _wait(deadline)
        os.ftruncate(descriptor, 0)
        yield Turn(descriptor)


def is_served(folder: Path) -> bool:
    """Return whether a `serve` that announced itself is alive: it, or a child that is about to end, holds the lock."""
    try:
        with open(folder / LOCK, "rb") as file:
            return _server(file.fileno()) is not None and not _locks(file.fileno(), fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _locks(descriptor: int, how: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _server(descriptor: int) -> int | None:
    """Return the process that announced that it serves since the lock was taken, if it lives: its last children may not be
    gone yet, and what they run is about to end."""
    words = os.pread(descriptor, 64, 0).decode("ascii", "replace").split()
    is_one = len(words) == 2 and words[0] == "serve" and words[1].isdigit()
    return int(words[1]) if is_one and Path(f"/proc/{words[1]}").exists() else None


def _demand_nobody_serves(descriptor: int) -> None:
    process_id = _server(descriptor)
    if process_id is not None:
        raise Conflict(
            f"この町はもう動いています(プロセス {process_id})。",
            f"This town is served already (process {process_id}).",
            code="already_serving",
        )


def _tell_waiting() -> None:
    progress("ほかのコマンドが終わるのを待っています", "waiting for another command to end")


def _wait(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise Conflict("別のコマンドが動いています。", "Another command is at work.", code="town_busy")
    time.sleep(_POLL_S)
