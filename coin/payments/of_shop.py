"""A shop's payments in the order of the journal, each with the till that opened its checkout.

A payment's number in the journal is where a reader stopped: numbers follow the order of commits, so that nothing can appear
before a number that was read. Reads only.
"""

from dataclasses import dataclass
from typing import LiteralString

from psycopg.rows import class_row

from coin.registry.books import Books


@dataclass(frozen=True, slots=True)
class ShopPayment:
    """A payment to a shop; `till` is the label of the till that opened its checkout, None if a wallet opened it or if there
    is none."""

    payment: bytes
    sequence: int
    checkout: str | None
    till: str | None


def last_number(books: Books, merchant_number: int) -> int:
    """Return the number of the shop's last payment; 0, if it has none."""
    row = books.connection.execute(
        "SELECT max(sequence) AS last FROM payment WHERE municipality = %s AND merchant_number = %s",
        [books.municipality_code, merchant_number],
    ).fetchone()
    return (row and row["last"]) or 0


def payments_after(books: Books, merchant_number: int, after: int, *, count: int) -> list[ShopPayment]:
    """Return the shop's payments with a higher number, oldest first."""
    return _read(books, "AND p.sequence > %s ORDER BY p.sequence", merchant_number, after, count)


def payments_before(books: Books, merchant_number: int, before: int, *, count: int) -> list[ShopPayment]:
    """Return the shop's payments with a lower number, newest first."""
    return _read(books, "AND p.sequence < %s ORDER BY p.sequence DESC", merchant_number, before, count)


def _read(
    books: Books, which: LiteralString, merchant_number: int, number: int, count: int
) -> list[ShopPayment]:
    with books.connection.cursor(row_factory=class_row(ShopPayment)) as cursor:
        return cursor.execute(
            f"""SELECT p.id AS payment, p.sequence, p.checkout, t.label AS till FROM payment p
                LEFT JOIN checkout c ON c.municipality = p.municipality AND c.id = p.checkout
                LEFT JOIN till t ON t.municipality = c.municipality AND t.id = c.till
                WHERE p.municipality = %s AND p.merchant_number = %s {which} LIMIT %s""",  # noqa: S608
            [books.municipality_code, merchant_number, number, count],
        ).fetchall()
