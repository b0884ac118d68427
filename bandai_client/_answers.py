"""What the gateway answers, read strictly: a field that is missing or of another kind is refused, not guessed.

Decides the shapes of `/v1`. It believes nothing: whether an answer is true, `wallet` and `receipts` check.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from coin.errors import CoinError
from coin.messages import Domain, checksum_address, parse_address, parse_bytes32

Json = Mapping[str, Any]
_Kind = TypeVar("_Kind", int, str, bool, list[Any], dict[str, Any])


def answer_wrong(about: str) -> CoinError:
    """Make the error of an answer that cannot be right."""
    return CoinError(
        "サーバーの応答が正しくありません。町の窓口にお知らせください。",
        f"The gateway's answer is not right: {about}",
        code="gateway_answer_wrong",
    )


def take(answer: Json, field: str, kind: type[_Kind]) -> _Kind:
    """Give a field of exactly this kind.

    Raises: CoinError (gateway_answer_wrong) naming the field.
    """
    value = answer.get(field)
    if type(value) is not kind:
        raise answer_wrong(field)
    return value


def take_optional(answer: Json, field: str, kind: type[_Kind]) -> _Kind | None:
    """Give a field of this kind, or None if it is missing or null."""
    return None if answer.get(field) is None else take(answer, field, kind)


@dataclass(frozen=True)
class Town:
    """The municipality that a gateway serves: what signatures are for, and whose receipts count."""

    municipality: str
    name: str
    is_demo: bool
    domain: Domain
    receipt_key: bytes

    @classmethod
    def read(cls, answer: Json) -> "Town":
        """Read `GET /v1/municipality`; the domain must be the one of this municipality."""
        municipality = take(answer, "municipality", str)
        stated = take(answer, "domain", dict)
        domain = Domain.for_municipality(
            municipality, take(stated, "chainId", int), take(stated, "verifyingContract", str)
        )
        if (stated.get("name"), stated.get("version")) != (domain.name, domain.version):
            raise answer_wrong("domain")
        receipt_key = take(take(answer, "receipt_key", dict), "address", str)
        return cls(
            municipality=municipality,
            name=take(answer, "name", str),
            is_demo=take(answer, "is_demo", bool),
            domain=domain,
            receipt_key=parse_address(receipt_key, "receipt_key"),
        )


@dataclass(frozen=True)
class Merchant:
    """A shop as it is registered; `name` is what a payer is shown."""

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


def take_number(answer: Json, field: str) -> int:
    """Give a number that is written as an integer or, with leading zeros, as text."""
    value = answer.get(field)
    if type(value) is int:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    raise answer_wrong(field)


@dataclass(frozen=True)
class Receipt:
    """The issuer's promise for one payment; `receipts.verify` says whether it is one."""

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

    def as_json(self) -> dict[str, Any]:
        """Write it as the gateway did."""
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


def read_hex(text: str, field: str) -> bytes:
    """Read 0x hex of any length.

    Raises: CoinError (gateway_answer_wrong) naming the field.
    """
    try:
        if text.startswith("0x"):
            return bytes.fromhex(text[2:])
    except ValueError as error:
        raise answer_wrong(field) from error
    raise answer_wrong(field)


@dataclass(frozen=True)
class Checkout:
    """What a shop asks for; `payment` is what the gateway says of it when it is paid."""

    id: str
    merchant: Merchant
    amount_yen: int
    qr_text: str
    deadline_ms: int
    status: str
    payment: Json | None = None

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
        )


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
class PairedTill:
    """What a device became by its pairing code; its credential is never shown in text."""

    till: str
    label: str
    shop: str
    shop_number: int
    shop_address: str
    credential: str = field(repr=False)

    @classmethod
    def read(cls, answer: Json) -> "PairedTill":
        """Read the answer to `POST /v1/tills/pairings`."""
        merchant = Merchant.read(take(answer, "merchant", dict))
        return cls(
            till=take(answer, "till", str),
            label=take(answer, "label", str),
            shop=merchant.name,
            shop_number=merchant.number,
            shop_address=checksum_address(merchant.address),
            credential=take(answer, "credential", str),
        )


@dataclass(frozen=True)
class Part:
    """How much of a payment was paid in coins or in points."""

    kind: str
    amount_yen: int


@dataclass(frozen=True)
class Lot:
    """Value of one kind, one expiry date and, for points, one fund."""

    kind: str
    expiry_s: int
    fund: str | None
    amount_yen: int


@dataclass(frozen=True)
class Balance:
    """What a wallet holds now."""

    total_yen: int
    lots: tuple[Lot, ...]
    frozen_until_s: int | None

    @classmethod
    def read(cls, answer: Json) -> "Balance":
        """Read `GET /v1/wallets/{address}`; the lots must add up to the total."""
        lots = tuple(
            Lot(
                kind=take(lot, "kind", str),
                expiry_s=take(lot, "expiry", int),
                fund=take_optional(lot, "fund", str),
                amount_yen=take(lot, "amount", int),
            )
            for lot in take(answer, "lots", list)
        )
        total_yen = take(answer, "balance", int)
        if total_yen != sum(lot.amount_yen for lot in lots):
            raise answer_wrong("balance")
        return cls(total_yen, lots, take_optional(answer, "frozen_until", int))


@dataclass(frozen=True)
class Page:
    """A part of a history and the cursor of the next one."""

    items: tuple[Json, ...]
    next_cursor: str | None

    @classmethod
    def read(cls, answer: Json) -> "Page":
        """Read a page of a history."""
        return cls(tuple(take(answer, "items", list)), take_optional(answer, "next_cursor", str))
