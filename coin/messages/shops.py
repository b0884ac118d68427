"""Messages about a shop and its balance. Source: docs/formats.md §4."""

from dataclasses import dataclass
from enum import IntEnum

from coin.messages.message import StoredMessage
from coin.messages.types import MessageType


class MerchantStatus(IntEnum):
    """The status of a shop in a merchant record."""

    OPEN = 1
    CLOSED = 2


@dataclass(frozen=True, slots=True)
class Merchant(StoredMessage):
    """Registers a shop, closes or reopens it, changes its facts, or gives its number to a new address."""

    TYPE = MessageType.of(
        "Merchant(address account,uint256 number,uint256 status,bytes32 facts,address first,uint256 nonce)"
    )
    account: bytes
    number: int
    status: int
    facts_hash: bytes
    first: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class Refund(StoredMessage):
    """Refunds a part of a payment, under one date."""

    TYPE = MessageType.of(
        "Refund(bytes32 payment,address merchant,address payer,uint256 amount,uint256 expiry,uint256 nonce)"
    )
    payment: bytes
    merchant: bytes
    payer: bytes
    amount: int
    expiry_s: int
    nonce: int


@dataclass(frozen=True, slots=True)
class Redeem(StoredMessage):
    """Burns a part of a shop's balance; `payout` identifies the payout."""

    TYPE = MessageType.of(
        "Redeem(address cashier,address merchant,uint256 amount,bytes32 payout,uint256 nonce)"
    )
    cashier: bytes
    merchant: bytes
    amount: int
    payout: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class Advance(StoredMessage):
    """Raises the balance from which a shop can refund."""

    TYPE = MessageType.of(
        "Advance(address cashier,address merchant,uint256 amount,bytes32 refund,uint256 nonce)"
    )
    cashier: bytes
    merchant: bytes
    amount: int
    refund: bytes
    nonce: int
