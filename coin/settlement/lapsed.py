"""Deletes what strangers can make and nobody needs any more, so that nobody can fill the books.

Decides what has lapsed: challenges, sessions and leases after their end, first answers after a day, counts of earlier days, and
wallets that were registered 90 days ago and never used, with their accounts. A wallet that ever held value, used a nonce, or
is frozen, closed or leaving stays for ever, and so does everything in the journal. A deleted wallet can register again.
Old checkouts are swept by coin.settlement.sweep.
"""

from collections.abc import Mapping
from typing import LiteralString

from coin.clock import DAY_S, jst_date, jst_day, jst_midnight_s
from coin.database.database import Conn
from coin.settlement.settler import Settler

UNUSED_DAYS = 90
PORTION = 1_000
_WALLETS = 200  # at a time: the journal's head is locked meanwhile, and payments wait
_PAUSE_MS = 60_000
_ENDS: Mapping[LiteralString, LiteralString] = {
    "session_challenge": "expires_at_s <= %(now_s)s",
    "session": "expires_at_s <= %(now_s)s",
    "idempotency_key": "created_at_ms < %(day_ago_ms)s",
    "nonce_lease": "until_ms <= %(now_ms)s",
    "daily_use": "day < %(today)s",
}


class Lapsed:
    """Deletes what has lapsed, a portion of each table at a time; goes through the old wallets once a day."""

    def __init__(self) -> None:
        self._next_ms = 0
        self._after = (0, b"")  # age and address of the last wallet that was looked at

    def sweep_lapsed(self, settler: Settler) -> int:
        """Delete the next portions; return how many rows. With nothing to delete, look again after a minute.

        Raises:  Unavailable, if the database does not answer.
        """
        now_ms = settler.clock.now_ms()
        if now_ms < self._next_ms:
            return 0
        until_ms = (jst_midnight_s(jst_date(now_ms)) - UNUSED_DAYS * DAY_S) * 1000
        gone = _sweep_ended(settler, now_ms) + self._sweep_wallets(settler, until_ms)
        if not gone and self._after[0] >= until_ms:
            self._next_ms = now_ms + _PAUSE_MS
        return gone

    def _sweep_wallets(self, settler: Settler, until_ms: int) -> int:
        if self._after[0] >= until_ms:
            return 0
        with settler.database.transaction() as conn:
            # Under this lock nobody charges a wallet, sends to it or registers it anew.
            conn.execute(
                "SELECT 1 FROM journal_head WHERE municipality = %s FOR NO KEY UPDATE",
                [settler.municipality_code],
            )
            gone, self._after = _delete_unused(conn, settler.municipality_code, self._after, until_ms)
        return gone


def _sweep_ended(settler: Settler, now_ms: int) -> int:
    times = {
        "municipality": settler.municipality_code,
        "now_ms": now_ms,
        "now_s": now_ms // 1000,
        "day_ago_ms": now_ms - DAY_S * 1000,
        "today": jst_day(now_ms // 1000),
        "most": PORTION,
    }
    with settler.database.transaction() as conn:
        return sum(conn.execute(delete_ended(table), times).rowcount for table in _ENDS)


def delete_ended(table: LiteralString) -> LiteralString:
    """Return the statement that deletes a portion of what has ended in a table."""
    ended = f"municipality = %(municipality)s AND {_ENDS[table]}"
    portion = f"SELECT ctid FROM {table} WHERE {ended} LIMIT %(most)s"  # noqa: S608
    return f"DELETE FROM {table} WHERE ctid = ANY (ARRAY({portion})) AND {ended}"  # noqa: S608


def _delete_unused(
    conn: Conn, municipality_code: str, after: tuple[int, bytes], until_ms: int
) -> tuple[int, tuple[int, bytes]]:
    row = conn.execute(
        _UNUSED,
        {
            "municipality": municipality_code,
            "age": after[0],
            "address": after[1],
            "until": until_ms,
            "most": _WALLETS,
        },
    ).fetchone()
    return (row["gone"], (row["registered_at_ms"], row["address"])) if row else (0, (until_ms, b""))


_UNUSED = """
WITH portion AS (
    SELECT * FROM wallet
    WHERE municipality = %(municipality)s AND (registered_at_ms, address) > (%(age)s, %(address)s::bytea)
      AND registered_at_ms < %(until)s
    ORDER BY registered_at_ms, address LIMIT %(most)s
), unused AS (
    SELECT w.address, w.account FROM portion w
    WHERE w.nonce_base = 0 AND bit_count(w.nonce_map) = 0 AND NOT w.closed AND w.frozen_until_s = 0 AND w.exit_at_s IS NULL
      AND NOT w.in_incident
      AND NOT EXISTS (SELECT FROM balance b WHERE b.municipality = w.municipality AND b.account = w.account)
      AND NOT EXISTS (SELECT FROM journal j WHERE j.municipality = w.municipality AND j.debit = w.account)
      AND NOT EXISTS (SELECT FROM journal j WHERE j.municipality = w.municipality AND j.credit = w.account)
      AND NOT EXISTS (SELECT FROM random_nonce r WHERE r.municipality = w.municipality AND r.payer = w.address)
      AND NOT EXISTS (SELECT FROM nonce_lease n WHERE n.municipality = w.municipality AND n.wallet = w.address)
), gone AS (
    DELETE FROM wallet w USING unused WHERE w.municipality = %(municipality)s AND w.address = unused.address RETURNING 1
), gone_accounts AS (
    DELETE FROM account a USING unused WHERE a.municipality = %(municipality)s AND a.id = unused.account
)
SELECT registered_at_ms, address, (SELECT count(*) FROM gone) AS gone FROM portion
ORDER BY registered_at_ms DESC, address DESC LIMIT 1
"""
