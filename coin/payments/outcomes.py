"""The outcome of a submission: accepted, with its parts and its receipt, or refused, with the reason."""

from dataclasses import dataclass

from coin.errors import CoinError
from coin.receipts import Receipt


@dataclass(frozen=True, slots=True)
class PaidPart:
    """The share of one lot in the amount: of one kind, one expiry and (points) one fund."""

    kind: str
    expiry_s: int
    fund: str
    amount: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """Accepted, now or at an earlier identical submission; `payment` is the authorization's digest."""

    payment: bytes
    kind: int
    sequence: int
    accepted_at_ms: int
    merchant_number: int | None
    receipt: Receipt
    parts: tuple[PaidPart, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Refused, and nothing moved; `error` is Rejected, or Conflict for an authorization that paid another checkout."""

    error: CoinError

    @property
    def code(self) -> str:
        """The stable code."""
        return self.error.code


Outcome = Accepted | Refused
