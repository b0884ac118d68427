"""The wallet that a clerk means: by its code, typed or scanned, by a picture of its QR code, or by its address."""

import unicodedata
from pathlib import Path

from coin.errors import Conflict, InvalidInput, Rejected, Rejection
from coin.messages import parse_address
from coin.parsing import read_file, typed_path
from coin.qr.photo import MAX_BYTES, codes_in, unreadable
from coin.qr.wallet_code import WalletRange, read
from coin.registry import wallets
from coin.registry.books import Books


def wallet_named(books: Books, given: str) -> bytes:
    """Return the address of the registered wallet that is meant.

    Raises:  InvalidInput, as `coin.qr.wallet_code.read`, `parse_address` and `codes_in`; Rejected (`holder_unknown`, `holder_is_merchant`);
             Conflict (`wallet_code_shared`), if two registered wallets begin alike.
    """
    meant = _range(_text(given), books.municipality_code)
    found = wallets.between(books, meant.first, meant.last)
    if len(found) > 1:
        raise Conflict(
            "このコードのウォレットが2つあります。お客さまの QR コードを読み取るか、写真で指定してください。",
            "Two wallets have this code; scan the customer's QR code, or give a picture of it.",
            field="wallet",
            code="wallet_code_shared",
        )
    if not found:
        is_shop = meant.first == meant.last and wallets.is_merchant(books, [meant.first])
        raise Rejected(Rejection.HOLDER_IS_MERCHANT if is_shop else Rejection.HOLDER_UNKNOWN, field="wallet")
    return found[0]


def _range(text: str, municipality: str) -> WalletRange:
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain[:2].lower() != "0x":
        return read(plain, municipality)
    address = parse_address(plain, "wallet")
    return WalletRange(address, address)


def _text(given: str) -> str:
    """Return the code in a picture, if a file has that name; else what was given."""
    file = typed_path(Path(given))
    try:
        is_file = file.is_file()
    except (OSError, ValueError):
        return given
    if not is_file:
        return given
    codes = codes_in(read_file(file, MAX_BYTES))
    if not codes:
        raise unreadable()
    wallets_in_it = [code for code in codes if code.startswith("W1")]
    if len(wallets_in_it) > 1:
        raise InvalidInput(
            "写真にウォレットのコードが2つ以上あります。1つだけを写してください。",
            "The picture has the codes of several wallets; take one of one only.",
            field="wallet",
            code="qr_several",
        )
    return (wallets_in_it or codes)[0]
