"""References: 32 bytes, computed from what people write, that prevent posting a charge or a redemption twice.

Every entry point (a command, a desk, a bank file) uses this file, so that the same slip is the same reference everywhere.
Knows no books: coin.operations checks whether a reference was used. Source: docs/formats.md §4, Unicode Annex 15.
"""

import unicodedata

from coin.core import keccak256
from coin.errors import InvalidInput


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


def slip_reference(text: str) -> bytes:
    """Return the reference of a charge with a slip. Raises: as `slip_number`."""
    return keccak256(slip_number(text).encode())


def payout_reference(payout: str, merchant_number: int) -> bytes:
    """Return the reference of one shop's redemption in one payout."""
    return keccak256(f"{payout}/{merchant_number:06d}".encode())
