"""What a submission is answered with: it moved, with its parts and its receipt, or nothing did, and why."""

from dataclasses import dataclass
from typing import Any

from coin.errors import CoinError
from coin.receipts import Receipt


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the amount: of one kind, one expiry and (points) one fund."""

    kind: str
    expiry_s: int
    fund: str
    amount: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """It moved, once, now or at an earlier identical submission; `payment` is the authorization's digest."""

    payment: bytes
    kind: int
    sequence: int
    accepted_at_ms: int
    merchant_number: int | None
    receipt: Receipt
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing moved; `error` is Rejected, or Conflict for an authorization that paid another checkout."""

    error: CoinError

    @property
    def code(self) -> str:
        """The stable code."""
        return self.error.code


Outcome = Accepted | Refused


def accepted(row: dict[str, Any], receipt: Receipt) -> Accepted:
    """What was accepted; `row` holds its kind, merchant_number and parts, whichever statement gave it."""
    return Accepted(
        payment=receipt.payment,
        kind=row["kind"],
        sequence=receipt.sequence,
        accepted_at_ms=receipt.accepted_at_ms,
        merchant_number=row["merchant_number"],
        receipt=receipt,
        parts=tuple(Part(*part) for part in row["parts"]),
    )
