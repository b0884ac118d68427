"""References: 32 bytes, computed from what people write, that prevent posting a charge or a redemption twice.

Every entry point (a command, a desk, a bank file) uses this file, so that the same slip is the same reference everywhere.
A slip's number is short and often counts up, and the chain is public: whoever knew a slip would find its wallet by trying
numbers. So its reference is keyed by a secret of the town (`coin.registry.slip_key`). A payout's is not: its name and the
shop's number stand in the town's notices and on the chain anyway, and anybody may check it.
Knows no books: coin.operations checks whether a reference was used. Source: docs/formats.md §4, RFC 2104, Unicode Annex 15.
"""

import hmac
import unicodedata
from hashlib import sha256

from coin.core import keccak256
from coin.errors import InvalidInput

SLIP_KEY_BYTES = 32


def slip_number(text: str) -> str:
    """Return the normalized number of a slip: １７ and 17 are the same slip, and so are numbers that differ only in spaces.

    Raises:  InvalidInput (`reference_empty`), if nothing is left.
    """
    number = " ".join(unicodedata.normalize("NFKC", text).split())
    if not number:
        raise InvalidInput(
            "伝票番号が空です。", "The slip's number is empty.", field="reference", code="reference_empty"
        )
    return number


def slip_reference(key: bytes, text: str) -> bytes:
    """Return the reference of a charge with a slip, under the town's key. Raises: as `slip_number`."""
    return hmac.digest(key, slip_number(text).encode(), sha256)


def unkeyed_slip_reference(text: str) -> bytes:
    """Return the reference that a slip had before migration 0010: charges from then keep it. Raises: as `slip_number`."""
    return keccak256(slip_number(text).encode())


def payout_reference(payout: str, merchant_number: int) -> bytes:
    """Return the reference of one shop's redemption in one payout."""
    return keccak256(f"{payout}/{merchant_number:06d}".encode())
