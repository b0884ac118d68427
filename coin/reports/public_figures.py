"""Public figures: daily totals of what the chain has confirmed, in which no person can be found.

The figures change once for each day in Japan, when all of the day is confirmed: otherwise somebody who looks every second
would see single payments. If any figure of a kind comes from one to nine wallets, all figures of that kind are hidden,
because each can be computed from the others. Remaining risk: the difference between two days may be a single payment.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from coin.clock import jst_date, jst_midnight_s
from coin.records.journal_codes import JournalCode
from coin.registry.books import Books

SMALL_CELL = 10
_COMMIT_MS = 60_000  # an acceptance at the end of a day may be committed shortly after it


@dataclass(frozen=True, slots=True)
class KindTotals:
    """Yen of one kind: issued = held + spent + expired; None if it is hidden."""

    issued_yen: int | None
    held_yen: int | None
    spent_yen: int | None
    expired_yen: int | None


_HIDDEN = KindTotals(None, None, None, None)


@dataclass(frozen=True, slots=True)
class PublicFigures:
    """Totals at the end of `day`: up to `last_sequence`, in `batches` batches."""

    day: date
    batches: int
    last_sequence: int
    merchants: int
    wallets: int | None
    coin: KindTotals
    point: KindTotals


def last_confirmed(books: Books) -> tuple[int, int]:
    """Return the number and the last sequence of the last confirmed batch; zeros before the first."""
    row = books.connection.execute(
        """SELECT number, last_sequence FROM batch WHERE municipality = %s AND state = 'confirmed'
           ORDER BY number DESC LIMIT 1""",
        [books.municipality_code],
    ).fetchone()
    return (row["number"], row["last_sequence"]) if row else (0, 0)


def ended_day(now_ms: int) -> date:
    """Return the last day in Japan to which nothing can be added."""
    return jst_date(now_ms - _COMMIT_MS) - timedelta(days=1)


def public_figures(books: Books, ended: date) -> PublicFigures:
    """Compute the figures at the end of `ended` or, if that is not confirmed completely, of the last day before it that
    is."""
    day, last_sequence = _confirmed_day(books, ended)
    counts = books.connection.execute(
        """SELECT (SELECT count(*) FROM merchant WHERE municipality = %(municipality)s AND is_open) AS merchants,
                  (SELECT count(*) FROM wallet WHERE municipality = %(municipality)s AND registered_at_ms < %(until_ms)s) AS wallets,
                  (SELECT count(*) FROM batch WHERE municipality = %(municipality)s AND last_sequence <= %(last)s) AS batches""",
        {"municipality": books.municipality_code, "until_ms": _end_ms(day), "last": last_sequence},
    ).fetchone() or {"merchants": 0, "wallets": 0, "batches": 0}
    wallets = counts["wallets"]
    is_hidden = wallets < SMALL_CELL
    totals = {} if is_hidden else _totals(books, last_sequence)
    nothing = _HIDDEN if is_hidden else KindTotals(0, 0, 0, 0)
    return PublicFigures(
        day=day,
        batches=counts["batches"],
        last_sequence=last_sequence,
        merchants=counts["merchants"],
        wallets=None if is_hidden else wallets,
        coin=totals.get("coin", nothing),
        point=totals.get("point", nothing),
    )


def _confirmed_day(books: Books, ended: date) -> tuple[date, int]:
    """Return the last day up to `ended` that is confirmed completely, and its last operation (0: none until then)."""
    _, confirmed = last_confirmed(books)
    waiting = books.connection.execute(
        "SELECT accepted_at_ms FROM operation WHERE municipality = %s AND sequence = %s",
        [books.municipality_code, confirmed + 1],
    ).fetchone()
    day = min(ended, jst_date(waiting["accepted_at_ms"]) - timedelta(days=1)) if waiting else ended
    last = books.connection.execute(
        """SELECT sequence FROM operation WHERE municipality = %s AND sequence <= %s AND accepted_at_ms < %s
           ORDER BY sequence DESC LIMIT 1""",
        [books.municipality_code, confirmed, _end_ms(day)],
    ).fetchone()
    return day, last["sequence"] if last else 0


def _end_ms(day: date) -> int:
    return jst_midnight_s(day + timedelta(days=1)) * 1000


def _totals(books: Books, last_sequence: int) -> dict[str, KindTotals]:
    rows = books.connection.execute(
        """SELECT kind::text, sum(issued)::bigint AS issued, sum(held)::bigint AS held, sum(spent)::bigint AS spent,
                  least(nullif(count(*) FILTER (WHERE issued > 0), 0), nullif(count(*) FILTER (WHERE held > 0), 0),
                        nullif(count(*) FILTER (WHERE spent > 0), 0),
                        nullif(count(*) FILTER (WHERE expired > 0), 0)) AS fewest
           FROM (
             SELECT kind, holder, sum(issued) AS issued, sum(held) AS held, sum(spent) AS spent, sum(expired) AS expired
             FROM (SELECT j.kind, side.holder,
                          CASE WHEN j.code <> %(expiry)s AND side.other IN ('cash', 'point_expense') THEN side.amount ELSE 0 END
                              AS issued,
                          side.amount AS held,
                          CASE WHEN side.other = 'merchant' THEN -side.amount ELSE 0 END AS spent,
                          CASE WHEN j.code = %(expiry)s THEN -side.amount ELSE 0 END AS expired
                   FROM operation o
                   JOIN journal j ON j.municipality = o.municipality AND j.operation = o.id
                   JOIN account d ON d.municipality = j.municipality AND d.id = j.debit
                   JOIN account c ON c.municipality = j.municipality AND c.id = j.credit
                   CROSS JOIN LATERAL (VALUES (c.id, c.class, d.class, j.amount), (d.id, d.class, c.class, -j.amount))
                       side (holder, class, other, amount)
                   WHERE o.municipality = %(municipality)s AND o.sequence <= %(last)s AND side.class = 'holder') moved
             GROUP BY kind, holder) of_holder
           GROUP BY kind""",
        {"municipality": books.municipality_code, "last": last_sequence, "expiry": JournalCode.EXPIRY},
    )
    return {
        row["kind"]: _kind_totals(row["issued"], row["held"], row["spent"], row["fewest"]) for row in rows
    }


def _kind_totals(issued: int, held: int, spent: int, fewest: int | None) -> KindTotals:
    if fewest is not None and fewest < SMALL_CELL:
        return _HIDDEN
    return KindTotals(issued, held, spent, issued - held - spent)
