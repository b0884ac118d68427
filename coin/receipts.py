"""Receipts: the issuer's signed promise for one accepted authorization. Tills and wallets verify it with the pinned key.

A receipt has the payee, the till, the checkout, the payment, the amount, the number in the journal and the time of
acceptance, but not the payer. Source: EIP-712; docs/formats.md §4.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from coin import core, messages
from coin.errors import InvalidInput
from coin.messages import WORD, Domain, checkout_word, key_id
from coin.signatures import Signed, check_signatures


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt; `till` is the till's id, or '' if there was none; the signature has 65 bytes."""

    merchant: bytes
    till: str
    checkout: str | None
    payment: bytes
    amount: int
    sequence: int
    accepted_at_ms: int
    key_id: bytes
    signature: bytes = b""

    @property
    def message(self) -> messages.Receipt:
        """The message that is signed."""
        return messages.Receipt(
            merchant=self.merchant,
            till=self.till,
            checkout=checkout_word(self.checkout),
            payment=self.payment,
            amount=self.amount,
            sequence=self.sequence,
            accepted_at_ms=self.accepted_at_ms,
            key_id=self.key_id,
        )


class ReceiptSigner:
    """Signs receipts; the receipts key never leaves this object."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.address = core.addresses(key)
        self.key_id = key_id(self.address)

    def __repr__(self) -> str:
        return f"ReceiptSigner({self.address.hex()})"

    def sign(self, domain: Domain, receipts: Sequence[Receipt]) -> list[Receipt]:
        """Sign receipts in one call of the core."""
        if not receipts:
            return []
        words = [receipt.message.words for receipt in receipts]
        columns = [
            b"".join(row[at : at + WORD] for row in words)
            for at in range(0, messages.Receipt.TYPE.size, WORD)
        ]
        digests = core.digests(domain.separator, messages.Receipt.TYPE.type_hash, columns)
        signatures = core.split(core.sign(self._key * len(receipts), digests), core.SIGNATURE_BYTES)
        return [replace(receipt, signature=made) for receipt, made in zip(receipts, signatures, strict=True)]

    def demand(self, receipt_key: bytes) -> None:
        """Refuse a municipality with another registered receipts key.

        Raises:  InvalidInput (`receipt_key_differs`).
        """
        if self.address != receipt_key:
            raise InvalidInput(
                "受領証の鍵が登録されたものと違います。",
                "The receipts key is not the registered one.",
                field="receipt_key",
                code="receipt_key_differs",
            )


def are_genuine(domain: Domain, receipts: Sequence[Receipt], receipt_key: bytes) -> list[bool]:
    """Verify receipts in one call of the core; item i says whether receipt i is exactly what that key signed."""
    rows = {
        place: Signed(words, receipt.signature, receipt_key)
        for place, receipt in enumerate(receipts)
        if receipt.key_id == key_id(receipt_key) and (words := _words_if_any(receipt)) is not None
    }
    checked = zip(rows, check_signatures(domain, messages.Receipt.TYPE, list(rows.values())), strict=True)
    good = {place for place, found in checked if found.signature is not None}
    return [place in good for place in range(len(receipts))]


def _words_if_any(receipt: Receipt) -> bytes | None:
    try:
        return receipt.message.words
    except (InvalidInput, UnicodeEncodeError):  # the books were changed: no receipt can have such a value
        return None
