"""Tills, at which merchants open checkouts. A till is a label in a shop; its rights depend on its credential.

Two labels that look the same (レジ1, ﾚｼﾞ1) are one till.
"""

import unicodedata
from dataclasses import dataclass
from uuid import UUID

from coin.database.ids import new_id
from coin.errors import Conflict, InvalidInput, NotFound
from coin.registry.books import Books
from coin.registry.labels import read_as

MAX_LABEL = 40


@dataclass(frozen=True, slots=True)
class Till:
    """A till of a merchant; a receipt has its id, and people see its label."""

    id: UUID
    merchant_number: int
    label: str


def create(books: Books, merchant_number: int, label: str) -> Till:
    """Create a till in a merchant's shop.

    Raises:  InvalidInput (`label`); NotFound (`merchant_unknown`); Conflict (`till_exists`).
    """
    _check_label(label)
    _lock_merchant(books, merchant_number)
    same = _of_label(books, merchant_number, label)
    if same is not None:
        raise Conflict(
            f"この店にはレジ「{same.label}」があります。番号を出し直すなら bandai-town tills pair です。",
            f"The merchant has the till {same.label}; bandai-town tills pair makes a new code for it.",
            field="label",
            code="till_exists",
        )
    till = Till(new_id(), merchant_number, unicodedata.normalize("NFC", label))
    books.connection.execute(
        "INSERT INTO till (municipality, id, merchant_number, label) VALUES (%s, %s, %s, %s)",
        [books.municipality_code, till.id, merchant_number, till.label],
    )
    return till


def get(books: Books, till: UUID) -> Till:
    """Return the till of that id.

    Raises:  NotFound (`till_unknown`).
    """
    row = books.connection.execute(
        "SELECT id, merchant_number, label FROM till WHERE municipality = %s AND id = %s",
        [books.municipality_code, till],
    ).fetchone()
    if row is None:
        raise _unknown()
    return Till(**row)


def labelled(books: Books, merchant_number: int, label: str) -> Till:
    """Return the till of that label, or of one that looks the same, in a merchant's shop.

    Raises:  NotFound (`till_unknown`).
    """
    till = _of_label(books, merchant_number, label)
    if till is None:
        raise _unknown()
    return till


def of_merchant(books: Books, merchant_number: int) -> list[Till]:
    """Return all tills of a merchant, by label."""
    rows = books.connection.execute(
        """SELECT id, merchant_number, label FROM till
           WHERE municipality = %s AND merchant_number = %s ORDER BY label""",
        [books.municipality_code, merchant_number],
    )
    return [Till(**row) for row in rows]


def _of_label(books: Books, merchant_number: int, label: str) -> Till | None:
    tills = of_merchant(books, merchant_number)
    return next((till for till in tills if read_as(till.label) == read_as(label)), None)


def _unknown() -> NotFound:
    return NotFound("このレジはありません。", "There is no such till.", field="till", code="till_unknown")


def _check_label(label: str) -> None:
    if not 1 <= len(label) <= MAX_LABEL or not label.isprintable():
        raise InvalidInput(
            f"レジの名前は 1 から {MAX_LABEL} 文字です。",
            f"A label has 1 to {MAX_LABEL} printable characters.",
            field="label",
        )


def _lock_merchant(books: Books, number: int) -> None:
    row = books.connection.execute(
        "SELECT 1 FROM merchant WHERE municipality = %s AND number = %s FOR NO KEY UPDATE",
        [books.municipality_code, number],
    ).fetchone()
    if row is None:
        raise NotFound(
            "加盟店が見つかりません。",
            "There is no such merchant.",
            field="merchant_number",
            code="merchant_unknown",
        )
