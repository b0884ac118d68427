"""Writes wallet_codes.json: addresses, their codes and QR texts, ways of typing one, and codes that are refused.

The codes are made by coin.qr.wallet_code and checked by tests/qr/independent_wallet_code.py.
"""

import json
from pathlib import Path

from coin.codes import CROCKFORD
from coin.core import keccak256
from coin.qr.wallet_code import code_of, qr_text

TARGET = Path(__file__).with_name("wallet_codes.json")
TOWN = "074071"
ADDRESSES = [
    bytes(20),
    b"\xff" * 20,
    bytes(19) + b"\x01",
    b"\x80" + bytes(19),
    *(keccak256(bytes([i]))[12:] for i in range(8)),
]


def wallets() -> list[dict[str, str]]:
    """Give each address with its code and the text of its QR code."""
    return [
        {"address": "0x" + address.hex(), "code": code_of(address), "qr": qr_text(TOWN, address)}
        for address in ADDRESSES
    ]


def typed() -> list[dict[str, str]]:
    """Give ways of typing the code of the last address."""
    code = code_of(ADDRESSES[-1])
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code)
    ways = {
        "without hyphens": code.replace("-", ""),
        "with spaces": code.replace("-", " "),
        "with full-width spaces": code.replace("-", "\u3000"),
        "with the long vowel of a kana keyboard": code.replace("-", "ー"),
        "in lower case": code.lower(),
        "in full width": wide,
        "in full width and lower case": wide.lower(),
        "O for 0, I and l for 1": code.replace("0", "O").replace("1", "I", 1).replace("1", "l"),
        "the text of the QR code": qr_text(TOWN, ADDRESSES[-1]),
        "the text of the QR code in full width": "".join(
            chr(ord(c) + 0xFEE0) for c in qr_text(TOWN, ADDRESSES[-1])
        ),
    }
    return [
        {"about": about, "text": text, "address": "0x" + ADDRESSES[-1].hex()} for about, text in ways.items()
    ]


def refused() -> list[dict[str, str]]:
    """Give what is refused, and its error code."""
    code = code_of(ADDRESSES[-1]).replace("-", "")
    other = CROCKFORD[(CROCKFORD.index(code[6]) + 1) % 32]
    scanned = qr_text(TOWN, ADDRESSES[-1])
    rows = [
        ("nothing", "", "wallet_code_malformed"),
        ("a character too few", code[:-1], "wallet_code_malformed"),
        ("a character too many", code + "0", "wallet_code_malformed"),
        ("a letter that is not used", code[:5] + "U" + code[6:], "wallet_code_malformed"),
        ("a pairing code of a till", "7Q4M-V0XH-2KTB", "wallet_code_malformed"),
        ("kana", "ウォレット", "wallet_code_malformed"),
        ("one character wrong", code[:6] + other + code[7:], "wallet_code_wrong"),
        ("two characters changed places", code[:3] + code[4] + code[3] + code[5:], "wallet_code_wrong"),
        ("a scanner lost a character", scanned[:-1], "wallet_code_wrong"),
        ("a scanner read one wrong", scanned[:20] + other + scanned[21:], "wallet_code_wrong"),
        ("the QR code of another town", qr_text("073024", ADDRESSES[-1]), "wallet_code_of_other_town"),
    ]
    return [{"about": about, "text": text, "code": code} for about, text, code in rows]


def vectors() -> dict[str, object]:
    """Give the whole file."""
    return {
        "made_by": "tests/vectors/make_wallet_codes.py",
        "checked_by": "tests/qr/independent_wallet_code.py (the code by powers of the field, the QR text by hand)",
        "municipality": TOWN,
        "wallets": wallets(),
        "typed": typed(),
        "refused": refused(),
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
