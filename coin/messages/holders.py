"""Messages about a holder's account. Source: docs/formats.md §4."""

from dataclasses import dataclass

from coin.messages.message import StoredMessage
from coin.messages.types import MessageType


@dataclass(frozen=True, slots=True)
class Freeze(StoredMessage):
    """Freezes an account until a second."""

    TYPE = MessageType.of("Freeze(address account,uint256 until,uint256 nonce)")
    account: bytes
    until_s: int
    nonce: int


@dataclass(frozen=True, slots=True)
class Unfreeze(StoredMessage):
    """Lifts a freeze."""

    TYPE = MessageType.of("Unfreeze(address account,uint256 nonce)")
    account: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class Recover(StoredMessage):
    """Moves the value of a lost wallet to its successor."""

    TYPE = MessageType.of("Recover(address from,address to,uint256 nonce)")
    from_account: bytes
    to_account: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class ForcedTransfer(StoredMessage):
    """Moves value without its holder's signature, for a reason."""

    TYPE = MessageType.of(
        "ForcedTransfer(address from,address to,uint256 amount,bytes32 reason,uint256 nonce)"
    )
    from_account: bytes
    to_account: bytes
    amount: int
    reason: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class RequestExit(StoredMessage):
    """A holder's request to pay without the gateway."""

    TYPE = MessageType.of("RequestExit(address holder,uint256 validBefore)")
    holder: bytes
    valid_before_s: int
