"""Messages of payers: payments, sends, cancels and tickets. Source: docs/formats.md §4."""

from dataclasses import dataclass

from coin.messages.message import StoredMessage
from coin.messages.types import MessageType


@dataclass(frozen=True, slots=True)
class TransferWithAuthorization(StoredMessage):
    """A payment or a send, as its payer signs it (EIP-3009)."""

    TYPE = MessageType.of(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    )
    payer: bytes
    payee: bytes
    value: int
    valid_after_s: int
    valid_before_s: int
    nonce: bytes


@dataclass(frozen=True, slots=True)
class ReceiveWithAuthorization(StoredMessage):
    """A payment that only its payee may submit (EIP-3009); there is no record for it."""

    TYPE = MessageType.of(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    )
    payer: bytes
    payee: bytes
    value: int
    valid_after_s: int
    valid_before_s: int
    nonce: bytes


@dataclass(frozen=True, slots=True)
class CancelAuthorization(StoredMessage):
    """Uses up the nonce of an authorization (EIP-3009)."""

    TYPE = MessageType.of("CancelAuthorization(address authorizer,bytes32 nonce)")
    authorizer: bytes
    nonce: bytes


@dataclass(frozen=True, slots=True)
class SpendPermit(StoredMessage):
    """The payer's permit for a ticket."""

    TYPE = MessageType.of(
        "SpendPermit(address payer,address ticketKey,uint256 maxValue,uint256 validBefore,bytes32 nonce)"
    )
    payer: bytes
    ticket_key: bytes
    max_value: int
    valid_before_s: int
    nonce: bytes


@dataclass(frozen=True, slots=True)
class TicketSpend(StoredMessage):
    """The spending of a ticket, as its key signs it; `permit` is the permit's digest."""

    TYPE = MessageType.of("TicketSpend(bytes32 permit,address payee,uint256 amount)")
    permit: bytes
    payee: bytes
    amount: int
