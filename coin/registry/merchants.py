"""Merchants: the shops of the town by number and by address.

A number is never reused, and an address that has had a number never gets another one. Names of people and bank accounts are
not here; they are personal data (coin.registry.personal).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from coin.errors import NotFound
from coin.messages import parse_address
from coin.registry.books import Books
from coin.shop_facts import facts_hash

_COLUMNS = """number, address, account, is_open, name, name_romaji, city_romaji, category, sticker_version,
    bank_hash"""


@dataclass(frozen=True, slots=True)
class Merchant:
    """A registered shop."""

    number: int
    address: bytes
    account: UUID
    is_open: bool
    name: str
    name_romaji: str
    city_romaji: str
    category: str
    sticker_version: int
    bank_hash: bytes

    @property
    def facts_hash(self) -> bytes:
        """The hash of its present facts, which two staff have signed."""
        return facts_hash(self.name, self.name_romaji, self.city_romaji, self.category, self.bank_hash)


def by_number(books: Books, number: int) -> Merchant:
    """Return the shop of that number.

    Raises:  NotFound (`merchant_unknown`).
    """
    return _one(
        books,
        f"SELECT {_COLUMNS} FROM merchant WHERE municipality = %s AND number = %s",  # noqa: S608
        [books.municipality_code, number],
    )


def by_address(books: Books, address: bytes) -> Merchant:
    """Return the shop whose present address this is.

    Raises:  NotFound (`merchant_unknown`).
    """
    return _one(
        books,
        f"SELECT {_COLUMNS} FROM merchant WHERE municipality = %s AND address = %s",  # noqa: S608
        [books.municipality_code, parse_address(address)],
    )


def all_merchants(books: Books) -> list[Merchant]:
    """Return every shop, by number."""
    rows = books.connection.execute(
        f"SELECT {_COLUMNS} FROM merchant WHERE municipality = %s ORDER BY number",  # noqa: S608
        [books.municipality_code],
    )
    return [Merchant(**row) for row in rows]


def names_of(books: Books, numbers: Iterable[int]) -> dict[int, str]:
    """Return the present names of the shops with these numbers; unknown numbers are left out."""
    rows = books.connection.execute(
        "SELECT number, name FROM merchant WHERE municipality = %s AND number = ANY (%s)",
        [books.municipality_code, list(numbers)],
    )
    return {row["number"]: row["name"] for row in rows}


def _one(books: Books, query: str, parameters: list[object]) -> Merchant:
    row = books.connection.execute(query.encode(), parameters).fetchone()
    if row is None:
        raise NotFound(
            "加盟店が見つかりません。",
            "There is no such merchant.",
            field="merchant",
            code="merchant_unknown",
        )
    return Merchant(**row)
