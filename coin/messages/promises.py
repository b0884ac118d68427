"""Messages without a record: the gateway's receipt, and the session of a wallet. Source: docs/formats.md §4."""

from dataclasses import dataclass

from coin.messages.message import Message
from coin.messages.types import MessageType


@dataclass(frozen=True, slots=True)
class Receipt(Message):
    """The issuer's promise for one accepted payment, without the payer."""

    TYPE = MessageType.of(
        "Receipt(address merchant,string till,bytes32 checkout,bytes32 payment,uint256 amount,uint256 sequence,uint256 acceptedAtMs,bytes32 keyId)"
    )
    merchant: bytes
    till: str
    checkout: bytes
    payment: bytes
    amount: int
    sequence: int
    accepted_at_ms: int
    key_id: bytes


@dataclass(frozen=True, slots=True)
class Session(Message):
    """Opens a wallet's session at the gateway."""

    TYPE = MessageType.of(
        "Session(string audience,address wallet,bytes32 challenge,uint256 issuedAt,uint256 expiresAt)"
    )
    audience: str
    wallet: bytes
    challenge: bytes
    issued_at_s: int
    expires_at_s: int
