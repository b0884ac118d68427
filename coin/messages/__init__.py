"""The signed messages: a frozen dataclass for each, its words, its digest, and the two forms of a signature.

Knows no keys, rights, time or database. Fields have the names of this code; each class has the public type string, with the
signed names, from docs/formats.md §4.
Source:  EIP-712, EIP-2098, EIP-3009; docs/formats.md §4.
"""

from coin.messages.domain import Domain
from coin.messages.fingerprint import is_fingerprint, town_fingerprint
from coin.messages.holders import ForcedTransfer, Freeze, Recover, RequestExit, Unfreeze
from coin.messages.issues import Grant, Reversal, TopUp
from coin.messages.message import Message, StoredMessage
from coin.messages.office import Appoint, Calendar, Expire, ForeignBatch, LateBatch, Role
from coin.messages.payments import (
    CancelAuthorization,
    ReceiveWithAuthorization,
    SpendPermit,
    TicketSpend,
    TransferWithAuthorization,
)
from coin.messages.promises import Receipt, Session
from coin.messages.shops import Advance, Merchant, MerchantStatus, Redeem, Refund
from coin.messages.signature_shapes import HALF_CURVE_ORDER, to_64, to_65
from coin.messages.types import MessageType
from coin.messages.words import (
    WORD,
    ZERO_WORD,
    checkout_word,
    checksum_address,
    is_windowed,
    key_id,
    nonce_word,
    parse_address,
    parse_bytes32,
)

MESSAGE_TYPES: dict[str, type[Message]] = {
    message.TYPE.name: message
    for message in (
        TransferWithAuthorization,
        ReceiveWithAuthorization,
        CancelAuthorization,
        TopUp,
        Reversal,
        Grant,
        SpendPermit,
        TicketSpend,
        Refund,
        Redeem,
        Advance,
        Freeze,
        Unfreeze,
        Recover,
        ForcedTransfer,
        Merchant,
        Calendar,
        Role,
        RequestExit,
        LateBatch,
        ForeignBatch,
        Appoint,
        Receipt,
        Session,
    )
}

__all__ = [
    "HALF_CURVE_ORDER",
    "MESSAGE_TYPES",
    "WORD",
    "ZERO_WORD",
    "Advance",
    "Appoint",
    "Calendar",
    "CancelAuthorization",
    "Domain",
    "Expire",
    "ForcedTransfer",
    "ForeignBatch",
    "Freeze",
    "Grant",
    "LateBatch",
    "Merchant",
    "MerchantStatus",
    "Message",
    "MessageType",
    "Receipt",
    "ReceiveWithAuthorization",
    "Recover",
    "Redeem",
    "Refund",
    "RequestExit",
    "Reversal",
    "Role",
    "Session",
    "SpendPermit",
    "StoredMessage",
    "TicketSpend",
    "TopUp",
    "TransferWithAuthorization",
    "Unfreeze",
    "checkout_word",
    "checksum_address",
    "is_fingerprint",
    "is_windowed",
    "key_id",
    "nonce_word",
    "parse_address",
    "parse_bytes32",
    "to_64",
    "to_65",
    "town_fingerprint",
]
