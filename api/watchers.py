"""The streams of this process that wait for a topic, a checkout or a shop: woken by PostgreSQL, limited in number, ended with
the process.

A stream costs one entry here: no thread, no database connection, and no buffer that a slow reader could fill. One connection
of the process listens for all streams. Being woken only means: read the books again.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from coin.database.notifications import listen
from coin.errors import TooManyRequests, Unavailable
from coin.payments.announcements import CHANNEL, heard
from coin.registry.sessions import Principal, PrincipalKind

MOST = {PrincipalKind.TILL: 400, PrincipalKind.WALLET: 100}
"""How many streams at once: half of the 1,024 files that a process may usually have open. Anybody can make wallets, so
theirs never take the places of tills."""
MOST_OF_ONE = 8
_COME_BACK_S = 5


class Watchers:
    """The waiting streams of one event loop; `close` may be called from any thread."""

    def __init__(self, url: str, municipality: str) -> None:
        self._url = url
        self._municipality = municipality
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._count: Counter[str] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening: asyncio.Task[None] | None = None
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """Whether the process is about to end, and with it every stream."""
        return self._is_closed

    def __len__(self) -> int:
        return sum(len(events) for events in self._waiting.values())

    @contextmanager
    def place(self, caller: Principal, topic: str) -> Iterator[asyncio.Event]:
        """Register a stream for a topic; the event is set whenever it should be read again.

        Raises:  TooManyRequests, if this caller has 8 streams already, or if all streams for wallets (or for tills) are in
                 use; Unavailable (`shutting_down`).
        """
        self._refuse_if_full(caller)
        self._listen()
        woken = asyncio.Event()
        self._waiting[topic].add(woken)
        self._count.update((caller.kind, caller.subject))
        try:
            yield woken
        finally:
            self._count.subtract((caller.kind, caller.subject))
            self._count += Counter()  # drops callers without a stream
            self._waiting[topic].discard(woken)
            if not self._waiting[topic]:
                del self._waiting[topic]

    def close(self) -> None:
        """Wake every stream a last time and stop listening."""
        self._is_closed = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end)

    def _refuse_if_full(self, caller: Principal) -> None:
        if self._is_closed:
            raise Unavailable("終了処理中です。", "The gateway is shutting down.", code="shutting_down")
        if self._count[caller.subject] >= MOST_OF_ONE or self._count[caller.kind] >= MOST[caller.kind]:
            raise TooManyRequests(_COME_BACK_S)

    def _listen(self) -> None:
        if self._listening is None or self._listening.done():
            self._loop = asyncio.get_running_loop()
            self._listening = self._loop.create_task(listen(self._url, CHANNEL, self._heard, self._wake_all))

    def _heard(self, payload: str) -> None:
        municipality, topics = heard(payload)
        if municipality == self._municipality:
            for topic in self._waiting.keys() & topics:
                _wake(self._waiting[topic])

    def _wake_all(self) -> None:
        for events in self._waiting.values():
            _wake(events)

    def _end(self) -> None:
        self._wake_all()
        if self._listening is not None:
            self._listening.cancel()


def _wake(events: set[asyncio.Event]) -> None:
    for event in events:
        event.set()
