"""The code by which a person names a wallet at a counter: 16 characters to type, or a QR code with the whole address.

Decides how an address is written so that a clerk can type it and a wrong character shows itself: a Reed-Solomon code over
32 symbols locates one wrong character and notices two, or two that changed places. Nothing is corrected silently, because
money follows. Does not know which wallets are registered: two addresses may begin alike, and the books tell.

Source:  docs/formats.md §6; Reed and Solomon, Polynomial Codes over Certain Finite Fields (1960); Crockford's base32.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from coin.codes import CROCKFORD
from coin.core import ADDRESS_BYTES
from coin.errors import InvalidInput
from coin.qr.tlv import crc

CHARACTERS = 16
_CHECKS = 3
_PREFIX_BITS = 5 * (CHARACTERS - _CHECKS)
_REST_BITS = 8 * ADDRESS_BYTES - _PREFIX_BITS
_GROUP = 4
_MARK = "W1"
_WHOLE = 32  # characters of an address
_QR = re.compile(rf"{_MARK}([0-9]{{6}})([{CROCKFORD}]{{{_WHOLE}}})([0-9A-F]{{4}})")

# The field of 32 elements: powers of x modulo x^5 + x^2 + 1.
_POWERS = [1]
while len(_POWERS) < 31:
    _POWERS.append((_POWERS[-1] << 1) ^ (0b100101 if _POWERS[-1] & 16 else 0))
_LOGARITHMS = {power: exponent for exponent, power in enumerate(_POWERS)}

# What keyboards, scanners and eyes put in the place of a hyphen or of a character.
_BETWEEN = re.compile(r"[\s\-_.·・‐‑‒–—―−ーｰ]")
_LOOKS_LIKE = str.maketrans("OIL", "011")


@dataclass(frozen=True, slots=True)
class WalletRange:
    """The addresses that a code can mean; from a QR code just one."""

    first: bytes
    last: bytes


def code_of(address: bytes) -> str:
    """Return the code of an address in groups of four, for example `7Q4M-V0XH-2KTB-9D1E`."""
    data = _digits(int.from_bytes(address) >> _REST_BITS, CHARACTERS - _CHECKS)
    code = "".join(CROCKFORD[digit] for digit in [*data, *_checks(data)])
    return "-".join(code[at : at + _GROUP] for at in range(0, CHARACTERS, _GROUP))


def qr_text(municipality: str, address: bytes) -> str:
    """Return the text of a wallet's QR code: town, address and checksum, in letters that every scanner types alike."""
    whole = "".join(CROCKFORD[digit] for digit in _digits(int.from_bytes(address), _WHOLE))
    text = f"{_MARK}{municipality}{whole}"
    return text + crc(text)


def read(typed: str, municipality: str) -> WalletRange:
    """Read a code as it was typed or scanned: in any case and width, with spaces or hyphens, O for 0, I or L for 1.

    The text of a wallet's QR code is read too.

    Raises:  InvalidInput: `wallet_code_malformed` for what is no code, naming the letters; `wallet_code_wrong` for a wrong
             character, naming it; `wallet_code_of_other_town`.
    """
    meant = _BETWEEN.sub("", unicodedata.normalize("NFKC", typed)).upper().translate(_LOOKS_LIKE)
    if meant.startswith(_MARK) and len(meant) > CHARACTERS:
        address = _scanned(meant, municipality)
        return WalletRange(address, address)
    return _range(_checked(meant))


def _scanned(text: str, municipality: str) -> bytes:
    found = _QR.fullmatch(text)
    if found is None or crc(text[:-4]) != found[3]:
        raise InvalidInput(
            "読み取った文字が欠けているか、違っています。もう一度読み取ってください。",
            "Some characters of the scanned code are missing or wrong; scan it again.",
            field="wallet",
            code="wallet_code_wrong",
        )
    if found[1] != municipality:
        raise InvalidInput(
            "別の町のウォレットのコードです。",
            "This is the code of a wallet of another town.",
            field="wallet",
            code="wallet_code_of_other_town",
        )
    return _number(found[2]).to_bytes(ADDRESS_BYTES)


def _checked(text: str) -> str:
    _demand_shape(text)
    digits = [CROCKFORD.index(letter) for letter in text]
    syndromes = _syndromes(digits)
    if any(syndromes):
        raise _wrong(text, digits, syndromes)
    return text


def _demand_shape(text: str) -> None:
    strange = [
        f"{place}文字目「{letter}」" for place, letter in enumerate(text, 1) if letter not in CROCKFORD
    ]
    if strange:
        letters = ", ".join(letter for letter in text if letter not in CROCKFORD)
        raise _malformed(
            f"ウォレットのコードにない文字があります: {'、'.join(strange)}。",
            f"A wallet's code has no {letters}.",
        )
    if len(text) != CHARACTERS:
        raise _malformed(
            f"ウォレットのコードは {CHARACTERS} 文字です（いま {len(text)} 文字）。",
            f"A wallet's code has {CHARACTERS} characters (this has {len(text)}).",
        )


def _malformed(ja: str, en: str) -> InvalidInput:
    hint = "bandai-wallet code"
    return InvalidInput(
        f"{ja}お客さまの画面（{hint}）と見くらべてください。",
        f"{en} Compare it with the customer's screen ({hint}).",
        field="wallet",
        code="wallet_code_malformed",
    )


def _wrong(text: str, digits: list[int], syndromes: list[int]) -> InvalidInput:
    place = _place_of_one(syndromes)
    if place is not None:
        meant = CROCKFORD[digits[place] ^ syndromes[0]]
        ja = f"{place + 1}文字目の「{text[place]}」が違います（「{meant}」かもしれません）。"
        en = f"Character {place + 1}, {text[place]}, is wrong (perhaps {meant})."
    elif (swapped := _place_of_swap(digits)) is not None:
        first, second = swapped + 1, swapped + 2
        ja = f"{first}文字目と{second}文字目（「{text[swapped : swapped + 2]}」）が入れ替わっています。"
        en = f"Characters {first} and {second} ({text[swapped : swapped + 2]}) have changed places."
    else:
        ja, en = "2文字以上が違います。", "Two or more characters are wrong."
    return InvalidInput(
        f"ウォレットのコードの{ja}お客さまの画面と見くらべて、打ち直してください。",
        f"{en} Compare the code with the customer's screen and type it again.",
        field="wallet",
        code="wallet_code_wrong",
    )


def _place_of_one(syndromes: list[int]) -> int | None:
    """Return the place of the one wrong character; None, if more are wrong."""
    if not all(syndromes):
        return None
    first, second, third = (_LOGARITHMS[item] for item in syndromes)
    exponent = (second - first) % 31
    is_one = (third - second) % 31 == exponent and exponent < CHARACTERS
    return CHARACTERS - 1 - exponent if is_one else None


def _place_of_swap(digits: list[int]) -> int | None:
    for place, (one, other) in enumerate(pairwise(digits)):
        swapped = [*digits[:place], other, one, *digits[place + 2 :]]
        if not any(_syndromes(swapped)):
            return place
    return None


def _range(code: str) -> WalletRange:
    first = _number(code[:-_CHECKS]) << _REST_BITS
    last = first | ((1 << _REST_BITS) - 1)
    return WalletRange(first.to_bytes(ADDRESS_BYTES), last.to_bytes(ADDRESS_BYTES))


def _number(text: str) -> int:
    number = 0
    for letter in text:
        number = number << 5 | CROCKFORD.index(letter)
    return number


def _digits(number: int, count: int) -> list[int]:
    return [number >> 5 * place & 31 for place in reversed(range(count))]


def _times(one: int, other: int) -> int:
    return _POWERS[(_LOGARITHMS[one] + _LOGARITHMS[other]) % 31] if one and other else 0


def _syndromes(digits: list[int]) -> list[int]:
    """Return the code's polynomial at 1, x and x²; the first character has the highest power. A good code gives zeros."""
    values = []
    for root in _POWERS[:_CHECKS]:
        value = 0
        for digit in digits:
            value = _times(value, root) ^ digit
        values.append(value)
    return values


def _checks(data: list[int]) -> list[int]:
    """Return the characters that make the polynomial of all zero at 1, x and x²: the remainder of its division."""
    remainder = [0] * _CHECKS
    for digit in data:
        factor = digit ^ remainder[0]
        remainder = [*remainder[1:], 0]
        remainder = [item ^ _times(factor, part) for item, part in zip(remainder, _GENERATOR, strict=True)]
    return remainder


def _generator() -> list[int]:
    """Return (z − 1)(z − x)(z − x²) without its leading 1, highest power first."""
    polynomial = [1]
    for root in _POWERS[:_CHECKS]:
        shifted = [*polynomial, 0]
        added = [0, *(_times(item, root) for item in polynomial)]
        polynomial = [one ^ other for one, other in zip(shifted, added, strict=True)]
    return polynomial[1:]


_GENERATOR = _generator()
