"""Tills: a device becomes a till with a pairing code, and can list its shop's recent checkouts."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from api.answers import merchant_answer
from api.auth import AnyTill, GatewayOf, not_yours
from api.problems import BODY, INVALID, SESSION, declared
from api.routes.checkouts import CheckoutAnswer, checkout_answer, checkout_payment
from api.schemas import AnswerBody, MerchantAnswer, Milliseconds, RequestBody
from coin.office.credentials import pair_till
from coin.payments import checkouts
from coin.payments.slips import references_of
from coin.payments.stored import load_accepted
from coin.registry import merchants

router = APIRouter(prefix="/tills", tags=["tills"])
MOST_RECENT = 200
_MINUTE_MS = 60_000


class RecentCheckout(AnswerBody):
    """A checkout of the shop; `till` is the label of its till, null if a wallet opened it from the sticker."""

    checkout: CheckoutAnswer
    till: str | None
    opened_at: Milliseconds


class RecentAnswer(AnswerBody):
    """A shop's last checkouts, newest first; `more` is true if older ones were left out."""

    items: list[RecentCheckout]
    more: bool


class PairingRequest(RequestBody):
    """The code that the town gave to the shop, without spaces or hyphens."""

    code: Annotated[str, StringConstraints(pattern="^[0-9A-HJKMNP-TV-Z]{12}$")]


class PairingAnswer(AnswerBody):
    """The till that this device has become, and its credential, which is shown only once."""

    credential: str
    till: str
    label: str
    merchant: MerchantAnswer


@router.post(
    "/pairings",
    summary="レジを登録する / Pair a till",
    status_code=201,
    responses=declared(BODY, "pairing_code_invalid"),
)
def pair(gateway: GatewayOf, body: PairingRequest) -> PairingAnswer:
    """Become a till with the code that the town gave to the shop: once, within 15 minutes. No session is needed: the code is
    enough. A till is one device; a device that was paired as this till before loses its credential."""
    with gateway.books() as books:
        till, made = pair_till(books, body.code)
        merchant = merchants.by_number(books, till.merchant_number)
    return PairingAnswer(
        credential=made.secret, till=str(till.id), label=till.label, merchant=merchant_answer(merchant)
    )


@router.get("/checkouts", summary="この数分のお会計 / Recent checkouts", responses=declared(INVALID, SESSION))
def read_recent(
    gateway: GatewayOf, till: AnyTill, minutes: Annotated[int, Query(ge=1, le=60)] = 10
) -> RecentAnswer:
    """The recent checkouts of this till's shop, for a till that had no network: those of all its tills, and those paid by
    its sticker, with their receipts."""
    if till.merchant_number is None:
        raise not_yours()
    town, now_ms = gateway.municipality, gateway.clock.now_ms()
    with gateway.books() as books:
        merchant = merchants.by_number(books, till.merchant_number)
        found = checkouts.recent(
            books, merchant.number, since_ms=now_ms - minutes * _MINUTE_MS, count=MOST_RECENT + 1
        )
        paid = load_accepted(books, [one.payment for _, one in found if one.payment is not None])
        references = references_of(books, gateway.personal, [one.id for _, one in found])
    items = [
        RecentCheckout(
            checkout=checkout_answer(
                town,
                merchant,
                one,
                one.status(now_ms),
                payment=checkout_payment(paid[one.payment]) if one.payment is not None else None,
                reference=references.get(one.id),
            ),
            till=label,
            opened_at=one.opened_at_ms,
        )
        for label, one in found[:MOST_RECENT]
    ]
    return RecentAnswer(items=items, more=len(found) > MOST_RECENT)
