"""Statements for the owner of an account: lots, history, and a shop's totals with coins and points separate."""

from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from psycopg.rows import class_row

from coin.database.database import Conn
from coin.errors import InvalidInput
from coin.records.journal_codes import JournalCode

MAX_PAGE = 100


@dataclass(frozen=True, slots=True)
class HeldLot:
    """An amount that a holder has, of one kind, one expiry and (points) one fund."""

    kind: str
    expiry_s: int
    fund: str
    amount: int


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One operation as seen by one account; the amount is negative if value left the account.

    `others` are the accounts on the other side, as (class, reference): a shop's number, a channel, a wallet.
    """

    operation: UUID
    kind: int
    sequence: int | None
    accepted_at_ms: int
    amount: int
    lots: tuple[HeldLot, ...]
    others: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Items, newest first; `next_cursor` is None at the end."""

    items: tuple[HistoryItem, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class MerchantTotal:
    """A shop's totals of one kind and fund; coins and points are never added up.

    Shapes:  `other` is the net of all other journal codes, in less out. Counted from the first day,
             balance = received − refunded − redeemed + other.
    """

    kind: str
    fund: str
    received: int
    refunded: int
    redeemed: int
    other: int
    balance: int


def lots(
    connection: Conn, municipality_code: str, account: UUID, *, live_at_ms: int | None = None
) -> list[HeldLot]:
    """Return a holder's lots, in spending order; with `live_at_ms` only those that can be spent at that moment."""
    rows = connection.execute(
        """SELECT b.kind, b.expiry_s, b.fund, b.amount
           FROM balance b LEFT JOIN fund f ON f.municipality = b.municipality AND f.id = b.fund
           WHERE b.municipality = %s AND b.account = %s AND b.amount > 0 AND b.expiry_s * 1000 > %s
           ORDER BY b.expiry_s, b.kind, f.position, b.fund""",
        [municipality_code, account, -1 if live_at_ms is None else live_at_ms],
    )
    return [HeldLot(**row) for row in rows]


_HISTORY = """
WITH page AS (
    SELECT operation FROM (
        (SELECT operation FROM journal WHERE municipality = %(municipality)s AND debit = %(account)s AND operation < %(cursor)s
         GROUP BY operation ORDER BY operation DESC LIMIT %(count)s)
        UNION
        (SELECT operation FROM journal WHERE municipality = %(municipality)s AND credit = %(account)s AND operation < %(cursor)s
         GROUP BY operation ORDER BY operation DESC LIMIT %(count)s)) mine
    ORDER BY operation DESC LIMIT %(count)s)
SELECT o.id AS operation, o.kind AS record_kind, o.sequence, o.accepted_at_ms, j.debit = %(account)s AS is_debit,
       j.kind, j.expiry_s, j.fund, j.amount, a.class AS other_class,
       a.reference AS other_reference
FROM page
JOIN operation o ON o.municipality = %(municipality)s AND o.id = page.operation
JOIN journal j ON j.municipality = o.municipality AND j.operation = o.id
              AND (j.debit = %(account)s OR j.credit = %(account)s)
JOIN account a ON a.municipality = o.municipality
              AND a.id = CASE WHEN j.debit = %(account)s THEN j.credit ELSE j.debit END
ORDER BY o.id DESC, j.line
"""
_END = UUID(int=(1 << 128) - 1)


@dataclass(frozen=True, slots=True)
class _Line:
    """A journal line between the account of the history and another account."""

    operation: UUID
    record_kind: int
    sequence: int | None
    accepted_at_ms: int
    is_debit: bool
    kind: str
    expiry_s: int
    fund: str
    amount: int
    other_class: str
    other_reference: str


def history(
    connection: Conn, municipality_code: str, account: UUID, *, cursor: str | None = None, count: int = 20
) -> Page:
    """Return a page of the history of an account (of a holder or a shop), newest first.

    Raises:  InvalidInput, if count is not 1 … 100 or the cursor was not issued by this server.
    """
    if not 1 <= count <= MAX_PAGE:
        raise InvalidInput(
            f"count は 1 から {MAX_PAGE} までです。", f"count is 1 to {MAX_PAGE}.", field="count"
        )
    parameters = {
        "municipality": municipality_code,
        "account": account,
        "cursor": _read_cursor(cursor),
        "count": count + 1,
    }
    with connection.cursor(row_factory=class_row(_Line)) as rows:
        lines = rows.execute(_HISTORY, parameters).fetchall()
    items = [_item(list(group)) for _, group in groupby(lines, key=lambda line: line.operation)]
    shown = tuple(items[:count])
    return Page(shown, str(shown[-1].operation) if len(items) > count else None)


def _read_cursor(cursor: str | None) -> UUID:
    if cursor is None:
        return _END
    try:
        return UUID(cursor)
    except ValueError:
        raise InvalidInput(
            "cursor が正しくありません。", "The cursor was not issued by this server.", field="cursor"
        ) from None


def _item(lines: list[_Line]) -> HistoryItem:
    first = lines[0]
    return HistoryItem(
        operation=first.operation,
        kind=first.record_kind,
        sequence=first.sequence,
        accepted_at_ms=first.accepted_at_ms,
        amount=sum(-line.amount if line.is_debit else line.amount for line in lines),
        lots=tuple(HeldLot(line.kind, line.expiry_s, line.fund, line.amount) for line in lines),
        others=tuple(dict.fromkeys((line.other_class, line.other_reference) for line in lines)),
    )


def merchant_statement(
    connection: Conn, municipality_code: str, account: UUID, *, from_ms: int, until_ms: int
) -> list[MerchantTotal]:
    """Return what a shop received, refunded and redeemed in [from, until), and its balance at the end, by kind and fund."""
    rows = connection.execute(
        _STATEMENT,
        {
            "municipality": municipality_code,
            "account": account,
            "from_ms": from_ms,
            "until_ms": until_ms,
            "receipts": list(_RECEIPTS),
            "refund": JournalCode.REFUND,
            "redeem": JournalCode.REDEEM,
        },
    )
    return [MerchantTotal(**row) for row in rows]


_RECEIPTS = (JournalCode.PAYMENT, JournalCode.TICKET, JournalCode.FORCED_TRANSFER)
_STATEMENT = """
SELECT m.kind, m.fund,
       coalesce(sum(m.change) FILTER (WHERE m.is_within AND m.what = 'receipt'), 0)::bigint AS received,
       coalesce(sum(-m.change) FILTER (WHERE m.is_within AND m.what = 'refund'), 0)::bigint AS refunded,
       coalesce(sum(-m.change) FILTER (WHERE m.is_within AND m.what = 'redeem'), 0)::bigint AS redeemed,
       coalesce(sum(m.change) FILTER (WHERE m.is_within AND m.what = 'other'), 0)::bigint AS other,
       sum(m.change)::bigint AS balance
FROM (SELECT j.kind, j.fund, o.accepted_at_ms >= %(from_ms)s AS is_within,
             CASE WHEN j.credit = %(account)s THEN j.amount ELSE -j.amount END AS change,
             CASE WHEN j.credit = %(account)s AND j.code = ANY (%(receipts)s) THEN 'receipt'
                  WHEN j.debit = %(account)s AND j.code = %(refund)s THEN 'refund'
                  WHEN j.debit = %(account)s AND j.code = %(redeem)s THEN 'redeem'
                  ELSE 'other' END AS what
      FROM journal j
      JOIN operation o ON o.municipality = j.municipality AND o.id = j.operation
      WHERE j.municipality = %(municipality)s AND (j.debit = %(account)s OR j.credit = %(account)s)
        AND o.accepted_at_ms < %(until_ms)s) m
LEFT JOIN fund f ON f.municipality = %(municipality)s AND f.id = m.fund
GROUP BY m.kind, m.fund, f.position ORDER BY m.kind, f.position, m.fund
"""


def held_by_date(connection: Conn, municipality_code: str, until_ms: int) -> dict[int, int]:
    """Return the total of all holders under each expiry date just before a moment; dates with a total of zero are left out.

    The chain keeps the same totals.
    """
    rows = connection.execute(
        """SELECT j.expiry_s, sum(s.amount)::bigint AS amount FROM operation o
           JOIN journal j ON j.municipality = o.municipality AND j.operation = o.id
           CROSS JOIN LATERAL (VALUES (j.credit, j.amount), (j.debit, -j.amount)) s (account, amount)
           JOIN account a ON a.municipality = o.municipality AND a.id = s.account AND a.class = 'holder'
           WHERE o.municipality = %s AND o.accepted_at_ms < %s
           GROUP BY j.expiry_s HAVING sum(s.amount) <> 0 ORDER BY j.expiry_s""",
        [municipality_code, until_ms],
    )
    return {row["expiry_s"]: row["amount"] for row in rows}
