"""What everybody may know: totals of what the chain has confirmed. No person can be found in them.

The figures stand still between batches, and equal what the chain's readers see. Where fewer than one and ten wallets
are behind any figure of a kind, all of that kind are hidden, because each is the sum or the difference of the others.
Left: whoever reads the figures before and after a batch learns what the batch moved, and a batch may be one payment.
"""

from dataclasses import dataclass

from coin.database.database import Conn
from coin.registry.municipality import Municipality

SMALL_CELL = 10


@dataclass(frozen=True, slots=True)
class KindTotals:
    """Yen of one kind: issued = held + spent + expired; None where it is hidden."""

    issued_yen: int | None
    held_yen: int | None
    spent_yen: int | None
    expired_yen: int | None


@dataclass(frozen=True, slots=True)
class PublicFigures:
    """Totals up to `last_sequence`, the last operation of the last confirmed batch."""

    batches: int
    last_sequence: int
    merchants: int
    wallets: int | None
    coin: KindTotals
    point: KindTotals


def last_confirmed(connection: Conn, municipality: Municipality) -> tuple[int, int]:
    """The number and the last sequence of the last batch that the chain has confirmed; zeros before the first."""
    row = connection.execute(
        """SELECT number, last_sequence FROM batch WHERE municipality = %s AND state = 'confirmed'
           ORDER BY number DESC LIMIT 1""",
        [municipality.code],
    ).fetchone()
    return (row["number"], row["last_sequence"]) if row else (0, 0)


def last_sequence(connection: Conn, municipality: Municipality) -> int:
    """The number of the last accepted operation."""
    row = connection.execute(
        "SELECT last_sequence FROM journal_head WHERE municipality = %s", [municipality.code]
    ).fetchone()
    return row["last_sequence"] if row else 0


def public_figures(connection: Conn, municipality: Municipality) -> PublicFigures:
    """Add up what has been confirmed."""
    batches, last_sequence = last_confirmed(connection, municipality)
    counts = connection.execute(
        """SELECT (SELECT count(*) FROM merchant WHERE municipality = %(code)s AND is_open) AS merchants,
                  (SELECT count(*) FROM wallet WHERE municipality = %(code)s) AS wallets""",
        {"code": municipality.code},
    ).fetchone()
    merchants, wallets = (counts["merchants"], counts["wallets"]) if counts else (0, 0)
    is_hidden = wallets < SMALL_CELL
    totals = {} if is_hidden else _totals(connection, municipality, last_sequence)
    nothing = KindTotals(None, None, None, None) if is_hidden else KindTotals(0, 0, 0, 0)
    return PublicFigures(
        batches=batches,
        last_sequence=last_sequence,
        merchants=merchants,
        wallets=None if is_hidden else wallets,
        coin=totals.get("coin", nothing),
        point=totals.get("point", nothing),
    )


def _totals(connection: Conn, municipality: Municipality, last_sequence: int) -> dict[str, KindTotals]:
    rows = connection.execute(
        """SELECT kind::text, sum(issued)::bigint AS issued, sum(held)::bigint AS held, sum(spent)::bigint AS spent,
                  least(nullif(count(*) FILTER (WHERE issued > 0), 0), nullif(count(*) FILTER (WHERE held > 0), 0),
                        nullif(count(*) FILTER (WHERE spent > 0), 0),
                        nullif(count(*) FILTER (WHERE expired > 0), 0)) AS fewest
           FROM (
             SELECT kind, holder, sum(issued) AS issued, sum(held) AS held, sum(spent) AS spent, sum(expired) AS expired
             FROM (SELECT j.kind, side.holder,
                          CASE WHEN j.code <> 'expiry' AND side.other IN ('cash', 'point_expense') THEN side.amount ELSE 0 END
                              AS issued,
                          side.amount AS held,
                          CASE WHEN side.other = 'merchant' THEN -side.amount ELSE 0 END AS spent,
                          CASE WHEN j.code = 'expiry' THEN -side.amount ELSE 0 END AS expired
                   FROM operation o
                   JOIN journal j ON j.municipality = o.municipality AND j.operation = o.id
                   JOIN account d ON d.municipality = j.municipality AND d.id = j.debit
                   JOIN account c ON c.municipality = j.municipality AND c.id = j.credit
                   CROSS JOIN LATERAL (VALUES (c.id, c.class, d.class, j.amount), (d.id, d.class, c.class, -j.amount))
                       side (holder, class, other, amount)
                   WHERE o.municipality = %s AND o.sequence <= %s AND side.class = 'holder') moved
             GROUP BY kind, holder) of_holder
           GROUP BY kind""",
        [municipality.code, last_sequence],
    )
    return {row["kind"]: _kind_totals(**row) for row in rows}


def _kind_totals(*, kind: str, issued: int, held: int, spent: int, fewest: int | None) -> KindTotals:  # noqa: ARG001
    if fewest is not None and fewest < SMALL_CELL:
        return KindTotals(None, None, None, None)
    return KindTotals(issued, held, spent, issued - held - spent)
