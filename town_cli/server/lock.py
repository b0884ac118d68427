"""A lock: either one command or `serve` runs the bundled database and chain of a town.

It is a file lock (flock) in the town's folder; the kernel releases it however its holder ends. Children of `serve` inherit
it, so that the next `serve` waits until the last of them has ended.
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


class HeldLock:
    """The held lock; children inherit its `descriptor`."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def announce_serving(self) -> None:
        """Tell other commands that database and chain are running from now on."""
        os.pwrite(self.descriptor, f"serve {os.getpid()}\n".encode(), 0)


@contextmanager
def lock_for_command(folder: Path) -> Iterator[HeldLock | None]:
    """Yield the lock for one command; None, if `serve` runs database and chain already. Waits for another command to end.

    Raises:  Conflict (`town_busy`), if that takes longer than two minutes.
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
        yield HeldLock(descriptor)


@contextmanager
def lock_to_serve(folder: Path) -> Iterator[HeldLock]:
    """Yield the lock for `serve`. Waits for a command, or for the children of a killed `serve`.

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
        yield HeldLock(descriptor)


def is_served(folder: Path) -> bool:
    """Return whether a `serve` that has announced itself still holds the lock, itself or through a child that is about to
    end."""
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
    """Return the id of the `serve` process that announced itself under this lock, if it is alive. If it is not, its last
    children may still hold the lock, and are about to end."""
    words = os.pread(descriptor, 64, 0).decode("ascii", "replace").split()
    is_one = len(words) == 2 and words[0] == "serve" and words[1].isdigit()
    return int(words[1]) if is_one and Path(f"/proc/{words[1]}").exists() else None


def _demand_nobody_serves(descriptor: int) -> None:
    process_id = _server(descriptor)
    if process_id is not None:
        raise Conflict(
            f"この町はもう動いています（プロセス {process_id}）。",
            f"This town is running already (process {process_id}).",
            code="already_serving",
        )


def _tell_waiting() -> None:
    progress("ほかのコマンドが終わるのを待っています", "waiting for another command to end")


def _wait(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise Conflict("別のコマンドが動いています。", "Another command is running.", code="town_busy")
    time.sleep(_POLL_S)
