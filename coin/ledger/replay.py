"""Adds up the journal from its first row and compares it with the balances. Verifies I-11."""

from dataclasses import dataclass

from coin.database.database import Conn


@dataclass(frozen=True, slots=True)
class Difference:
    """A balance that differs from the sum of its journal."""

    account_class: str
    reference: str
    kind: str
    expiry_s: int
    fund: str
    balance: int
    replayed: int


_REPLAY = """
WITH side AS (
    SELECT j.debit AS account, j.kind, j.expiry_s, j.fund, j.amount AS debited, 0 AS credited
    FROM journal j WHERE j.municipality = %(municipality)s
    UNION ALL
    SELECT j.credit, j.kind, j.expiry_s, j.fund, 0, j.amount FROM journal j WHERE j.municipality = %(municipality)s),
replayed AS (
    SELECT s.account, s.kind, CASE WHEN a.class = 'holder' THEN s.expiry_s ELSE 0 END AS expiry_s, s.fund,
           sum(CASE WHEN a.side = 'D' THEN s.debited - s.credited ELSE s.credited - s.debited END) AS amount
    FROM side s JOIN account a ON a.municipality = %(municipality)s AND a.id = s.account
    GROUP BY 1, 2, 3, 4)
SELECT a.class::text AS account_class, a.reference, kind, expiry_s, fund, coalesce(b.amount, 0) AS balance,
       coalesce(r.amount, 0) AS replayed
FROM replayed r FULL JOIN (SELECT * FROM balance WHERE municipality = %(municipality)s) b
     USING (account, kind, expiry_s, fund)
JOIN account a ON a.municipality = %(municipality)s AND a.id = account
WHERE coalesce(b.amount, 0) <> coalesce(r.amount, 0)
ORDER BY a.class, a.reference, kind, expiry_s, fund
"""


def replay(connection: Conn, municipality_code: str) -> list[Difference]:
    """Return every balance that differs from its journal; none, if the books are correct."""
    rows = connection.execute(_REPLAY, {"municipality": municipality_code})
    return [Difference(**{**row, "replayed": int(row["replayed"])}) for row in rows]
