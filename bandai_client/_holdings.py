"""The balance and the history of a wallet, as the gateway returns them."""

from dataclasses import dataclass, field

from bandai_client._errors import answer_wrong
from bandai_client._reading import Json, read_hex, take, take_objects, take_optional


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
            for lot in take_objects(answer, "lots")
        )
        total_yen = take(answer, "balance", int)
        if total_yen != sum(lot.amount_yen for lot in lots):
            raise answer_wrong("balance")
        return cls(total_yen, lots, take_optional(answer, "frozen_until", int))


@dataclass(frozen=True)
class Counterpart:
    """The other side of a movement; a shop has a name."""

    kind: str
    reference: str
    name: str | None


@dataclass(frozen=True)
class Movement:
    """A movement into or out of a wallet; `answer` is the gateway's whole entry."""

    what: str
    amount_yen: int
    accepted_at_ms: int
    others: tuple[Counterpart, ...]
    payment: bytes | None
    answer: Json = field(repr=False)

    @classmethod
    def read(cls, answer: Json) -> "Movement":
        """Read an item of `GET /v1/wallets/{address}/history`."""
        others = tuple(
            Counterpart(
                kind=take(other, "kind", str),
                reference=take(other, "reference", str),
                name=take_optional(other, "name", str),
            )
            for other in take_objects(answer, "others")
        )
        payment = take_optional(answer, "payment", str)
        return cls(
            what=take(answer, "what", str),
            amount_yen=take(answer, "amount", int),
            accepted_at_ms=take(answer, "accepted_at_ms", int),
            others=others,
            payment=None if payment is None else read_hex(payment, "payment"),
            answer=answer,
        )


@dataclass(frozen=True)
class Page:
    """A page of a history, and the cursor of the next page."""

    movements: tuple[Movement, ...]
    next_cursor: str | None

    @classmethod
    def read(cls, answer: Json) -> "Page":
        """Read a page of a history."""
        movements = tuple(Movement.read(item) for item in take_objects(answer, "items"))
        return cls(movements, take_optional(answer, "next_cursor", str))


@dataclass(frozen=True)
class PaymentStatus:
    """The progress of a payment to the chain; `transaction` is the hash of the transaction, once there is one."""

    status: str
    transaction: bytes | None

    @classmethod
    def read(cls, answer: Json) -> "PaymentStatus":
        """Read `GET /v1/payments/{payment}`."""
        transaction = take_optional(answer, "transaction", str)
        return cls(
            status=take(answer, "status", str),
            transaction=None if transaction is None else read_hex(transaction, "transaction"),
        )
