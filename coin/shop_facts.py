"""The hash of a shop's facts that two staff sign: name, category and bank account.

The chain has only this hash. The part of the bank account is salted, because accounts could be guessed otherwise; the salt is
stored with the account, encrypted. So names can be checked without knowing any account.
Source:  docs/formats.md §4.
"""

from collections.abc import Mapping

from coin.core import keccak256

SALT_BYTES = 32
NO_BANK_HASH = bytes(32)
BANK_COLUMNS = (
    "bank_code",
    "bank_name",
    "branch_code",
    "branch_name",
    "account_type",
    "account_number",
    "holder_kana",
)


def bank_hash(salt: bytes, account: Mapping[str, str]) -> bytes:
    """Return the salted hash of a bank account, given by the columns of merchants.csv."""
    return keccak256(salt + b"".join(_word(account[column]) for column in BANK_COLUMNS))


def facts_hash(name: str, name_romaji: str, city_romaji: str, category: str, bank: bytes) -> bytes:
    """Return the hash of a shop's facts; `bank` is its bank_hash, or NO_BANK_HASH if it has no account."""
    return keccak256(b"".join(map(_word, (name, name_romaji, city_romaji, category))) + bank)


def _word(text: str) -> bytes:
    return keccak256(text.encode())
