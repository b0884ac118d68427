"""Tills, at which merchants open checkouts. A till is a label in a shop; its rights depend on its credential."""

from dataclasses import dataclass
from uuid import UUID

from coin.database.ids import new_id
from coin.errors import Conflict, InvalidInput, NotFound
from coin.registry.books import Books

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
    _check_merchant(books, merchant_number)
    till = Till(new_id(), merchant_number, label)
    inserted = books.connection.execute(
        """INSERT INTO till (municipality, id, merchant_number, label) VALUES (%s, %s, %s, %s)
           ON CONFLICT (municipality, merchant_number, label) DO NOTHING RETURNING id""",
        [books.municipality_code, till.id, merchant_number, label],
    ).fetchone()
    if inserted is None:
        raise Conflict(
            "この名前のレジは登録済みです。番号を出し直すなら bandai-town tills pair です。",
            "The merchant has a till with that label; bandai-town tills pair makes a new code for it.",
            field="label",
            code="till_exists",
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
    """Return the till of that label in a merchant's shop.

    Raises:  NotFound (`till_unknown`).
    """
    for till in of_merchant(books, merchant_number):
        if till.label == label:
            return till
    raise _unknown()


def of_merchant(books: Books, merchant_number: int) -> list[Till]:
    """Return all tills of a merchant, by label."""
    rows = books.connection.execute(
        """SELECT id, merchant_number, label FROM till
           WHERE municipality = %s AND merchant_number = %s ORDER BY label""",
        [books.municipality_code, merchant_number],
    )
    return [Till(**row) for row in rows]


def _unknown() -> NotFound:
    return NotFound("このレジはありません。", "There is no such till.", field="till", code="till_unknown")


def _check_label(label: str) -> None:
    if not 1 <= len(label) <= MAX_LABEL or not label.isprintable():
        raise InvalidInput(
            f"レジの名前は 1 から {MAX_LABEL} 文字です。",
            f"A label has 1 to {MAX_LABEL} printable characters.",
            field="label",
        )


def _check_merchant(books: Books, number: int) -> None:
    row = books.connection.execute(
        "SELECT 1 FROM merchant WHERE municipality = %s AND number = %s", [books.municipality_code, number]
    ).fetchone()
    if row is None:
        raise NotFound(
            "加盟店が見つかりません。",
            "There is no such merchant.",
            field="merchant_number",
            code="merchant_unknown",
        )
