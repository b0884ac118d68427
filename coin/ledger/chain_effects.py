"""Reads the chain effects, in journal order: what the chain must replay. `posting` writes them and, for payments,
`accept_run`."""

from coin.database.database import Conn
from coin.records.effects import Effect


def effects(connection: Conn, municipality_code: str, first: int, last: int) -> list[Effect]:
    """Return the effects with first ≤ sequence ≤ last, in order; stop at the first one that is not committed."""
    rows = connection.execute(
        """SELECT sequence, kind, words, signatures, signers, context FROM chain_effect
           WHERE municipality = %s AND sequence BETWEEN %s AND %s ORDER BY sequence""",
        [municipality_code, first, last],
    )
    return [Effect(**row) for row in rows]


def last_sequence(connection: Conn, municipality_code: str) -> int:
    """Return the number of the last accepted operation; 0 if there is none."""
    row = connection.execute(
        "SELECT last_sequence FROM journal_head WHERE municipality = %s", [municipality_code]
    ).fetchone()
    return row["last_sequence"] if row else 0
