"""Brings merchants.csv into the books: new shops are registered, known ones are left as they are or, if asked, updated.

Two staff sign for each change, and the whole file goes in or nothing of it. A shop that is registered keeps its key and
its state, however often its line is read. Bank accounts are personal data: they go into the encrypted rows and nowhere else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from coin.clock import Clock
from coin.database.database import Database
from coin.errors import FileProblem, InvalidFile, InvalidInput, NotFound
from coin.ledger.journal_head import lock_head
from coin.merchant_file import MerchantRow
from coin.messages import MerchantStatus, parse_address
from coin.operations.merchants import MerchantChange, MerchantFacts, import_merchants, write_bank_account
from coin.registry.books import Books, open_books
from coin.registry.merchants import Merchant, all_merchants
from coin.registry.municipality import Municipality
from coin.registry.personal import PersonalData
from coin.registry.signers import free_nonces
from coin.signatory import StaffPair

_FACTS = {"name_ja": "name", "name_romaji": "name_romaji", "city_romaji": "city_romaji", "mcc": "category"}


@dataclass(frozen=True, slots=True)
class Imported:
    """How many shops were registered, how many were updated, and how many were as the file says already."""

    registered: int
    updated: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A line beside what is registered under its number; `columns` are those that differ, all of a new shop."""

    row: MerchantRow
    shop: Merchant | None
    columns: tuple[str, ...]

    @property
    def is_on_chain(self) -> bool:
        """Whether the change is one of the Merchant record, and not of the bank account alone."""
        return self.shop is None or bool({*_FACTS, "address"} & set(self.columns))


def unregistered(books: Books, rows: Sequence[MerchantRow]) -> list[MerchantRow]:
    """The lines whose number no shop has yet."""
    known = {shop.number for shop in all_merchants(books)}
    return [row for row in rows if row.number not in known]


def import_rows(
    database: Database,
    municipality: Municipality,
    clock: Clock,
    staff: StaffPair,
    personal: PersonalData,
    rows: Sequence[MerchantRow],
    addresses: Mapping[int, bytes],
    *,
    actor: str,
    updates: bool = False,
) -> Imported:
    """Register every new shop with its address and its bank account, in one transaction.

    Shapes:  `addresses` by merchant number, for the new rows that have none of their own.
    Raises:  InvalidFile (`merchant_differs`), if a line is not what is registered and `updates` is false; InvalidInput
             (`address_missing`); Rejected. Then nothing was written.
    """
    with open_books(database, municipality, clock) as books:
        lock_head(
            books.connection, municipality.code, clock
        )  # so that nobody registers between the look and the change
        lines = list(_compared(books, personal, rows))
        changed = [line for line in lines if line.columns]
        _demand_allowed(changed, updates=updates)
        nonces = free_nonces(books.connection, municipality.code, staff.first.address)
        changes = [
            _signed(municipality, staff, line, _address(line, addresses), next(nonces))
            for line in changed
            if line.is_on_chain
        ]
        if changes:
            import_merchants(books.connection, municipality, clock, changes, actor=actor)
        for line in changed:
            account = _bank_account(line.row)
            if set(account) & set(line.columns):
                write_bank_account(
                    books.connection, municipality, clock, personal, line.row.number, account, actor=actor
                )
    registered = sum(line.shop is None for line in lines)
    return Imported(registered, len(changed) - registered, len(lines) - len(changed))


def _compared(books: Books, personal: PersonalData, rows: Sequence[MerchantRow]) -> Iterator[_Line]:
    shops = {shop.number: shop for shop in all_merchants(books)}
    for row in rows:
        shop = shops.get(row.number)
        wanted = {column: str(getattr(row, column)) for column in _FACTS} | _bank_account(row)
        kept = _kept(books, personal, shop) if shop else {}
        columns = [column for column, text in wanted.items() if kept.get(column) != text]
        if shop and row.address is not None and parse_address(row.address) != shop.address:
            columns.append("address")
        yield _Line(row, shop, tuple(columns))


def _kept(books: Books, personal: PersonalData, shop: Merchant) -> dict[str, str]:
    try:
        account = personal.get(books.connection, books.municipality_code, f"merchant:{shop.number:06d}")
    except NotFound:
        account = {}
    return {column: str(getattr(shop, name)) for column, name in _FACTS.items()} | account


def _demand_allowed(changed: Sequence[_Line], *, updates: bool) -> None:
    differing = [line for line in changed if line.shop is not None]
    if differing and not updates:
        raise InvalidFile(differing[0].row.file_name, [_differs(line) for line in differing])


def _differs(line: _Line) -> FileProblem:
    return FileProblem(
        f"加盟店 {line.row.number:06d} は登録済みで、内容が違います。書き換えるなら --update を付けてください。",
        f"merchant {line.row.number:06d} is registered with something else; give --update to change it.",
        file_name=line.row.file_name,
        line=line.row.line,
        field=", ".join(line.columns),
        code="merchant_differs",
    )


def _signed(
    municipality: Municipality, staff: StaffPair, line: _Line, address: bytes, nonce: int
) -> MerchantChange:
    row = line.row
    status = MerchantStatus.CLOSED if line.shop and not line.shop.is_open else MerchantStatus.OPEN
    draft = MerchantChange(
        account=address,
        number=row.number,
        status=status,
        nonce=nonce,
        signatures=(),
        facts=MerchantFacts(row.name_ja, row.name_romaji, row.city_romaji, row.mcc),
    )
    return replace(draft, signatures=staff.sign(municipality.domain, draft))


def _address(line: _Line, addresses: Mapping[int, bytes]) -> bytes:
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


def _bank_account(row: MerchantRow) -> dict[str, str]:
    return {
        "bank_code": row.bank_code,
        "bank_name": row.bank_name,
        "branch_code": row.branch_code,
        "branch_name": row.branch_name,
        "account_type": str(row.account_type.value),
        "account_number": row.account_number,
        "holder_kana": row.holder_kana,
    }
