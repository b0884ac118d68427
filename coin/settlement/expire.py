"""Ends expiry dates that have passed by the clock and on the chain; the worker checks at every round."""

from coin.chain.transactions import block_time_s
from coin.errors import Conflict, Rejected
from coin.operations.expire import EndDate
from coin.operations.perform import perform
from coin.registry.books import open_books
from coin.settlement.settler import Settler

ACTOR = "clock"


def expire_due(settler: Settler) -> int:
    """End every date that has passed by the clock and on the chain; return how many, usually none.

    A chain without traffic may have no block after the date for a while; then the date is ended later.
    Raises:  Unavailable, if node or database do not answer.
    """
    due = _passed(settler)
    if not due:
        return 0
    seen_s = block_time_s(settler.rpc)
    return sum(_ended(settler, expiry_s, seen_s) for expiry_s in due if expiry_s <= seen_s)


def _passed(settler: Settler) -> list[int]:
    with settler.database.transaction() as conn:
        rows = conn.execute(
            """SELECT expiry_s FROM expiry_date WHERE municipality = %s AND expired_sequence IS NULL AND expiry_s <= %s
               ORDER BY expiry_s""",
            [settler.municipality_code, settler.clock.now_ms() // 1000],
        ).fetchall()
    return [row["expiry_s"] for row in rows]


def _ended(settler: Settler, expiry_s: int, seen_s: int) -> bool:
    try:
        with open_books(settler.database, settler.municipality, settler.clock) as books:
            perform(books, EndDate(expiry_s, chain_time_s=seen_s), actor=ACTOR)
    except (Conflict, Rejected):
        return False  # another worker was faster, or the clock was set back a little: try again in the next round
    return True
