"""Group commit: one thread takes everything in the queue and has it decided in one transaction, then takes the next.

There is no timer: groups grow under load, and a single payment does not wait. One bad request does not fail the others: a
group that fails unexpectedly is decided again one request at a time. This is safe because accepting is idempotent: the same
authorization gets its first answer again.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from coin.errors import CoinError, InvariantBroken, Unavailable
from coin.payments import Outcome, Submission

MAX_RUN = 1_000
MAX_WAITING = 10_000
_log = logging.getLogger("bandai.api")

Decide = Callable[[list[Submission]], list[Outcome]]


@dataclass(frozen=True, slots=True)
class _Request:
    submissions: Sequence[Submission]
    answer: "asyncio.Future[list[Outcome]]"
    loop: asyncio.AbstractEventLoop


class AcceptQueue:
    """Passes submissions to `decide` in the order in which they came."""

    def __init__(self, decide: Decide, *, stop: Callable[[], None] | None = None) -> None:
        self._decide = decide
        self._stop = stop
        self._waiting: deque[_Request] = deque()
        self._size = 0
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="accept", daemon=True)
        self._thread.start()

    async def submit(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """Queue these submissions and wait; return one outcome for each, in the same order.

        Raises:  Unavailable (`shutting_down`, `overloaded`, or the database's code). Retry the same request: if it was
                 accepted, it gets its first answer.
        """
        loop = asyncio.get_running_loop()
        request = _Request(submissions, loop.create_future(), loop)
        with self._changed:
            self._refuse_if_full(len(submissions))
            self._waiting.append(request)
            self._size += len(submissions)
            self._changed.notify()
        return await request.answer

    def close(self) -> None:
        """Refuse new submissions, and return when everything in the queue is decided."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _refuse_if_full(self, more: int) -> None:
        if self._closed:
            raise Unavailable("終了処理中です。", "The gateway is shutting down.", code="shutting_down")
        if self._size + more > MAX_WAITING:
            raise Unavailable("混み合っています。", "Too many payments are waiting.", code="overloaded")

    def _work(self) -> None:
        while run := self._take():
            try:
                _answer(run, self._outcomes(run))
            except InvariantBroken:
                self._give_up(run)
                raise

    def _take(self) -> list[_Request]:
        run: list[_Request] = []
        count = 0
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            while self._waiting and (not run or count + len(self._waiting[0].submissions) <= MAX_RUN):
                count += len(self._waiting[0].submissions)
                run.append(self._waiting.popleft())
            self._size -= count
        return run

    def _outcomes(self, run: list[_Request]) -> "list[list[Outcome] | Exception]":
        try:
            outcomes = self._decide([item for request in run for item in request.submissions])
        except InvariantBroken:
            raise
        except CoinError as error:
            return [error] * len(run)
        except Exception as error:
            if len(run) == 1:
                return [error]
            _log.warning("a run failed with %s and is decided one by one", type(error).__name__)
            return [self._outcomes([request])[0] for request in run]
        return _split(outcomes, run)

    def _give_up(self, run: list[_Request]) -> None:
        with self._changed:
            self._closed = True
            run = [*run, *self._waiting]
            self._waiting.clear()
        broken = Unavailable("終了処理中です。", "The gateway is shutting down.", code="shutting_down")
        _answer(run, [broken] * len(run))
        if self._stop is not None:
            self._stop()


def _split(outcomes: list[Outcome], run: list[_Request]) -> "list[list[Outcome] | Exception]":
    answers: list[list[Outcome] | Exception] = []
    start = 0
    for request in run:
        answers.append(outcomes[start : start + len(request.submissions)])
        start += len(request.submissions)
    return answers


def _answer(run: list[_Request], answers: "Sequence[list[Outcome] | Exception]") -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Request, list[Outcome] | Exception]]] = {}
    for request, answer in zip(run, answers, strict=True):
        by_loop.setdefault(request.loop, []).append((request, answer))
    for loop, answered in by_loop.items():
        # When the event loop is closed nobody waits any more; what was accepted is in the books.
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, answered)


def _resolve(answered: "list[tuple[_Request, list[Outcome] | Exception]]") -> None:
    for request, answer in answered:
        if request.answer.done():
            continue
        if isinstance(answer, Exception):
            request.answer.set_exception(answer)
        else:
            request.answer.set_result(answer)
