"""How what the domain says is written as JSON: bytes as 0x hex, addresses with EIP-55's capitals."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from api.catalogue import type_of
from api.schemas import (
    CheckoutAnswer,
    CheckoutPayment,
    Counterpart,
    HistoryAnswer,
    LotAnswer,
    MerchantAnswer,
    PartAnswer,
    ReceiptAnswer,
    SessionAnswer,
)
from api.schemas import HistoryItem as HistoryItemAnswer
from coin.ledger.statements import HeldLot, HistoryItem, Page
from coin.messages import checksum_address
from coin.payments import Accepted, Outcome, PaidPart
from coin.payments.checkouts import Checkout, CheckoutStatus
from coin.program import LotKind
from coin.qr.text import Dynamic, build
from coin.receipts import Receipt
from coin.records.kinds import KINDS
from coin.registry.merchants import Merchant
from coin.registry.municipality import Municipality
from coin.registry.sessions import Session

_LONGEST_NAME_IN_CODE = 25


def hex_of(value: bytes) -> str:
    """0x hex."""
    return "0x" + value.hex()


def hex_or_none(value: bytes | None) -> str | None:
    """0x hex, or null."""
    return None if value is None else hex_of(value)


def session_answer(session: Session) -> SessionAnswer:
    """An opened session."""
    return SessionAnswer(token=session.token, expires_at=session.expires_at_s, scopes=sorted(session.scopes))


def lots_answer(lots: Sequence[HeldLot]) -> list[LotAnswer]:
    """Lots in the order of the books."""
    return [
        LotAnswer(kind=LotKind(lot.kind), expiry=lot.expiry_s, fund=lot.fund or None, amount=lot.amount)
        for lot in lots
    ]


def history_answer(
    page: Page, payments: Mapping[int, bytes], shops: Mapping[tuple[str, str], str]
) -> HistoryAnswer:
    """A page of a wallet's history; `payments` are ids by their number in the journal, `shops` names by counterpart."""
    return HistoryAnswer(
        items=[_history_item(item, payments.get(item.sequence or 0), shops) for item in page.items],
        next_cursor=None if page.next_cursor is None else _write_cursor(page.next_cursor),
    )


def _history_item(
    item: HistoryItem, payment: bytes | None, shops: Mapping[tuple[str, str], str]
) -> HistoryItemAnswer:
    return HistoryItemAnswer(
        what=_what(item.kind),
        accepted_at_ms=item.accepted_at_ms,
        sequence=item.sequence,
        amount=item.amount,
        lots=lots_answer(item.lots),
        others=[
            Counterpart(kind=kind, reference=reference, name=shops.get((kind, reference)))
            for kind, reference in item.others
        ],
        payment=hex_or_none(payment),
    )


def _what(kind: int) -> str:
    row = KINDS.get(kind)
    return row.history if row else "other"


def _write_cursor(cursor: str) -> str:
    return urlsafe_b64encode(UUID(cursor).bytes).rstrip(b"=").decode()


def read_cursor(text: str) -> str:
    """What the books know a cursor of ours by; `text` has 22 characters of base64url, so any is some UUID."""
    return str(UUID(bytes=urlsafe_b64decode(text + "==")))


def receipt_json(receipt: Receipt) -> dict[str, object]:
    """A receipt, as `ReceiptAnswer` describes it."""
    return {
        "merchant": checksum_address(receipt.merchant),
        "till": receipt.till,
        "checkout": receipt.checkout,
        "payment": hex_of(receipt.payment),
        "amount": receipt.amount,
        "sequence": receipt.sequence,
        "accepted_at_ms": receipt.accepted_at_ms,
        "key_id": hex_of(receipt.key_id),
        "signature": hex_of(receipt.signature),
    }


def parts_json(parts: Sequence[PaidPart]) -> list[dict[str, object]]:
    """The parts of an amount by kind; which lots were spent is between the payer and the books."""
    totals: Counter[str] = Counter()
    for part in parts:
        totals[part.kind] += part.amount
    return [{"kind": kind, "amount": amount} for kind, amount in sorted(totals.items())]


def outcome_json(outcome: Outcome) -> dict[str, object]:
    """One result of `POST /v1/payments`."""
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


def merchant_answer(merchant: Merchant) -> MerchantAnswer:
    """A shop as it is registered."""
    return MerchantAnswer(
        number=merchant.number,
        name=merchant.name,
        name_romaji=merchant.name_romaji,
        address=checksum_address(merchant.address),
        category=merchant.category,
    )


def checkout_payment(accepted: Accepted) -> CheckoutPayment:
    """What paid a checkout."""
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
    is_party: bool = True,
) -> CheckoutAnswer:
    """A checkout, with what only its parties may see where `is_party`."""
    return CheckoutAnswer(
        checkout=checkout.id,
        merchant=merchant_answer(merchant),
        amount=checkout.amount_yen,
        reference=checkout.reference if is_party else None,
        qr=_code_of(municipality, merchant, checkout),
        deadline=checkout.deadline_ms,
        status=status,
        payment=payment if is_party else None,
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
