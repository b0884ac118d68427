"""Checkouts as the gateway returns them: the amount, the shop, a till's recent checkouts, and a shop's payments.

Parses only. Wallet and till check whether an answer is true.
"""

from dataclasses import dataclass

from bandai_client._errors import answer_wrong
from bandai_client._reading import Json, take, take_number, take_objects, take_optional
from bandai_client._receipts import Receipt
from coin.messages import parse_address


@dataclass(frozen=True)
class Merchant:
    """A registered shop; a payer is shown `name`."""

    number: int
    name: str
    name_romaji: str
    address: bytes
    category: str

    @classmethod
    def read(cls, answer: Json) -> "Merchant":
        """Read the `merchant` of a checkout."""
        return cls(
            number=take_number(answer, "number"),
            name=take(answer, "name", str),
            name_romaji=take(answer, "name_romaji", str),
            address=parse_address(take(answer, "address", str), "address"),
            category=take(answer, "category", str),
        )


@dataclass(frozen=True)
class Checkout:
    """A checkout; `payment` is what the gateway says about its payment once it is paid, `reference` what the shop wrote."""

    id: str
    merchant: Merchant
    amount_yen: int
    qr_text: str
    deadline_ms: int
    status: str
    payment: Json | None = None
    reference: str | None = None

    @classmethod
    def read(cls, answer: Json) -> "Checkout":
        """Read a checkout."""
        return cls(
            id=take(answer, "checkout", str),
            merchant=Merchant.read(take(answer, "merchant", dict)),
            amount_yen=take(answer, "amount", int),
            qr_text=take(answer, "qr", str),
            deadline_ms=take(answer, "deadline", int),
            status=take(answer, "status", str),
            payment=take_optional(answer, "payment", dict),
            reference=take_optional(answer, "reference", str),
        )

    def receipt(self) -> Receipt:
        """Return the receipt of a paid checkout; it is not verified yet.

        Raises:  CoinError (gateway_answer_wrong), if there is none.
        """
        answer = (self.payment or {}).get("receipt")
        if not isinstance(answer, dict):
            raise answer_wrong("payment")
        return Receipt.read(answer)


@dataclass(frozen=True)
class Recent:
    """A checkout of a till's shop; `till` is null if a wallet opened it from the sticker."""

    checkout: Checkout
    till: str | None
    opened_at_ms: int

    @classmethod
    def read(cls, answer: Json) -> "Recent":
        """Read an item of `GET /v1/tills/checkouts`."""
        return cls(
            checkout=Checkout.read(take(answer, "checkout", dict)),
            till=take_optional(answer, "till", str),
            opened_at_ms=take(answer, "opened_at", int),
        )


@dataclass(frozen=True)
class ShopPayment:
    """A payment to a till's shop; `till` is the label of its till, null if it was paid by the sticker. Of its fields only
    those of the receipt are proved."""

    receipt: Receipt
    till: str | None
    reference: str | None
    coins_yen: int
    points_yen: int

    @classmethod
    def read(cls, answer: Json) -> "ShopPayment":
        """Read an item of `GET /v1/tills/payments`, or an event of its stream."""
        payment = take(answer, "payment", dict)
        parts = {
            take(part, "kind", str): take(part, "amount", int) for part in take_objects(payment, "parts")
        }
        return cls(
            receipt=Receipt.read(take(payment, "receipt", dict)),
            till=take_optional(answer, "till", str),
            reference=take_optional(answer, "reference", str),
            coins_yen=parts.get("coin", 0),
            points_yen=parts.get("point", 0),
        )
