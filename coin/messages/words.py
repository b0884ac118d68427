"""Words: encodes one value of a signed message in 32 bytes, and decodes it.

Decides which values are valid, and the error for others. Knows no message.
Source:  EIP-712, EIP-55; docs/formats.md §4.
"""

import re
from collections.abc import Callable

from coin.core import keccak256
from coin.errors import InvalidInput
from coin.formats import WINDOWED_NONCES_END

WORD = 32
ZERO_WORD = bytes(WORD)
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_HEX = re.compile("0x[0-9a-fA-F]*")


def wrong(field: str, ja: str, en: str) -> InvalidInput:
    """Return the error for a value that cannot be signed."""
    return InvalidInput(f"{field}: {ja}", f"{field}: {en}", field=field)


def _from_hex(text: str, size: int, field: str) -> bytes:
    if len(text) != 2 + 2 * size or not _HEX.fullmatch(text):
        raise wrong(
            field, f"0x で始まる {size} バイトの16進数ではありません。", f"not 0x and {size} bytes of hex"
        )
    return bytes.fromhex(text[2:])


def checksum_address(address: bytes) -> str:
    """Write a 20-byte address with the EIP-55 checksum."""
    plain = address.hex()
    marks = keccak256(plain.encode()).hex()
    return "0x" + "".join(c.upper() if int(m, 16) > 7 else c for c, m in zip(plain, marks, strict=False))


def parse_address(value: object, field: str = "address") -> bytes:
    """Parse an address from 20 bytes or from 0x hex; mixed case must be the EIP-55 checksum.

    Raises:  InvalidInput naming `field`.
    """
    if isinstance(value, bytes) and len(value) == 20:
        return value
    if not isinstance(value, str):
        raise wrong(field, "20 バイトのアドレスではありません。", "not an address of 20 bytes")
    address = _from_hex(value, 20, field)
    digits = value[2:]
    if digits not in (digits.lower(), digits.upper()) and value != checksum_address(address):
        raise wrong(field, "アドレスの大文字・小文字が合いません。", "the checksum of the address is wrong")
    return address


def parse_bytes32(value: object, field: str = "bytes32") -> bytes:
    """Parse 32 bytes from bytes or from 0x hex.

    Raises:  InvalidInput naming `field`.
    """
    if isinstance(value, bytes) and len(value) == WORD:
        return value
    if not isinstance(value, str):
        raise wrong(field, "32 バイトの値ではありません。", "not a value of 32 bytes")
    return _from_hex(value, WORD, field)


def address_word(value: object, field: str) -> bytes:
    """Return the word of an address."""
    return bytes(12) + parse_address(value, field)


def uint_word(value: object, field: str) -> bytes:
    """Return the word of an integer."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(field, "整数ではありません。", "not an integer")
    if not 0 <= value < 1 << 256:
        raise wrong(field, "0 以上 2^256 未満ではありません。", "not from 0 to 2^256 - 1")
    return value.to_bytes(WORD, "big")


def string_word(value: object, field: str) -> bytes:
    """Return the word of a text: its keccak-256."""
    if not isinstance(value, str) or _HALF_CHARACTER.search(value):
        raise wrong(field, "文字列ではありません。", "not a text")
    return keccak256(value.encode())


TO_WORD: dict[str, Callable[[object, str], bytes]] = {
    "address": address_word,
    "uint256": uint_word,
    "bytes32": parse_bytes32,
    "string": string_word,
}


def value_of(kind: str, word: bytes, field: str) -> bytes | int:
    """Decode a word: 20 bytes of an address, an integer, or the 32 bytes themselves."""
    if kind == "uint256":
        return int.from_bytes(word, "big")
    if kind != "address":
        return word
    if any(word[:12]):
        raise wrong(field, "アドレスの前が 0 ではありません。", "the word of an address begins with 12 zeros")
    return word[12:]


def json_value(kind: str, value: object, field: str) -> str:
    """Write a value in the form of wallet libraries; integers as decimal text."""
    if kind == "string":
        string_word(value, field)
        return str(value)
    word = TO_WORD[kind](value, field)
    if kind == "uint256":
        return str(int.from_bytes(word, "big"))
    return checksum_address(word[12:]) if kind == "address" else "0x" + word.hex()


def nonce_word(nonce: int) -> bytes:
    """Write a nonce, windowed or random, as the bytes32 of an authorization."""
    return uint_word(nonce, "nonce")


def is_windowed(nonce: int) -> bool:
    """Return whether a nonce is windowed (below 2^24); otherwise it is random."""
    return nonce < WINDOWED_NONCES_END


def checkout_word(checkout: str | None) -> bytes:
    """Return the `checkout` of a receipt: the keccak-256 of its 26 characters, zero if there was none."""
    return ZERO_WORD if checkout is None else keccak256(checkout.encode("ascii"))


def key_id(address: bytes) -> bytes:
    """Return the `keyId` of a receipt: the keccak-256 of the receipt key's address."""
    return keccak256(parse_address(address))
