"""Receipts: the issuer's signed promise, verified with the pinned key.

Decides whether a receipt is genuine. It needs no network.

Source:  docs/formats.md §4 (Receipt).
"""

from dataclasses import dataclass
from typing import Any

from bandai_client._errors import receipt_wrong
from bandai_client._keys import signer_of
from bandai_client._reading import Json, read_hex, take, take_optional
from bandai_client._town import Town
from coin import messages
from coin.errors import InvalidInput, Rejected
from coin.messages import checkout_word, checksum_address, key_id, parse_address, parse_bytes32


@dataclass(frozen=True)
class Receipt:
    """A receipt for one payment; `verify_receipt` checks that it is genuine."""

    merchant: bytes
    till: str
    checkout: str | None
    payment: bytes
    amount_yen: int
    sequence: int
    accepted_at_ms: int
    key_id: bytes
    signature: bytes

    @classmethod
    def read(cls, answer: Json) -> "Receipt":
        """Read the `receipt` of an accepted payment."""
        return cls(
            merchant=parse_address(take(answer, "merchant", str), "merchant"),
            till=take_optional(answer, "till", str) or "",
            checkout=take_optional(answer, "checkout", str),
            payment=parse_bytes32(take(answer, "payment", str), "payment"),
            amount_yen=take(answer, "amount", int),
            sequence=take(answer, "sequence", int),
            accepted_at_ms=take(answer, "accepted_at_ms", int),
            key_id=parse_bytes32(take(answer, "key_id", str), "key_id"),
            signature=read_hex(take(answer, "signature", str), "signature"),
        )

    def digest(self, town: Town) -> bytes:
        """Return the digest that the issuer signs."""
        promise = messages.Receipt(
            merchant=self.merchant,
            till=self.till,
            checkout=checkout_word(self.checkout),
            payment=self.payment,
            amount=self.amount_yen,
            sequence=self.sequence,
            accepted_at_ms=self.accepted_at_ms,
            key_id=self.key_id,
        )
        return promise.digest(town.domain)

    def as_json(self) -> dict[str, Any]:
        """Return the JSON object as the gateway sent it."""
        return {
            "merchant": checksum_address(self.merchant),
            "till": self.till,
            "checkout": self.checkout,
            "payment": "0x" + self.payment.hex(),
            "amount": self.amount_yen,
            "sequence": self.sequence,
            "accepted_at_ms": self.accepted_at_ms,
            "key_id": "0x" + self.key_id.hex(),
            "signature": "0x" + self.signature.hex(),
        }


def verify_receipt(town: Town, receipt: Receipt) -> None:
    """Verify that the town's receipts key signed exactly this receipt.

    Raises:  CoinError (receipt_wrong), naming `key_id` or `signature`.
    """
    if receipt.key_id != key_id(town.receipt_key):
        raise receipt_wrong("key_id")
    try:
        signer = signer_of(receipt.digest(town), receipt.signature)
    except (InvalidInput, Rejected, UnicodeEncodeError):
        raise receipt_wrong("signature") from None
    if signer != town.receipt_key:
        raise receipt_wrong("signature")
