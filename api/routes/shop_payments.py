"""A shop's payments for its tills: every one as it happens, as a stream, and back through the days, as pages.

The id of an event is the payment's number in the journal. A stream that goes on after it (Last-Event-ID) tells each later
payment once, whatever was lost between.

Source:  HTML Living Standard, server-sent events.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BeforeValidator
from starlette.concurrency import run_in_threadpool

from api.auth import AnyTill, GatewayOf, not_yours, token_of
from api.gateway import Gateway
from api.problems import INVALID, SESSION, declared
from api.routes.checkouts import CheckoutPayment, checkout_payment
from api.schemas import AnswerBody
from api.streams import BOOKS_AWAY_S, LONGEST_S, LOOK_AGAIN_S, RECONNECT_MS, pause
from api.validation import plain_digits
from coin.errors import CoinError, Unavailable
from coin.payments.announcements import topics_of_shops
from coin.payments.of_shop import ShopPayment, last_number, payments_after, payments_before
from coin.payments.slips import references_of
from coin.payments.stored import load_accepted
from coin.registry import sessions
from coin.registry.books import Books
from coin.registry.sessions import Principal

router = APIRouter(prefix="/tills/payments", tags=["tills"])
EVENT = "payment"
PAGE = 200
_NUMBERS_END = 1 << 53  # every program can hold a smaller number exactly
Number = Annotated[int | None, BeforeValidator(plain_digits)]


class ShopPaymentAnswer(AnswerBody):
    """A payment to the shop; `till` is the label of its till, null if it was paid by the sticker; `reference` is what the
    shop wrote on the checkout."""

    payment: CheckoutPayment
    checkout: str | None
    till: str | None
    reference: str | None


class ShopPaymentsAnswer(AnswerBody):
    """A shop's payments, newest first; `more` is true if there are older ones."""

    items: list[ShopPaymentAnswer]
    more: bool


@router.get("", summary="お店の支払いの一覧 / The shop's payments", responses=declared(INVALID, SESSION))
def list_payments(
    gateway: GatewayOf,
    till: AnyTill,
    before: Annotated[
        Number,
        Query(ge=1, lt=_NUMBERS_END, description="only payments with a lower `sequence`: of the page before"),
    ] = None,
) -> ShopPaymentsAnswer:
    """The payments of this till's shop, newest first: those of all its tills and those by its sticker, with their
    receipts."""
    number = _shop_of(till.merchant_number)
    with gateway.books() as books:
        found = payments_before(books, number, before or _NUMBERS_END, count=PAGE + 1)
        items = _answers(books, gateway, found[:PAGE])
    return ShopPaymentsAnswer(items=items, more=len(found) > PAGE)


async def a_place(gateway: GatewayOf, till: AnyTill) -> AsyncIterator[asyncio.Event]:
    """Reserve one of the limited streams for a till; it is released when the stream ends."""
    (topic,) = await run_in_threadpool(_topics, gateway, till)
    with gateway.watchers.place(till, topic) as woken:
        yield woken


def _topics(gateway: Gateway, till: Principal) -> list[str]:
    with gateway.books() as books:
        return topics_of_shops(books, [_shop_of(till.merchant_number)])


@router.get(
    "/events",
    summary="お店の支払いを見守る / Follow the shop's payments",
    response_class=EventSourceResponse,
    responses={
        200: {"description": "Events `payment`; the data of each is a ShopPaymentAnswer."},
        **declared(INVALID, SESSION, "shutting_down"),
    },
)
async def watch_payments(
    gateway: GatewayOf,
    token: Annotated[str, Depends(token_of)],
    woken: Annotated[asyncio.Event, Depends(a_place)],
    last: Annotated[Number, Header(alias="Last-Event-ID", ge=0, lt=_NUMBERS_END)] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Follow the payments of this till's shop: an event `payment` for each, with its `sequence` as id, also for those by the
    sticker. The stream begins now; with `Last-Event-ID`, after that payment, so that nothing is missed and nothing told twice
    when you connect again. Comments keep the connection open. If you get 429 (a caller has at most 8 streams) or no stream at
    all, poll `GET /v1/tills/payments`."""
    end_s = time.monotonic() + LONGEST_S
    told: int | None = None
    while time.monotonic() < end_s and not gateway.watchers.is_closed:
        woken.clear()
        try:
            if told is None:
                told = await run_in_threadpool(_start, gateway, token, last)
                yield ServerSentEvent(id=str(told), retry=RECONNECT_MS)
            news = await run_in_threadpool(_news, gateway, token, told)
        except Unavailable:
            await pause(woken, BOOKS_AWAY_S)
            continue
        except CoinError:
            return  # the session has ended; the next request gets the error
        for item in news:
            told = item.payment.sequence
            yield ServerSentEvent(event=EVENT, id=str(told), data=item)
        if not news:
            await pause(woken, LOOK_AGAIN_S)


def _start(gateway: Gateway, token: str, last: int | None) -> int:
    """Return where the stream begins: at a number that the books have, also if the caller names a later one."""
    with gateway.books() as books:
        present = last_number(books, _shop_of(sessions.principal_of(books, token).merchant_number))
    return present if last is None else min(last, present)


def _news(gateway: Gateway, token: str, told: int) -> list[ShopPaymentAnswer]:
    with gateway.books() as books:
        number = _shop_of(sessions.principal_of(books, token).merchant_number)
        return _answers(books, gateway, payments_after(books, number, told, count=PAGE))


def _answers(books: Books, gateway: Gateway, found: list[ShopPayment]) -> list[ShopPaymentAnswer]:
    accepted = load_accepted(books, [item.payment for item in found])
    references = references_of(books, gateway.personal, [item.checkout for item in found if item.checkout])
    return [
        ShopPaymentAnswer(
            payment=checkout_payment(accepted[item.payment]),
            checkout=item.checkout,
            till=item.till,
            reference=references.get(item.checkout or ""),
        )
        for item in found
    ]


def _shop_of(merchant_number: int | None) -> int:
    if merchant_number is None:
        raise not_yours()
    return merchant_number
