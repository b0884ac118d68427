"""Messages that issue value or reverse an issue. Source: docs/formats.md §4."""

from dataclasses import dataclass

from coin.messages.message import StoredMessage
from coin.messages.types import MessageType


@dataclass(frozen=True, slots=True)
class TopUp(StoredMessage):
    """A charge, as a channel signs it; a part of 0 has the expiry 0."""

    TYPE = MessageType.of(
        "TopUp(address channel,address holder,uint256 coins,uint256 coinExpiry,uint256 points,uint256 pointExpiry,bytes32 reference,uint256 nonce)"
    )
    channel: bytes
    holder: bytes
    coins: int
    coin_expiry_s: int
    points: int
    point_expiry_s: int
    reference: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class Reversal(StoredMessage):
    """Reverses a charge or a grant; `original` is its digest."""

    TYPE = MessageType.of(
        "Reversal(bytes32 original,address holder,uint256 coins,uint256 coinExpiry,uint256 points,uint256 pointExpiry,address first,uint256 nonce)"
    )
    original: bytes
    holder: bytes
    coins: int
    coin_expiry_s: int
    points: int
    point_expiry_s: int
    first: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class Grant(StoredMessage):
    """Points without a charge."""

    TYPE = MessageType.of(
        "Grant(address signer,address holder,uint256 amount,uint256 expiry,bytes32 fund,uint256 nonce)"
    )
    signer: bytes
    holder: bytes
    amount: int
    expiry_s: int
    fund: bytes
    nonce: int
