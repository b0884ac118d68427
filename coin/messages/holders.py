"""Messages about a holder's account. Source: docs/formats.md §4."""

from dataclasses import dataclass

from coin.messages.message import StoredMessage
from coin.messages.types import MessageType


@dataclass(frozen=True, slots=True)
class Freeze(StoredMessage):
    """Freezes an account until a second."""

    TYPE = MessageType.of("Freeze(address account,uint256 until,address first,uint256 nonce)")
    account: bytes
    until_s: int
    first: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class Unfreeze(StoredMessage):
    """Lifts a freeze."""

    TYPE = MessageType.of("Unfreeze(address account,address first,uint256 nonce)")
    account: bytes
    first: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class Recover(StoredMessage):
    """Moves the value of a lost wallet to its successor."""

    TYPE = MessageType.of("Recover(address from,address to,address first,uint256 nonce)")
    from_account: bytes
    to_account: bytes
    first: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class ForcedTransfer(StoredMessage):
    """Moves value without its holder's signature, for a reason."""

    TYPE = MessageType.of(
        "ForcedTransfer(address from,address to,uint256 amount,bytes32 reason,address first,uint256 nonce)"
    )
    from_account: bytes
    to_account: bytes
    amount: int
    reason: bytes
    first: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class RequestExit(StoredMessage):
    """A holder's request to pay without the gateway."""

    TYPE = MessageType.of("RequestExit(address holder,uint256 validBefore)")
    holder: bytes
    valid_before_s: int
