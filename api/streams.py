"""What every stream of server-sent events keeps to: how long it lives, how it waits, when it looks again.

A notification only wakes a stream, which then checks the session and reads the books. A lost notification costs seconds, and
never leads to a wrong answer.
"""

import asyncio
from contextlib import suppress

LOOK_AGAIN_S = 15.0
LONGEST_S = 900.0
BOOKS_AWAY_S = 1.0
RECONNECT_MS = 1_000


async def pause(woken: asyncio.Event, wait_s: float) -> None:
    """Wait until the stream is woken, at most so long."""
    with suppress(TimeoutError):
        await asyncio.wait_for(woken.wait(), wait_s)
