"""Charges that were made: of a day, of a wallet, by a slip's number, and the same charge a moment ago.

Reads only. A slip's number is not in the books, only its reference under the town's key.
"""

from dataclasses import dataclass
from datetime import date
from typing import LiteralString

from psycopg.rows import class_row

from coin.clock import jst_day, jst_midnight_s
from coin.errors import NotFound
from coin.references import slip_reference, unkeyed_slip_reference
from coin.registry import slip_key
from coin.registry.books import Books

SAME_AGAIN_MS = 2 * 60_000


@dataclass(frozen=True, slots=True)
class ChargeMade:
    """A charge in the books; `digest` is the digest of the message that the channel signed."""

    sequence: int
    accepted_at_ms: int
    channel: str
    holder: bytes
    coins: int
    coin_expiry_s: int
    points: int
    point_expiry_s: int
    digest: bytes


def of_day(books: Books, day: date, channel: str | None = None) -> list[ChargeMade]:
    """Return the charges of a day in Japan, of one channel or of all, in the order of the journal."""
    day_number = jst_day(jst_midnight_s(day))
    return _read(books, _OF_DAY, {"day": day_number, "channel": channel})


def of_wallet(books: Books, holder: bytes) -> list[ChargeMade]:
    """Return the charges of a wallet, in the order of the journal."""
    return _read(books, _OF_WALLET, {"holder": holder})


def of_slip(books: Books, channel: str, slip: str) -> ChargeMade:
    """Return the charge that a channel made with a slip's number.

    Raises:  NotFound (`slip_unknown`); InvalidInput (`reference_empty`); Unavailable (`slip_key_missing`).
    """
    key = slip_key.read(books.connection, books.municipality_code)
    references = [slip_reference(key, slip), unkeyed_slip_reference(slip)]
    found = _read(books, _OF_SLIP, {"channel": channel, "references": references})
    if not found:
        raise NotFound(
            f"この窓口に、伝票番号「{slip}」のチャージはありません。",
            f"This channel has made no charge with the slip {slip}.",
            field="reference",
            code="slip_unknown",
        )
    return found[0]


def same_again(books: Books, holder: bytes, coins: int) -> ChargeMade | None:
    """Return the last charge of the same wallet and amount within two minutes; None, if there is none."""
    since_ms = books.now_ms() - SAME_AGAIN_MS
    found = _read(books, _SINCE, {"holder": holder, "coins": coins, "since_ms": since_ms})
    return found[-1] if found else None


_CHARGES: LiteralString = """
SELECT o.sequence, o.accepted_at_ms, t.channel, t.holder, t.coins, t.coin_expiry_s, t.points, t.point_expiry_s, t.digest
FROM top_up t JOIN operation o ON o.municipality = t.municipality AND o.id = t.operation
WHERE t.municipality = %(municipality)s AND """
_OF_DAY: LiteralString = "t.day = %(day)s AND (%(channel)s::text IS NULL OR t.channel = %(channel)s)"
_OF_WALLET: LiteralString = "t.holder = %(holder)s"
_OF_SLIP: LiteralString = "t.channel = %(channel)s AND t.reference = ANY (%(references)s)"
_SINCE: LiteralString = "t.holder = %(holder)s AND t.coins = %(coins)s AND o.accepted_at_ms > %(since_ms)s"


def _read(books: Books, condition: LiteralString, values: dict[str, object]) -> list[ChargeMade]:
    with books.connection.cursor(row_factory=class_row(ChargeMade)) as rows:
        query = _CHARGES + condition + " ORDER BY o.sequence"
        return rows.execute(query, {**values, "municipality": books.municipality_code}).fetchall()
