"""Compares the lines of merchants.csv with the books, and writes the changes that two staff have signed.

Decides that the file is imported completely or not at all, and that a registered shop keeps its key and its state at every
import. Signs nothing. Bank accounts are personal data and are stored only in the encrypted rows.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from coin.errors import FileProblem, InvalidFile, NotFound
from coin.ledger.journal_head import lock_head
from coin.merchant_file import MerchantRow
from coin.messages import MerchantStatus, checksum_address, parse_address
from coin.operations.merchants import MerchantChange, MerchantFacts, write_bank_account
from coin.operations.perform import perform_all
from coin.registry.books import Books
from coin.registry.merchants import Merchant, all_merchants
from coin.registry.personal import PersonalData
from coin.shop_facts import SALT_BYTES, bank_hash

_FACTS = {"name_ja": "name", "name_romaji": "name_romaji", "city_romaji": "city_romaji", "mcc": "category"}


@dataclass(frozen=True, slots=True)
class Imported:
    """The numbers of shops that were registered, updated, and unchanged."""

    registered: int
    updated: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line and the shop registered under its number; `columns` are the differing ones, for a new shop all.

    Shapes:  `salt`: of the hash of the bank account; a new one, if the account is.
    """

    row: MerchantRow
    shop: Merchant | None
    columns: tuple[str, ...]
    salt: bytes

    @property
    def is_on_chain(self) -> bool:
        """Whether it needs a Merchant record, which two staff sign: every change does."""
        return bool(self.columns)

    @property
    def has_new_account(self) -> bool:
        """Whether another bank account than before will be stored."""
        return bool(set(self.row.account) & set(self.columns))

    @property
    def status(self) -> MerchantStatus:
        """The status for the record; a closed shop stays closed."""
        return MerchantStatus.CLOSED if self.shop and not self.shop.is_open else MerchantStatus.OPEN

    @property
    def facts(self) -> MerchantFacts:
        """The facts about the shop, of which the chain gets the hash."""
        row, bank = self.row, bank_hash(self.salt, self.row.account)
        return MerchantFacts(row.name_ja, row.name_romaji, row.city_romaji, row.mcc, bank)


def registered_accounts(books: Books, personal: PersonalData) -> dict[int, dict[str, str]]:
    """Return the bank accounts of all shops by merchant number."""
    return {shop.number: _account(books, personal, shop)[1] for shop in all_merchants(books)}


def unregistered(books: Books, rows: Sequence[MerchantRow]) -> list[MerchantRow]:
    """Return the lines whose number is not registered yet."""
    known = {shop.number for shop in all_merchants(books)}
    return [row for row in rows if row.number not in known]


@dataclass(frozen=True, slots=True)
class Difference:
    """What an update would change in a registered shop: one column, before and after."""

    number: int
    name: str
    column: str
    before: str
    after: str


def differences(books: Books, personal: PersonalData, rows: Sequence[MerchantRow]) -> list[Difference]:
    """Return every cell of a registered shop that the file would change, in the order of the file."""
    return [item for line in _compared(books, personal, rows) for item in _differences(books, personal, line)]


def _differences(books: Books, personal: PersonalData, line: Line) -> Iterator[Difference]:
    shop, row = line.shop, line.row
    if shop is None:
        return
    kept = _kept(books, personal, shop)[1] | {"address": checksum_address(shop.address)}
    wanted = {column: str(getattr(row, column)) for column in _FACTS} | row.account
    wanted["address"] = row.address or ""
    for column in line.columns:
        yield Difference(shop.number, shop.name, column, kept.get(column, ""), wanted[column])


def compared(
    books: Books, personal: PersonalData, rows: Sequence[MerchantRow], *, updates: bool
) -> list[Line]:
    """Compare every line with the books, which are locked against other changes until the transaction ends.

    Raises:  InvalidFile (`merchant_differs`), if a line differs from the registered shop and `updates` is false.
    """
    lock_head(books.connection, books.municipality_code, books.clock)
    lines = list(_compared(books, personal, rows))
    differing = [line for line in lines if line.columns and line.shop is not None]
    if differing and not updates:
        raise InvalidFile(differing[0].row.file_name, [_differs(line) for line in differing])
    return lines


def carry_out(
    books: Books,
    personal: PersonalData,
    lines: Sequence[Line],
    changes: Sequence[MerchantChange],
    *,
    actor: str,
) -> Imported:
    """Write the signed changes, and the bank accounts that differ.

    Raises:  Rejected; then the caller rolls back.
    """
    if changes:
        perform_all(books, changes, actor=actor)
    for line in lines:
        if line.has_new_account:
            write_bank_account(books, personal, line.row.number, line.salt, line.row.account, actor=actor)
    changed, registered = sum(bool(line.columns) for line in lines), sum(line.shop is None for line in lines)
    return Imported(registered, changed - registered, len(lines) - changed)


def _compared(books: Books, personal: PersonalData, rows: Sequence[MerchantRow]) -> Iterator[Line]:
    shops = {shop.number: shop for shop in all_merchants(books)}
    for row in rows:
        shop = shops.get(row.number)
        wanted = {column: str(getattr(row, column)) for column in _FACTS} | row.account
        salt, kept = _kept(books, personal, shop) if shop else (b"", {})
        columns = [column for column, text in wanted.items() if kept.get(column) != text]
        if shop and row.address is not None and parse_address(row.address) != shop.address:
            columns.append("address")
        if not salt or set(row.account) & set(columns):
            salt = secrets.token_bytes(SALT_BYTES)
        yield Line(row, shop, tuple(columns), salt)


def _kept(books: Books, personal: PersonalData, shop: Merchant) -> tuple[bytes, dict[str, str]]:
    facts = {column: str(getattr(shop, name)) for column, name in _FACTS.items()}
    salt, account = _account(books, personal, shop)
    return salt, facts | account


def _account(books: Books, personal: PersonalData, shop: Merchant) -> tuple[bytes, dict[str, str]]:
    """Return the salt and the account; empty, if there is none."""
    try:
        kept = personal.get(books.connection, books.municipality_code, f"merchant:{shop.number:06d}")
    except NotFound:
        return b"", {}
    return bytes.fromhex(kept.pop("salt", "")), kept


def _differs(line: Line) -> FileProblem:
    return FileProblem(
        f"加盟店 {line.row.number:06d} は登録済みで、内容が違います。書き換えるなら --update を付けてください。",
        f"merchant {line.row.number:06d} is registered with other values; use --update to change them.",
        file_name=line.row.file_name,
        line=line.row.line,
        field=", ".join(line.columns),
        code="merchant_differs",
    )
