"""How long a caller waits for an answer: one limit for whatever is slow (a name, a connection, an answer in drops).

Decides nothing about retries. An attempt that is given up may still arrive: its caller must not take silence for a refusal.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from queue import Empty, SimpleQueue
from typing import TypeVar

PATIENCE_S = 9.0
_Answer = TypeVar("_Answer")
_until_s: ContextVar[float | None] = ContextVar("until_s", default=None)


class TooLong(Exception):
    """There was no answer in time."""


@contextmanager
def one_patience(patience_s: float) -> Iterator[None]:
    """Let all requests within share one limit; an outer limit stays."""
    token = _until_s.set(end_s(patience_s))
    try:
        yield
    finally:
        _until_s.reset(token)


def end_s(patience_s: float) -> float:
    """Return when patience ends, by the monotonic clock."""
    shared = _until_s.get()
    return time.monotonic() + patience_s if shared is None else shared


def within(left_s: float, attempt: Callable[[], _Answer]) -> _Answer:
    """Return the result of an attempt, which may take so long.

    Raises:  TooLong; as `attempt`.
    """
    told: SimpleQueue[tuple[_Answer | None, Exception | None]] = SimpleQueue()

    def run() -> None:
        try:
            told.put((attempt(), None))
        except Exception as error:  # handed to the caller
            told.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        answer, error = told.get(timeout=max(left_s, 0.0))
    except Empty:
        raise TooLong from None
    if error is not None:
        raise error
    return answer  # type: ignore[return-value]  # there is an answer where there is no error
