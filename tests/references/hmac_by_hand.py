"""The references of docs/formats.md §4 by another way: HMAC from RFC 2104 with SHA-256 alone, keccak-256 from eth-hash."""

import re
import unicodedata
from hashlib import sha256

from eth_utils import keccak

BLOCK = 64


def hmac_sha256(key: bytes, text: bytes) -> bytes:
    """RFC 2104 §2; a key that is longer than a block is hashed first."""
    padded = (sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    inner = sha256(bytes(byte ^ 0x36 for byte in padded) + text).digest()
    return sha256(bytes(byte ^ 0x5C for byte in padded) + inner).digest()


def of_slip(key: bytes, typed: str) -> bytes:
    """The reference of a slip."""
    normal = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", typed)).strip()
    return hmac_sha256(key, normal.encode())


def of_payout(name: str, merchant: int) -> bytes:
    """The reference of a shop's redemption."""
    return keccak(name.encode() + b"/" + str(merchant).zfill(6).encode())
