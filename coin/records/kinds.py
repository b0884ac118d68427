"""Records: one signed operation as the chain replays it, and the layout of each kind in bytes.

Decides the bytes of a record (docs/formats.md §3), both ways. Knows nothing of rules: whether a record will be
skipped is the contract's to say; here it is only refused if its bytes cannot hold it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum

from coin import messages
from coin.errors import InvalidInput
from coin.messages import MessageType


class Kind(IntEnum):
    """Byte 0 of a record: the kinds that this release carries out."""

    TOP_UP = 0x01
    PAYMENT = 0x04
    PAYMENT_GENERAL = 0x05
    SEND = 0x06
    SEND_GENERAL = 0x07
    CANCEL = 0x0A
    REDEEM = 0x0B
    MERCHANT = 0x11
    CALENDAR = 0x12
    EXPIRE = 0x13
    ROLE = 0x14


class MerchantStatus(IntEnum):
    """What a merchant's record says of the shop."""

    OPEN = 1
    CLOSED = 2


class Form(Enum):
    """How a field of a record is written."""

    HOLDER = "position in the holders' part of the table"
    MERCHANT = "position in the merchants' part of the table"
    REPLACED = "position of the merchant that loses its number, or FFFF"
    UINT = "integer"
    RAW = "bytes as they are"
    SINCE = "seconds after asOf"
    LOW = "low 16 bits of a windowed nonce"
    SIGNER = "address of a signer"
    SIGNATURE = "64 bytes, EIP-2098"


@dataclass(frozen=True)
class Field:
    """One field of a record: which value of the message it carries, how, and in how many bytes."""

    name: str
    form: Form
    size: int


NOBODY = 0xFFFF
FIRST, SECOND = "signer", "second signer"


def _uint(name: str, size: int) -> Field:
    return Field(name, Form.UINT, size)


def _holder(name: str) -> Field:
    return Field(name, Form.HOLDER, 2)


def _merchant(name: str) -> Field:
    return Field(name, Form.MERCHANT, 2)


_LOW = Field("nonce", Form.LOW, 2)
_SIGNER = Field(FIRST, Form.SIGNER, 20)
_SIGNATURE = Field(FIRST, Form.SIGNATURE, 64)
_TWO = (
    _SIGNER,
    Field(SECOND, Form.SIGNER, 20),
    _LOW,
    _SIGNATURE,
    Field(SECOND, Form.SIGNATURE, 64),
)
_PACKED = (_uint("value", 3), _LOW, Field("validBefore", Form.SINCE, 3), _SIGNATURE)
_GENERAL = (
    _uint("value", 3),
    Field("nonce", Form.RAW, 32),
    _uint("validAfter", 5),
    _uint("validBefore", 5),
    _SIGNATURE,
)

LAYOUTS: Mapping[Kind, tuple[Field, ...]] = {
    Kind.TOP_UP: (
        _SIGNER,
        _holder("holder"),
        _uint("coins", 3),
        _uint("coinExpiry", 5),
        _uint("points", 3),
        _uint("pointExpiry", 5),
        Field("reference", Form.RAW, 32),
        _LOW,
        _SIGNATURE,
    ),
    Kind.PAYMENT: (_holder("from"), _merchant("to"), *_PACKED),
    Kind.PAYMENT_GENERAL: (_holder("from"), _merchant("to"), *_GENERAL),
    Kind.SEND: (_holder("from"), _holder("to"), *_PACKED),
    Kind.SEND_GENERAL: (_holder("from"), _holder("to"), *_GENERAL),
    Kind.CANCEL: (_holder("authorizer"), Field("nonce", Form.RAW, 32), _SIGNATURE),
    Kind.REDEEM: (
        _SIGNER,
        _merchant("merchant"),
        _uint("amount", 8),
        Field("payout", Form.RAW, 32),
        _LOW,
        _SIGNATURE,
    ),
    Kind.MERCHANT: (
        _holder("account"),
        _merchant("account"),
        Field("replaced", Form.REPLACED, 2),
        _uint("number", 4),
        _uint("status", 1),
        *_TWO,
    ),
    Kind.CALENDAR: (_uint("lane", 1), _uint("expiry", 5), *_TWO),
    Kind.EXPIRE: (_uint("expiry", 5),),
    Kind.ROLE: (Field("account", Form.RAW, 20), _uint("role", 1), _uint("allowance", 8), *_TWO),
}
SIZES: Mapping[Kind, int] = {
    kind: 1 + sum(field.size for field in layout) for kind, layout in LAYOUTS.items()
}

# Expire has no signature and no message; in the journal its words are the expiry alone.
_EXPIRE_WORDS = MessageType.of("Expire(uint256 expiry)")
MESSAGES: Mapping[Kind, MessageType] = {
    Kind.TOP_UP: messages.TOP_UP,
    Kind.PAYMENT: messages.TRANSFER_WITH_AUTHORIZATION,
    Kind.PAYMENT_GENERAL: messages.TRANSFER_WITH_AUTHORIZATION,
    Kind.SEND: messages.TRANSFER_WITH_AUTHORIZATION,
    Kind.SEND_GENERAL: messages.TRANSFER_WITH_AUTHORIZATION,
    Kind.CANCEL: messages.CANCEL_AUTHORIZATION,
    Kind.REDEEM: messages.REDEEM,
    Kind.MERCHANT: messages.MERCHANT,
    Kind.CALENDAR: messages.CALENDAR,
    Kind.EXPIRE: _EXPIRE_WORDS,
    Kind.ROLE: messages.ROLE,
}


@dataclass(frozen=True)
class Effect:
    """One row of the journal that the chain is to replay.

    Shapes:  words: the message's fields in order, 32 bytes each (expire: the expiry alone); signatures: 65 bytes
             r ‖ s ‖ v each; signers: 20 bytes each (payments: the payer; two: first ‖ second; expire: none);
             context: for a merchant record the address that holds the number now, else empty.
    """

    sequence: int
    kind: int
    words: bytes
    signatures: bytes = b""
    signers: bytes = b""
    context: bytes = b""


@dataclass(frozen=True)
class Record:
    """One record read back out of a batch.

    Shapes:  values: the message's fields by name; of a windowed nonce only the low 16 bits stand in a record, so
             `nonce` is then those, and `is_nonce_whole` false. signatures 65 bytes each, signers 20 each.
    """

    kind: Kind
    values: Mapping[str, int | bytes]
    is_nonce_whole: bool
    signatures: bytes
    signers: bytes
    replaced: bytes


def kind_of(effect: Effect) -> Kind:
    """Return the kind of an effect.

    Raises:  InvalidInput, if this release does not carry it out.
    """
    try:
        return Kind(effect.kind)
    except ValueError:
        raise unfit(
            effect, "kind", "この種類の記録はまだ扱えません。", "not a kind of this release"
        ) from None


def values_of(effect: Effect) -> dict[str, int | bytes]:
    """Return the fields of an effect's message, and `replaced`.

    Raises:  InvalidInput, if the words are not those of the kind.
    """
    if effect.context and len(effect.context) != 20:
        raise unfit(effect, "context", "アドレスではありません。", "not an address")
    return {**MESSAGES[kind_of(effect)].parse(effect.words), "replaced": effect.context}


def unfit(effect: Effect, field: str, ja: str, en: str) -> InvalidInput:
    """Make the error for a field that the bytes of a record cannot hold."""
    place = f"#{effect.sequence} {field}"
    return InvalidInput(f"{place}: {ja}", f"{place}: {en}", field=field)
