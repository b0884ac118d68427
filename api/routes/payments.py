"""Payments: the hot route. Bytes are parsed once, strictly, and go into the queue; `accept` is the only way in."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import ValidationError
from pydantic_core import to_json

from api.answers import hex_of, hex_or_none, outcome_json
from api.auth import GatewayOf, PaymentReader, gateway_of, rates_of
from api.problems import BODY, INVALID, SESSION, declared
from api.schemas import (
    AuthorizationRequest,
    CancellationAnswer,
    CancellationRequest,
    PaymentAnswer,
    PaymentsAnswer,
    PaymentsRequest,
)
from api.validation import invalid_request
from coin.errors import CoinError, InvalidInput
from coin.messages import parse_address, parse_bytes32
from coin.operations import cancel as cancels
from coin.operations.cancel import Cancel
from coin.payments import Authorization, Submission, progress
from coin.payments.progress import Progress
from coin.registry.sessions import Principal, PrincipalKind

router = APIRouter(prefix="/payments", tags=["payments"])
_CANCEL_RULES = (
    "signature_invalid",
    "nonce_used",
    "nonce_out_of_window",
    "holder_unknown",
    "holder_is_merchant",
    "account_exiting",
)
_REQUEST_SCHEMA = {
    "required": True,
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PaymentsRequest"}}},
}


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
    """Submit signed authorizations. No session: the signature is the authority. Each is accepted or refused by
    itself; the same authorization for the same checkout gets its first answer again, however often it is sent."""
    submissions = parse(await request.body())
    rates_of(request).count_more(request.scope, len(submissions) - 1)
    outcomes = await gateway_of(request).queue.submit(submissions)
    body = to_json({"results": [outcome_json(outcome) for outcome in outcomes]})
    return Response(body, media_type="application/json", headers={"cache-control": "no-store"})


def parse(body: bytes) -> list[Submission]:
    """Read the authorizations of a request.

    Raises:  InvalidInput naming every field that is wrong; nothing was submitted then.
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
    """Use up the nonce of an authorization that was never accepted. No session: the signature is the authority."""
    message = Cancel(
        authorizer=parse_address(body.authorizer, "authorizer"),
        nonce=parse_bytes32(body.nonce, "nonce"),
        signature=bytes.fromhex(body.signature[2:]),
    )
    with gateway.books() as books:
        posted = cancels.cancel(books.connection, books.municipality, books.clock, message, actor="payer")
    return CancellationAnswer(sequence=posted.sequence, accepted_at_ms=posted.accepted_at_ms)


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
    """How far a payment is: for its payer, its payee (the tills of the shop) and staff."""
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
