"""Incidents: records that the chain has skipped or will skip. Each stays open until two people close it.

A prediction (`is_confirmed` false) becomes certain with the block, or is deleted. While an incident is open, debits of its
payer are refused (`wallet.in_incident`).
"""

from collections.abc import Mapping

from coin.database.database import Conn
from coin.errors import Rejection
from coin.ledger.batches import Batch
from coin.records.kinds import debits_of_holders


def predict(conn: Conn, municipality_code: str, batch: Batch, reasons: Mapping[int, Rejection]) -> None:
    """Record the predictions for a batch from simulation and signatures, by sequence; certain incidents are not changed."""
    conn.execute(
        "DELETE FROM incident WHERE municipality = %s AND batch = %s AND NOT is_confirmed",
        [municipality_code, batch.number],
    )
    _insert(conn, municipality_code, batch, reasons, is_confirmed=False)
    _mark_payers(conn, municipality_code, batch)


def record(conn: Conn, municipality_code: str, batch: Batch, reasons: Mapping[int, Rejection]) -> None:
    """Record what the chain has skipped; delete predictions that did not come true."""
    conn.execute(
        "DELETE FROM incident WHERE municipality = %s AND batch = %s AND disposition IS NULL",
        [municipality_code, batch.number],
    )
    _insert(conn, municipality_code, batch, reasons, is_confirmed=True)
    _mark_payers(conn, municipality_code, batch)


def forget(conn: Conn, municipality_code: str, batch: Batch) -> None:
    """Delete the predictions for a batch that is sealed anew, and unblock its payers; then there are new predictions."""
    predict(conn, municipality_code, batch, {})


def doubt(conn: Conn, municipality_code: str, number: int) -> None:
    """Make a batch's incidents uncertain again, because its block has vanished."""
    conn.execute(
        "UPDATE incident SET is_confirmed = false WHERE municipality = %s AND batch = %s AND disposition IS NULL",
        [municipality_code, number],
    )


def _insert(
    conn: Conn, municipality_code: str, batch: Batch, reasons: Mapping[int, Rejection], *, is_confirmed: bool
) -> None:
    with conn.cursor() as cursor:
        cursor.executemany(
            """INSERT INTO incident (municipality, sequence, batch, reason, is_confirmed) VALUES (%s, %s, %s, %s, %s)
               ON CONFLICT (municipality, sequence) DO NOTHING""",
            [
                (municipality_code, sequence, batch.number, reason, is_confirmed)
                for sequence, reason in sorted(reasons.items())
            ],
        )


def _mark_payers(conn: Conn, municipality_code: str, batch: Batch) -> None:
    """Block every payer of the batch with an open incident, and unblock those without one.

    Wallets are locked in the order of their addresses, as `accept_run` does, to avoid a deadlock.
    """
    conn.execute(
        """WITH debiting AS (SELECT * FROM unnest(%(kinds)s::smallint[], %(places)s::integer[]) AS k (kind, place)),
           touched AS (
               SELECT DISTINCT substring(e.words FROM k.place FOR 20) AS address
               FROM chain_effect e JOIN debiting k USING (kind)
               WHERE e.municipality = %(municipality)s AND e.sequence BETWEEN %(first)s AND %(last)s),
           held AS (
               SELECT DISTINCT substring(e.words FROM k.place FOR 20) AS address
               FROM incident i JOIN chain_effect e ON e.municipality = i.municipality AND e.sequence = i.sequence
               JOIN debiting k USING (kind)
               WHERE i.municipality = %(municipality)s AND i.disposition IS NULL),
           changing AS MATERIALIZED (
               SELECT w.address FROM wallet w
               WHERE w.municipality = %(municipality)s AND w.address IN (SELECT address FROM touched)
                 AND w.in_incident <> EXISTS (SELECT FROM held h WHERE h.address = w.address)
               ORDER BY w.address FOR NO KEY UPDATE)
           UPDATE wallet w SET in_incident = NOT w.in_incident FROM changing c
           WHERE w.municipality = %(municipality)s AND w.address = c.address""",
        {
            "municipality": municipality_code,
            "first": batch.first_sequence,
            "last": batch.last_sequence,
            **debits_of_holders(),
        },
    )
