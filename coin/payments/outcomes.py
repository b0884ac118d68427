"""What a submission is answered with: it moved, with its parts and its receipt, or nothing did, and why."""

from dataclasses import dataclass

from coin.errors import CoinError
from coin.receipts import Receipt


@dataclass(frozen=True, slots=True)
class PaidPart:
    """What one lot gave to the amount: of one kind, one expiry and (points) one fund."""

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
    parts: tuple[PaidPart, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing moved; `error` is Rejected, or Conflict for an authorization that paid another checkout."""

    error: CoinError

    @property
    def code(self) -> str:
        """The stable code."""
        return self.error.code


Outcome = Accepted | Refused
