"""JSON of domain values that several routes return: bytes as 0x hex, addresses with the EIP-55 checksum."""

from collections import Counter
from collections.abc import Sequence

from api.schemas import MerchantAnswer
from coin.messages import checksum_address
from coin.payments import PaidPart
from coin.receipts import Receipt
from coin.registry.merchants import Merchant


def hex_of(value: bytes) -> str:
    """0x hex."""
    return "0x" + value.hex()


def hex_or_none(value: bytes | None) -> str | None:
    """0x hex, or null."""
    return None if value is None else hex_of(value)


def receipt_json(receipt: Receipt) -> dict[str, object]:
    """Return a receipt, as `ReceiptAnswer` describes it."""
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
    """Return the amount by kind of value. The lots that were spent are not shown."""
    totals: Counter[str] = Counter()
    for part in parts:
        totals[part.kind] += part.amount
    return [{"kind": kind, "amount": amount} for kind, amount in sorted(totals.items())]


def merchant_answer(merchant: Merchant) -> MerchantAnswer:
    """Return a shop as it is registered."""
    return MerchantAnswer(
        number=merchant.number,
        name=merchant.name,
        name_romaji=merchant.name_romaji,
        address=checksum_address(merchant.address),
        category=merchant.category,
    )
