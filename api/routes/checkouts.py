"""Checkouts: a till opens one for an amount and can cancel it, or a wallet that has read a sticker opens one."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BeforeValidator, Field, StringConstraints

from api.answers import hex_of, merchant_answer, parts_json, receipt_json
from api.auth import AnyTill, AnyWallet, CheckoutReader, GatewayOf, not_yours
from api.gateway import Gateway
from api.idempotency import Key, once
from api.problems import BODY, INVALID, KEYED, SESSION, declared
from api.schemas import (
    CHECKOUT_ID,
    Amount,
    AnswerBody,
    CheckoutId,
    MerchantAnswer,
    Milliseconds,
    PartAnswer,
    ReceiptAnswer,
    RequestBody,
)
from api.validation import plain_digits
from coin.formats import MAX_MERCHANT_NUMBER
from coin.payments import Accepted, checkouts, progress
from coin.payments.checkouts import Checkout, CheckoutStatus
from coin.payments.slips import MAX_REFERENCE, keep_reference, references_of
from coin.payments.stored import load_accepted
from coin.qr.text import Dynamic, build
from coin.registry import merchants
from coin.registry.books import Books
from coin.registry.merchants import Merchant
from coin.registry.municipality import Municipality
from coin.registry.sessions import Principal

router = APIRouter(tags=["checkouts"])
_LONGEST_NAME_IN_CODE = 25
CheckoutPath = Annotated[str, Path(pattern=CHECKOUT_ID)]
_RULES = ("merchant_closed", "payment_limit", "too_many_open_checkouts", "daily_quota")


class TillCheckoutRequest(RequestBody):
    """The checkout that a till wants to open."""

    amount: Amount
    reference: (
        Annotated[
            str,
            StringConstraints(min_length=1, max_length=MAX_REFERENCE),
            Field(
                description="the shop's own number of the slip or order; personal data, for its tills only"
            ),
        ]
        | None
    ) = None
    checkout: (
        Annotated[
            CheckoutId,
            Field(
                description="130 random bits drawn by the till: no receipt for it can be older than this request"
            ),
        ]
        | None
    ) = None


class StaticCheckoutRequest(RequestBody):
    """The amount that the payer typed."""

    amount: Amount


class CheckoutPayment(AnswerBody):
    """What paid a checkout."""

    payment: str
    amount: int
    sequence: int
    accepted_at_ms: Milliseconds
    receipt: ReceiptAnswer
    parts: list[PartAnswer]


class CheckoutAnswer(AnswerBody):
    """A checkout; `payment` is shown only to its shop, its opener and its payer, `reference` only to tills of its shop."""

    checkout: str
    merchant: MerchantAnswer
    amount: int
    reference: str | None
    qr: str
    deadline: Milliseconds
    status: CheckoutStatus
    payment: CheckoutPayment | None


@router.post(
    "/tills/checkouts",
    summary="レジでお会計を開く / Open a checkout at a till",
    status_code=201,
    responses=declared(BODY, SESSION, KEYED, _RULES, "checkout_exists"),
)
def open_by_till(gateway: GatewayOf, till: AnyTill, key: Key, body: TillCheckoutRequest) -> CheckoutAnswer:
    """Open a checkout at this session's till; the customer scans `qr`. A till that draws the id itself (`checkout`) cannot
    be given an older checkout that was paid already."""
    if till.till is None or till.merchant_number is None:
        raise not_yours()
    number, at = till.merchant_number, till.till

    def create(books: Books) -> CheckoutAnswer:
        made = checkouts.open_by_till(
            books,
            merchant_number=number,
            till=at,
            amount_yen=body.amount,
            drawn=body.checkout,
        )
        keep_reference(books, gateway.personal, made.id, body.reference)
        return _opened(books, made)

    opened = once(gateway, till, key, ("/v1/tills/checkouts", body), CheckoutAnswer, create)
    return opened.model_copy(update={"reference": body.reference})


@router.post(
    "/tills/checkouts/{checkout}/cancellation",
    summary="お会計を取り消す / Cancel a checkout",
    responses=declared(INVALID, SESSION, "checkout_unknown"),
)
def cancel_checkout(gateway: GatewayOf, till: AnyTill, checkout: CheckoutPath) -> CheckoutAnswer:
    """Cancel a checkout of this shop's tills, so that nobody can pay it any more. The answer is the checkout as it is then:
    `cancelled`, or `paid` if a payment came first; exactly one of the two, for ever. Asking again gives the same answer, so
    no Idempotency-Key is needed."""
    if till.merchant_number is None:
        raise not_yours()
    with gateway.books() as books:
        checkouts.cancel(books, checkout, merchant_number=till.merchant_number)
    return look(gateway, till, checkout)


@router.post(
    "/merchants/{number}/checkouts",
    summary="ステッカーからお会計を開く / Open a checkout from a sticker",
    status_code=201,
    responses=declared(
        BODY, SESSION, KEYED, _RULES, "merchant_unknown", "wallet_unknown", "holder_without_value"
    ),
)
def open_by_wallet(
    gateway: GatewayOf,
    wallet: AnyWallet,
    key: Key,
    body: StaticCheckoutRequest,
    number: Annotated[int, BeforeValidator(plain_digits), Path(ge=1, le=MAX_MERCHANT_NUMBER)],
) -> CheckoutAnswer:
    """Open a checkout for the amount that the payer typed after reading a shop's sticker."""
    if wallet.wallet is None:
        raise not_yours()
    opener = wallet.wallet

    def create(books: Books) -> CheckoutAnswer:
        made = checkouts.open_by_wallet(
            books,
            merchant_number=number,
            wallet=opener,
            amount_yen=body.amount,
        )
        return _opened(books, made)

    return once(gateway, wallet, key, (f"/v1/merchants/{number}/checkouts", body), CheckoutAnswer, create)


@router.get(
    "/checkouts/{checkout}",
    summary="お会計を見る / Look at a checkout",
    responses=declared(INVALID, SESSION, "checkout_unknown"),
)
def read_checkout(gateway: GatewayOf, reader: CheckoutReader, checkout: CheckoutPath) -> CheckoutAnswer:
    """Read a checkout: for any wallet that knows its id, and for the tills of its shop."""
    return look(gateway, reader, checkout)


def look(gateway: Gateway, reader: Principal, checkout: str) -> CheckoutAnswer:
    """Return a checkout as this caller may see it, now.

    Raises:  NotFound (`checkout_unknown`); Unavailable.
    """
    with gateway.books() as books:
        found = checkouts.get(books, checkout)
        if reader.wallet is None and reader.merchant_number != found.merchant_number:
            raise checkouts.unknown()
        merchant = merchants.by_number(books, found.merchant_number)
        is_party = _is_party(books, reader, found)
        references = references_of(books, gateway.personal, [checkout] if reader.wallet is None else [])
        paid_by = None
        if is_party and found.payment is not None:
            accepted = load_accepted(books, [found.payment])
            paid_by = checkout_payment(accepted[found.payment])
    status = found.status(gateway.clock.now_ms())
    return checkout_answer(
        gateway.municipality,
        merchant,
        found,
        status,
        payment=paid_by if is_party else None,
        reference=references.get(checkout),
    )


def _opened(books: Books, made: Checkout) -> CheckoutAnswer:
    merchant = merchants.by_number(books, made.merchant_number)
    return checkout_answer(books.municipality, merchant, made, CheckoutStatus.OPEN)


def _is_party(books: Books, reader: Principal, found: Checkout) -> bool:
    if reader.wallet is None or reader.wallet == found.wallet:
        return True
    if found.payment is None:
        return False
    return progress.find(books, found.payment).payer == reader.wallet


def checkout_payment(accepted: Accepted) -> CheckoutPayment:
    """Return what paid a checkout."""
    return CheckoutPayment(
        payment=hex_of(accepted.payment),
        amount=accepted.receipt.amount,
        sequence=accepted.sequence,
        accepted_at_ms=accepted.accepted_at_ms,
        receipt=ReceiptAnswer.model_validate(receipt_json(accepted.receipt)),
        parts=[PartAnswer.model_validate(part) for part in parts_json(accepted.parts)],
    )


def checkout_answer(
    municipality: Municipality,
    merchant: Merchant,
    checkout: Checkout,
    status: CheckoutStatus,
    *,
    payment: CheckoutPayment | None = None,
    reference: str | None = None,
) -> CheckoutAnswer:
    """Return a checkout; `payment` and `reference` are not for everybody."""
    return CheckoutAnswer(
        checkout=checkout.id,
        merchant=merchant_answer(merchant),
        amount=checkout.amount_yen,
        reference=reference,
        qr=_code_of(municipality, merchant, checkout),
        deadline=checkout.deadline_ms,
        status=status,
        payment=payment,
    )


def _code_of(municipality: Municipality, merchant: Merchant, checkout: Checkout) -> str:
    return build(
        Dynamic(
            municipality=municipality.code,
            merchant_number=merchant.number,
            sticker_version=merchant.sticker_version,
            name=merchant.name_romaji,
            city=merchant.city_romaji,
            category=merchant.category,
            name_ja=merchant.name[:_LONGEST_NAME_IN_CODE],
            amount_yen=checkout.amount_yen,
            checkout=checkout.id,
        )
    )
