"""References: the 32 bytes that let a charge or a redemption into the books once, made from what people write.

Every way in (a command, a desk, a file of a bank) asks here, so that the same slip is the same reference everywhere.
Knows no books: whether a reference was used is for coin.operations to say. Source: docs/formats.md §4, Unicode Annex 15.
"""

import unicodedata

from coin.core import keccak256
from coin.errors import InvalidInput


def slip_number(text: str) -> str:
    """Return the slip's number as it was meant: １７ and 17 are one slip, and so are those that differ in spaces alone.

    Raises:  InvalidInput (`reference_empty`), if nothing is left.
    """
    number = " ".join(unicodedata.normalize("NFKC", text).split())
    if not number:
        raise InvalidInput(
            "伝票番号が空です。", "The slip's number is empty.", field="reference", code="reference_empty"
        )
    return number


def slip_reference(text: str) -> bytes:
    """Return the reference of a charge that was written on a slip; raises as `slip_number`."""
    return keccak256(slip_number(text).encode())


def payout_reference(payout: str, merchant_number: int) -> bytes:
    """Return the reference under which one shop is redeemed in one payout."""
    return keccak256(f"{payout}/{merchant_number:06d}".encode())
