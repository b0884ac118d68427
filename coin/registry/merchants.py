"""Merchants: the shops of the town by number and by address, and the address that each number has now.

A number is never used again, and an address that once held a number never holds another. Money facts only stand
here; names of people and bank accounts are personal data (coin.registry.personal).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from coin.errors import NotFound
from coin.messages import parse_address
from coin.registry.books import Books

_COLUMNS = """number, address, account, is_open, name, name_romaji, city_romaji, category, sticker_version"""


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
    """Return the shop that has that address now.

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
    """Return what the shops of these numbers are called now; a number that no shop has is left out."""
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
