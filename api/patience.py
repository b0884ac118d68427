"""A time limit for request heads: a connection whose head is not complete in time is closed; a refused request writes no line.

uvicorn limits the idle time between requests, but not the time of a head, or of the unread rest of a body, that arrives byte
by byte. A thousand such connections would leave none for the town. A body that is read has its own limit in `api.guard`.
"""

import asyncio
import logging
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_LIFE_S = 10.0
# uvicorn warns of each request that is malformed or asks for another protocol: anybody could fill the log with these.
_LOG = logging.getLogger("bandai.http")
_LOG.setLevel(logging.ERROR)


class Patient(H11Protocol):
    """uvicorn's HTTP/1.1 protocol with a time limit for heads."""

    head_life_s = HEAD_LIFE_S
    _end: asyncio.TimerHandle | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.logger = _LOG

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer for the first head."""
        super().connection_made(transport)
        self._watch_head()

    def data_received(self, data: bytes) -> None:
        """Read on; a head that has begun must be complete in time."""
        super().data_received(data)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timer."""
        self._forget_end()
        super().connection_lost(exc)

    def _watch_head(self) -> None:
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if is_answering:
            self._forget_end()
        elif self._end is None:
            self._end = self.loop.call_later(self.head_life_s, self.transport.close)

    def _forget_end(self) -> None:
        if self._end is not None:
            self._end.cancel()
        self._end = None
