"""What everybody may know: totals of what the chain has confirmed. No person can be found in them.

The figures stand still between batches, so that nobody reads single payments out of their differences as they
happen, and they equal what the chain's readers see. Where fewer than ten wallets are behind a figure it is hidden.
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
        """SELECT kind::text, count(DISTINCT holder) AS holders, sum(issued)::bigint AS issued, sum(held)::bigint AS held,
                  sum(spent)::bigint AS spent
           FROM (SELECT j.kind,
                        CASE WHEN c.class = 'holder' THEN c.id WHEN d.class = 'holder' THEN d.id END AS holder,
                        j.amount * CASE WHEN j.code = 'expiry' THEN 0
                                        WHEN d.class IN ('cash', 'point_expense') AND c.class = 'holder' THEN 1
                                        WHEN c.class IN ('cash', 'point_expense') AND d.class = 'holder' THEN -1
                                        ELSE 0 END AS issued,
                        j.amount * ((c.class = 'holder')::int - (d.class = 'holder')::int) AS held,
                        j.amount * ((c.class = 'merchant' AND d.class = 'holder')::int
                                  - (d.class = 'merchant' AND c.class = 'holder')::int) AS spent
                 FROM operation o
                 JOIN journal j ON j.municipality = o.municipality AND j.operation = o.id
                 JOIN account d ON d.municipality = j.municipality AND d.id = j.debit
                 JOIN account c ON c.municipality = j.municipality AND c.id = j.credit
                 WHERE o.municipality = %s AND o.sequence <= %s) moved
           GROUP BY kind""",
        [municipality.code, last_sequence],
    )
    return {row["kind"]: _kind_totals(**row) for row in rows}


def _kind_totals(*, kind: str, holders: int, issued: int, held: int, spent: int) -> KindTotals:  # noqa: ARG001
    if holders < SMALL_CELL:
        return KindTotals(None, None, None, None)
    return KindTotals(issued, held, spent, issued - held - spent)
