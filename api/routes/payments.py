"""Payments: the busiest route. The body is parsed once, strictly, and put into the queue; only `accept` decides."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import ConfigDict, Field, ValidationError
from pydantic_core import to_json

from api.answers import hex_of, hex_or_none, parts_json, receipt_json
from api.auth import GatewayOf, PaymentReader, gateway_of, rates_of
from api.catalogue import type_of
from api.problems import BODY, INVALID, SESSION, declared
from api.schemas import (
    Address,
    Amount,
    AnswerBody,
    Bytes32,
    CheckoutId,
    Milliseconds,
    PartAnswer,
    ReceiptAnswer,
    RequestBody,
    SignatureText,
    Uint256,
)
from api.validation import invalid_request
from coin.errors import CoinError, InvalidInput
from coin.messages import parse_address, parse_bytes32
from coin.operations.cancel import Cancel
from coin.operations.perform import perform
from coin.payments import Accepted, Authorization, Outcome, Submission, progress
from coin.payments.progress import PaymentStatus, Progress
from coin.registry.sessions import Principal, PrincipalKind

router = APIRouter(prefix="/payments", tags=["payments"])
MAX_AUTHORIZATIONS = 100
_CANCEL_RULES = (
    "signature_invalid",
    "nonce_used",
    "nonce_out_of_window",
    "holder_unknown",
    "holder_is_merchant",
    "account_exiting",
    "holder_without_value",
    "daily_quota",
)
_REQUEST_SCHEMA = {
    "required": True,
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PaymentsRequest"}}},
}


class AuthorizationRequest(RequestBody):
    """An EIP-3009 TransferWithAuthorization with its signature, and the checkout it pays."""

    model_config = ConfigDict(extra="forbid", strict=True, title="SignedAuthorization")
    checkout: CheckoutId | None = None
    from_: Annotated[Address, Field(alias="from")]
    to: Address
    value: Amount
    validAfter: Uint256  # noqa: N815
    validBefore: Uint256  # noqa: N815
    nonce: Bytes32
    signature: SignatureText


class PaymentsRequest(RequestBody):
    """Signed authorizations. Each is decided by itself, in this order."""

    authorizations: Annotated[list[AuthorizationRequest], Field(min_length=1, max_length=MAX_AUTHORIZATIONS)]


class AcceptedAnswer(AnswerBody):
    """The payment was accepted, now or by an earlier identical request."""

    status: Literal["accepted"]
    payment: str
    sequence: int
    accepted_at_ms: Milliseconds
    receipt: ReceiptAnswer
    parts: list[PartAnswer]


class RefusedAnswer(AnswerBody):
    """The payment was refused and nothing moved; `code` is a rejection of the ladder or `authorization_for_other_checkout`,
    `type` is the page about it."""

    status: Literal["refused"]
    type: str
    code: str
    title: str
    detail: str
    field: str | None = None


class PaymentsAnswer(AnswerBody):
    """One result for each authorization, in their order."""

    results: list[AcceptedAnswer | RefusedAnswer]


class CancellationRequest(RequestBody):
    """An EIP-3009 CancelAuthorization with the payer's signature."""

    authorizer: Address
    nonce: Bytes32
    signature: SignatureText


class CancellationAnswer(AnswerBody):
    """The nonce is used up; no authorization signed with it can be accepted. The receipt proves it: its `payment` is the
    digest of the CancelAuthorization, its `merchant` the authorizer, its `amount` 0."""

    sequence: int
    accepted_at_ms: Milliseconds
    receipt: ReceiptAnswer


class PaymentAnswer(AnswerBody):
    """The progress of a payment; `index` is its position in the batch, and so in the transaction's records."""

    payment: str
    status: PaymentStatus
    merchant: int | None
    amount: int
    checkout: str | None
    sequence: int
    accepted_at_ms: Milliseconds
    batch: int | None
    index: int | None
    transaction: str | None
    block: int | None
    confirmed_at_ms: Milliseconds | None


@router.post(
    "",
    summary="支払いを送る / Submit payments",
    responses={
        200: {"model": PaymentsAnswer, "description": "each authorization was decided"},
        **declared(BODY, "overloaded", "shutting_down"),
    },
    openapi_extra={"requestBody": _REQUEST_SCHEMA},
    response_class=Response,
    response_model=None,
)
async def submit(request: Request) -> Response:
    """Submit signed authorizations. No session is needed: the signature is enough. Each is accepted or refused by itself;
    the same authorization for the same checkout gets its first answer again, however often it is sent."""
    submissions = parse(await request.body())
    rates_of(request).count_more(request.scope, len(submissions) - 1)
    outcomes = await gateway_of(request).queue.submit(submissions)
    body = to_json({"results": [outcome_json(outcome) for outcome in outcomes]})
    return Response(body, media_type="application/json", headers={"cache-control": "no-store"})


def parse(body: bytes) -> list[Submission]:
    """Read the authorizations of a request.

    Raises:  InvalidInput naming every wrong field; then nothing was submitted.
    """
    try:
        request = PaymentsRequest.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise invalid_request(found, skip=0) from None
    return [_submission(place, item) for place, item in enumerate(request.authorizations)]


def _submission(place: int, item: AuthorizationRequest) -> Submission:
    try:
        authorization = Authorization(
            payer=parse_address(item.from_, "from"),
            payee=parse_address(item.to, "to"),
            value=item.value,
            valid_after_s=item.validAfter,
            valid_before_s=item.validBefore,
            nonce=parse_bytes32(item.nonce, "nonce"),
            signature=bytes.fromhex(item.signature[2:]),
        )
    except InvalidInput as error:
        raise _placed(error, place) from None
    return Submission(authorization, item.checkout)


def _placed(error: CoinError, place: int) -> InvalidInput:
    field = f"authorizations.{place}.{error.field}"
    return InvalidInput(f"{place + 1} 件目: {error.ja}", f"item {place}: {error.en}", field=field)


@router.post(
    "/cancellations",
    summary="使わない番号を取り消す / Cancel an unused nonce",
    responses=declared(BODY, _CANCEL_RULES),
)
def cancel(gateway: GatewayOf, body: CancellationRequest) -> CancellationAnswer:
    """Use up the nonce of an authorization that was never accepted. No session is needed: the signature is enough."""
    message = Cancel(
        authorizer=parse_address(body.authorizer, "authorizer"),
        nonce=parse_bytes32(body.nonce, "nonce"),
        signature=bytes.fromhex(body.signature[2:]),
    )
    with gateway.books() as books:
        posted = perform(books, message, actor="payer")
    receipt = gateway.receipt_of_cancel(message.authorizer, posted)
    return CancellationAnswer(
        sequence=posted.sequence,
        accepted_at_ms=posted.accepted_at_ms,
        receipt=ReceiptAnswer.model_validate(receipt_json(receipt)),
    )


@router.get(
    "/{payment}",
    summary="支払いの進み具合 / How far a payment is",
    responses=declared(INVALID, SESSION, "payment_unknown"),
)
def read_payment(
    gateway: GatewayOf,
    reader: PaymentReader,
    payment: Annotated[str, Path(pattern="^0x[0-9a-fA-F]{64}$")],
) -> PaymentAnswer:
    """Read the progress of a payment: for its payer, its payee (the tills of the shop) and staff."""
    with gateway.books() as books:
        found = progress.find(books, parse_bytes32(payment, "payment"))
    if not _may_see(reader, found):
        raise progress.unknown()
    return PaymentAnswer(
        payment=hex_of(found.payment),
        status=found.status,
        merchant=found.merchant_number,
        amount=found.amount_yen,
        checkout=found.checkout,
        sequence=found.sequence,
        accepted_at_ms=found.accepted_at_ms,
        batch=found.batch,
        index=found.index,
        transaction=hex_or_none(found.transaction),
        block=found.block_number,
        confirmed_at_ms=found.confirmed_at_ms,
    )


def _may_see(reader: Principal, found: Progress) -> bool:
    if reader.kind is PrincipalKind.WALLET:
        return reader.wallet in (found.payer, found.payee)
    if reader.kind is PrincipalKind.TILL:
        return found.merchant_number is not None and reader.merchant_number == found.merchant_number
    return True


def outcome_json(outcome: Outcome) -> dict[str, object]:
    """Return one result of `POST /v1/payments`."""
    if isinstance(outcome, Accepted):
        return {"status": "accepted", **_accepted_json(outcome)}
    error = outcome.error
    refused: dict[str, object] = {"status": "refused", "type": type_of(error.code), "code": error.code}
    refused |= {"title": error.ja, "detail": error.en}
    return refused if error.field is None else {**refused, "field": error.field}


def _accepted_json(accepted: Accepted) -> dict[str, object]:
    return {
        "payment": hex_of(accepted.payment),
        "sequence": accepted.sequence,
        "accepted_at_ms": accepted.accepted_at_ms,
        "receipt": receipt_json(accepted.receipt),
        "parts": parts_json(accepted.parts),
    }
