"""Deletes old unpaid checkouts: anybody can open checkouts, and they must not fill the books.

Decides when a checkout is old. A paid one is never deleted, nor one that a payment names, whatever its row says.
What the shop wrote on a deleted one goes with it.
"""

from coin.clock import DAY_S, jst_date, jst_midnight_s
from coin.settlement.settler import Settler

KEPT_DAYS = 30
PORTION = 1_000


class Sweep:
    """Goes once through the expired checkouts, oldest first; a new object starts again."""

    def __init__(self) -> None:
        self._after = (0, "")  # the end and the id of the last one checked

    def sweep(self, settler: Settler) -> int:
        """Check the next portion and delete the unpaid ones; return how many. After the last portion no query until the day
        ends.

        Raises:  Unavailable, if the database does not answer; the next call checks the same portion.
        """
        until_ms = (jst_midnight_s(jst_date(settler.clock.now_ms())) - KEPT_DAYS * DAY_S) * 1000
        if self._after[0] >= until_ms:
            return 0
        with settler.database.transaction() as conn:
            row = conn.execute(
                _SWEEP,
                {
                    "municipality": settler.municipality_code,
                    "end": self._after[0],
                    "id": self._after[1],
                    "until": until_ms,
                    "most": PORTION,
                },
            ).fetchone()
        self._after = (row["deadline_ms"], row["id"]) if row else (until_ms, "")
        return row["gone"] if row else 0


_SWEEP = """
WITH portion AS (
    SELECT id, deadline_ms FROM checkout
    WHERE municipality = %(municipality)s AND (deadline_ms, id) > (%(end)s, %(id)s) AND deadline_ms < %(until)s
    ORDER BY deadline_ms, id LIMIT %(most)s
), gone AS (
    DELETE FROM checkout c USING portion
    WHERE c.municipality = %(municipality)s AND c.id = portion.id AND c.payment IS NULL
      AND NOT EXISTS (SELECT FROM payment p WHERE p.municipality = c.municipality AND p.checkout = c.id)
    RETURNING c.id
), written_on_them AS (
    DELETE FROM personal_data d USING gone WHERE d.municipality = %(municipality)s AND d.subject = 'checkout:' || gone.id
)
SELECT deadline_ms, id, (SELECT count(*) FROM gone) AS gone FROM portion ORDER BY deadline_ms DESC, id DESC LIMIT 1
"""
