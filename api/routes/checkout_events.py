"""The state of a checkout as a stream of server-sent events, one for each change.

Source:  HTML Living Standard, server-sent events (the frames are FastAPI's).
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from api.auth import CheckoutReader, GatewayOf, token_of
from api.gateway import Gateway
from api.problems import INVALID, SESSION, declared
from api.routes.checkouts import CheckoutAnswer, CheckoutPath, look
from api.streams import BOOKS_AWAY_S, LONGEST_S, LOOK_AGAIN_S, RECONNECT_MS, pause
from coin.errors import CoinError, Unavailable
from coin.payments.checkouts import CheckoutStatus
from coin.registry import sessions

router = APIRouter(tags=["checkouts"])
EVENT = "checkout"
_LAST_COMMIT_MS = 2_000  # an acceptance before the deadline may be committed shortly after it


async def a_place(
    gateway: GatewayOf, reader: CheckoutReader, checkout: CheckoutPath
) -> AsyncIterator[asyncio.Event]:
    """Reserve one of the limited streams for a caller who may read the checkout; it is released when the stream ends."""
    await run_in_threadpool(look, gateway, reader, checkout)
    with gateway.watchers.place(reader, checkout) as woken:
        yield woken


@router.get(
    "/checkouts/{checkout}/events",
    summary="お会計を見守る / Follow a checkout",
    response_class=EventSourceResponse,
    responses={
        200: {"description": "Events `checkout`; the data of each is a CheckoutAnswer."},
        **declared(INVALID, SESSION, "checkout_unknown", "shutting_down"),
    },
)
async def watch_checkout(
    gateway: GatewayOf,
    token: Annotated[str, Depends(token_of)],
    checkout: CheckoutPath,
    woken: Annotated[asyncio.Event, Depends(a_place)],
) -> AsyncIterator[ServerSentEvent]:
    """Follow a checkout: an event `checkout` with the same data as `GET /v1/checkouts/{checkout}`, at once and at each
    change, until it is paid, cancelled or expired. Comments keep the connection open. After a lost connection ask again; nothing is
    missed. If you get 429 (a caller has at most 8 streams) or no stream at all, poll `GET /v1/checkouts/{checkout}`."""
    said: CheckoutAnswer | None = None
    end_s = time.monotonic() + LONGEST_S
    while time.monotonic() < end_s and not gateway.watchers.is_closed:
        woken.clear()
        try:
            now = await run_in_threadpool(_look, gateway, token, checkout)
        except Unavailable:
            await pause(woken, BOOKS_AWAY_S)
            continue
        except CoinError:
            return  # the session has ended; the next request gets the error
        if now.status is CheckoutStatus.EXPIRED and _left_ms(gateway, now) > 0:
            await pause(woken, _wait_s(gateway, now))  # not final: it may still be paid
            continue
        if now != said:
            yield ServerSentEvent(event=EVENT, data=now, retry=RECONNECT_MS)
            said = now
        if now.status is not CheckoutStatus.OPEN:
            return
        await pause(woken, _wait_s(gateway, now))


def _look(gateway: Gateway, token: str, checkout: str) -> CheckoutAnswer:
    with gateway.books() as books:
        reader = sessions.principal_of(books, token)
    return look(gateway, reader, checkout)


def _wait_s(gateway: Gateway, now: CheckoutAnswer) -> float:
    return min(LOOK_AGAIN_S, max(_left_ms(gateway, now), 100) / 1000)


def _left_ms(gateway: Gateway, now: CheckoutAnswer) -> int:
    return now.deadline + _LAST_COMMIT_MS - gateway.clock.now_ms()
