"""The fingerprint of a town: what a person compares with paper before a wallet or a till believes a gateway for the first time.

Decides what makes a town the same town: its code, chain, contract and receipts key. Source: docs/formats.md §4.
"""

import re
import unicodedata

from coin.codes import CROCKFORD
from coin.core import keccak256
from coin.messages.domain import Domain

_GROUPS, _GROUP_LENGTH = 4, 4  # 80 bits: nobody finds other keys with the same ones
_LOOKALIKES = str.maketrans("ILO", "110")


def town_fingerprint(domain: Domain, receipt_key: bytes) -> str:
    """Return the fingerprint of a town as it is printed, for example 7Q4M-V0XH-2KTB-9ZRC."""
    length = _GROUPS * _GROUP_LENGTH
    number = int.from_bytes(keccak256(domain.separator + receipt_key)[: length * 5 // 8], "big")
    letters = "".join(CROCKFORD[number >> 5 * place & 31] for place in reversed(range(length)))
    return "-".join(letters[at : at + _GROUP_LENGTH] for at in range(0, length, _GROUP_LENGTH))


def is_fingerprint(typed: str, known: str) -> bool:
    """Return whether a person typed this fingerprint, in any spelling."""
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed)).upper().translate(_LOOKALIKES)
    return plain == known.replace("-", "")
