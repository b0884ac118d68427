"""A second reader of wallets' codes, written from docs/formats.md §6 alone; it imports nothing of ours.

The product of the field is carry-less multiplication and long division, a code is checked as a sum over its places.
"""

from independent import checksum

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def product(one: int, other: int) -> int:
    """Multiply two elements of GF(2)[x] / (x^5 + x^2 + 1)."""
    whole = 0
    for bit in range(5):
        if other >> bit & 1:
            whole ^= one << bit
    for bit in range(9, 4, -1):
        if whole >> bit & 1:
            whole ^= 0b100101 << bit - 5
    return whole


def power(exponent: int) -> int:
    """Give x^exponent."""
    value = 1
    for _ in range(exponent):
        value = product(value, 2)
    return value


def is_good(code: str) -> bool:
    """Whether the three sums over the places are zero."""
    places = [LETTERS.index(letter) for letter in code.replace("-", "")]
    for root in range(3):
        total = 0
        for place, value in enumerate(places):
            total ^= product(value, power(root * (15 - place)))
        if total:
            return False
    return len(places) == 16


def begins(address: str, code: str) -> bool:
    """Whether the first 13 characters are the first 65 bits of the address."""
    bits = f"{int(address, 16):0160b}"
    return code.replace("-", "")[:13] == "".join(LETTERS[int(bits[at : at + 5], 2)] for at in range(0, 65, 5))


def address_in(qr: str) -> tuple[str, str]:
    """Give the municipality and the address of a QR text."""
    if qr[:2] != "W1" or len(qr) != 44 or checksum(qr[:40].encode()) != qr[40:]:
        raise ValueError(qr)
    bits = "".join(f"{LETTERS.index(letter):05b}" for letter in qr[8:40])
    return qr[2:8], f"0x{int(bits, 2):040x}"
