"""The moves of a history: plain values with every number written out, so that a history can be played again and cut.

People have names; a key is made from the name. `key` and `signers` say who really signs, which may be a lie.
"""

from dataclasses import dataclass

STAFF = ("ken", "yumi", "saki")
CHANNELS = ("counter", "atm")
CASHIER = "cashier"


@dataclass(frozen=True)
class Register:
    """A wallet is registered."""

    name: str


@dataclass(frozen=True)
class Charge:
    """A channel signs for coins and their bonus."""

    channel: str
    holder: str
    coins: int
    coin_expiry_s: int
    points: int
    point_expiry_s: int
    reference: int
    nonce: int
    key: str


@dataclass(frozen=True)
class Signed:
    """One authorization; the payee is a shop or a wallet."""

    payer: str
    payee: str
    value: int
    valid_after_s: int
    valid_before_s: int
    nonce: int
    key: str


@dataclass(frozen=True)
class Pay:
    """A list of authorizations that arrive together."""

    items: tuple[Signed, ...]


@dataclass(frozen=True)
class CancelNonce:
    """A payer takes a nonce out of use."""

    name: str
    nonce: int
    key: str


@dataclass(frozen=True)
class RedeemShop:
    """The cashier burns a part of what a shop holds."""

    shop: str
    amount: int
    nonce: int
    key: str


@dataclass(frozen=True)
class Shop:
    """Two staff register, close, reopen or re-key a shop."""

    name: str
    number: int
    status: int
    nonce: int
    signers: tuple[str, ...]


@dataclass(frozen=True)
class OpenDate:
    """Two staff put a date into a lane."""

    lane: int
    expiry_s: int
    nonce: int
    signers: tuple[str, ...]


@dataclass(frozen=True)
class ChangeRole:
    """Two staff give or take a role; `name` None opens a period (5) or changes its cap (6)."""

    name: str | None
    role: int
    allowance: int
    nonce: int
    signers: tuple[str, ...]


@dataclass(frozen=True)
class EndDate:
    """Time ends a date."""

    expiry_s: int


@dataclass(frozen=True)
class Settle:
    """The worker looks; `force` seals what waits."""

    force: bool


@dataclass(frozen=True)
class Look:
    """An auditor compares books and chain in the middle of the day."""


Move = (
    Register
    | Charge
    | Pay
    | CancelNonce
    | RedeemShop
    | Shop
    | OpenDate
    | ChangeRole
    | EndDate
    | Settle
    | Look
)


@dataclass(frozen=True)
class Step:
    """A move and the moment at which it is tried."""

    at_ms: int
    move: Move
