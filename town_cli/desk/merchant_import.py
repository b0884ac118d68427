"""Imports merchants.csv: two staff sign for every new or changed shop."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from coin.console.output import progress
from coin.errors import InvalidInput
from coin.keyring import Keyring
from coin.merchant_file import MerchantRow
from coin.messages import parse_address
from coin.office.merchant_lines import Imported, Line, carry_out, compared, unregistered
from coin.operations.merchants import MerchantChange
from coin.registry.books import Books
from coin.registry.municipality import Municipality
from coin.registry.personal import PersonalData
from coin.registry.signers import free_nonces
from coin.signatory import StaffPair
from town_cli.desk.shop_keys import shop_keys


def register_shops(
    open_books: Callable[[], AbstractContextManager[Books]],
    staff: StaffPair,
    personal: PersonalData,
    keyring: Keyring,
    passphrase: str,
    rows: Sequence[MerchantRow],
    *,
    actor: str,
    updates: bool = False,
) -> Imported:
    """Import a file; for new shops without an address, create keys and store them in the keyring.

    Raises:  as `import_rows`. Then nothing was registered.
    """
    with open_books() as books:
        new = unregistered(books, rows)
    progress(f"{len(rows)} 店に署名しています", f"signing for {len(rows)} shops")
    with shop_keys(open_books, keyring, passphrase, new) as addresses, open_books() as books:
        return import_rows(books, staff, personal, rows, addresses, actor=actor, updates=updates)


def import_rows(
    books: Books,
    staff: StaffPair,
    personal: PersonalData,
    rows: Sequence[MerchantRow],
    addresses: Mapping[int, bytes],
    *,
    actor: str,
    updates: bool = False,
) -> Imported:
    """Register every new shop with its address and its bank account; with `updates`, also change registered shops.

    Shapes:  `addresses` by merchant number, for the new rows without an address.
    Raises:  InvalidFile (`merchant_differs`), if a line differs from the registered shop and `updates` is false;
             InvalidInput
             (`address_missing`); Rejected. Then the caller rolls back, and nothing was written.
    """
    lines = compared(books, personal, rows, updates=updates)
    nonces = free_nonces(books.connection, books.municipality_code, staff.first.address)
    changes = [
        _signed(books.municipality, staff, line, _address(line, addresses), next(nonces))
        for line in lines
        if line.is_on_chain
    ]
    return carry_out(books, personal, lines, changes, actor=actor)


def _signed(
    municipality: Municipality, staff: StaffPair, line: Line, address: bytes, nonce: int
) -> MerchantChange:
    facts, first = line.facts, staff.first.address
    draft = MerchantChange(address, line.row.number, line.status, facts.facts_hash, first, nonce, (), facts)
    return replace(draft, signatures=staff.sign(municipality.domain, draft))


def _address(line: Line, addresses: Mapping[int, bytes]) -> bytes:
    row = line.row
    if row.address is not None:
        return parse_address(row.address)
    if line.shop is not None:
        return line.shop.address
    if row.number not in addresses:
        raise InvalidInput(
            f"加盟店 {row.number:06d} のアドレスがありません。",
            f"Merchant {row.number:06d} has no address.",
            field="address",
            code="address_missing",
        )
    return addresses[row.number]
