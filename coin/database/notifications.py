"""A connection that listens for notifications, and reconnects by itself. Knows no table and no channel."""

import asyncio
import logging
from collections.abc import Callable
from typing import LiteralString

import psycopg
from psycopg import sql

WAITS_S = (0.1, 0.3, 1.0, 3.0)
_PROBE_S = 30.0
_log = logging.getLogger("bandai.database")


async def listen(
    url: str, channel: LiteralString, heard: Callable[[str], None], connected: Callable[[], None]
) -> None:
    """Call `heard` with the payload of each notification until this task is cancelled.

    `connected` is called whenever listening begins: earlier notifications were missed, so that waiting callers must read the
    books. A silently broken connection is noticed within half a minute.
    """
    failures = 0
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                failures = 0
                connected()
                await _hear(connection, heard)
        except psycopg.OperationalError as error:
            wait_s = WAITS_S[min(failures, len(WAITS_S) - 1)]
            failures += 1
            _log.warning("not listening (%s); trying again", type(error).__name__)
            await asyncio.sleep(wait_s)


async def _hear(connection: psycopg.AsyncConnection, heard: Callable[[str], None]) -> None:
    while True:
        async for notification in connection.notifies(timeout=_PROBE_S):
            heard(notification.payload)
        await connection.execute("SELECT 1")
