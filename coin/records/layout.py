"""Forms: the encodings of a message's value in a record.

Defines the forms, and the fields that several kinds share. Knows no kind and no message.
Source:  docs/formats.md §2, §3.
"""

from dataclasses import dataclass
from enum import Enum

NOBODY = 0xFFFF
FIRST, SECOND = "signer", "second signer"


class Form(Enum):
    """The encoding of a field."""

    HOLDER = "position in the holders' part of the table"
    MERCHANT = "position in the merchants' part of the table"
    PARTY = "position in either part of the table"
    REPLACED = "position of the merchant that loses its number, or FFFF"
    UINT = "integer"
    RAW = "bytes as they are"
    SINCE = "seconds after asOf"
    LOW = "low 16 bits of a windowed nonce"
    SIGNER = "address of a signer"
    SIGNATURE = "64 bytes, EIP-2098"


@dataclass(frozen=True)
class Field:
    """One field of a record: the message's value, its form, and its size in bytes."""

    name: str
    form: Form
    size: int


Layout = tuple[Field, ...]


def uint(name: str, size: int) -> Field:
    """Return an integer of `size` bytes."""
    return Field(name, Form.UINT, size)


def raw(name: str, size: int = 32) -> Field:
    """`size` bytes as the message has them."""
    return Field(name, Form.RAW, size)


def holder(name: str) -> Field:
    """Return a position among the holders."""
    return Field(name, Form.HOLDER, 2)


def merchant(name: str) -> Field:
    """Return a position among the merchants."""
    return Field(name, Form.MERCHANT, 2)


LOW = Field("nonce", Form.LOW, 2)
SIGNER = Field(FIRST, Form.SIGNER, 20)
SIGNATURE = Field(FIRST, Form.SIGNATURE, 64)
SECOND_SIGNATURE = Field(SECOND, Form.SIGNATURE, 64)
TWO = (SIGNER, Field(SECOND, Form.SIGNER, 20), LOW, SIGNATURE, SECOND_SIGNATURE)
ISSUED = (uint("coins", 3), uint("coinExpiry", 5), uint("points", 3), uint("pointExpiry", 5))
PACKED = (uint("value", 3), LOW, Field("validBefore", Form.SINCE, 3), SIGNATURE)
GENERAL = (uint("value", 3), raw("nonce"), uint("validAfter", 5), uint("validBefore", 5), SIGNATURE)
