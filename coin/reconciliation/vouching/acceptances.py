"""What was promised when operations were accepted, and when that was: paid checkouts, receipts, times.

A receipt is the town's own signature, and the chain knows the second of each batch's last acceptance. Verifies I-06.
"""

from collections.abc import Iterator
from typing import Any

from psycopg.rows import class_row

from coin.clock import jst_day
from coin.database.database import Conn
from coin.messages import key_id
from coin.receipts import Receipt, are_genuine
from coin.reconciliation.naming import MISSING, Row
from coin.registry.municipality import Municipality

# A rule of settlement, stated here again: a checker shares no rule with what it checks.
_LONGEST_BATCH_MS = 15 * 60 * 1000


def of_checkouts(conn: Conn, key: dict[str, Any]) -> Iterator[Row]:
    """What a till sees as paid, against the payment; only what differs is read."""
    rows = conn.execute(
        """SELECT coalesce(c.id, p.checkout) AS id, c.amount, c.merchant_number, p.amount AS paid, p.merchant_number AS shop,
                  c.payment IS NOT NULL AS is_paid
           FROM (SELECT * FROM checkout WHERE municipality = %(code)s) c
           FULL JOIN (SELECT * FROM payment WHERE municipality = %(code)s AND checkout IS NOT NULL) p
               ON p.checkout = c.id
           WHERE p.id IS DISTINCT FROM c.payment
              OR (p.id IS NOT NULL AND (p.amount, p.merchant_number) IS DISTINCT FROM (c.amount, c.merchant_number))""",
        key,
    ).fetchall()
    for row in rows:
        mine = _checkout(row["merchant_number"], row["amount"], is_paid=row["is_paid"])
        yield (
            f"checkout {row['id']}",
            mine,
            _checkout(row["shop"], row["paid"], is_paid=row["paid"] is not None),
        )


def _checkout(number: int | None, amount: int | None, *, is_paid: bool) -> str:
    return f"{number:06d} {amount} {'paid' if is_paid else 'not paid'}" if number and amount else MISSING


def of_receipts(conn: Conn, key: dict[str, Any], municipality: Municipality) -> Iterator[Row]:
    """What the issuer promised for each payment: its own signature over what the books say now."""
    with conn.cursor(row_factory=class_row(Receipt)) as rows:
        receipts = rows.execute(
            """SELECT p.payee AS merchant, coalesce(c.till::text, '') AS till, p.checkout, p.id AS payment, p.amount,
                      p.sequence, p.accepted_at_ms, %(key_id)s AS key_id, p.receipt AS signature
               FROM payment p LEFT JOIN checkout c ON c.municipality = p.municipality AND c.id = p.checkout
               WHERE p.municipality = %(code)s ORDER BY p.sequence""",
            {**key, "key_id": key_id(municipality.receipt_key)},
        ).fetchall()
    good = are_genuine(municipality.domain, receipts, municipality.receipt_key)
    for receipt, is_good in zip(receipts, good, strict=True):
        yield f"operation {receipt.sequence} receipt", _signed(is_good), _signed(True)


def _signed(is_good: bool) -> str:
    return "signed by the town's key" if is_good else "not signed by the town's key"


def of_times(conn: Conn, key: dict[str, Any]) -> Iterator[Row]:
    """The chain knows when a batch's last operation was accepted, and no batch spans more than 15 minutes of one day: so no
    acceptance can be moved into another day or year."""
    rows = conn.execute(
        """SELECT number, as_of_s, min(at_ms) AS first_ms, max(at_ms) AS last_ms, bool_and(at_ms >= before_ms) AS is_in_order
           FROM (SELECT b.number, b.as_of_s, e.accepted_at_ms AS at_ms,
                        lag(e.accepted_at_ms, 1, 0::bigint) OVER (ORDER BY e.sequence) AS before_ms
                 FROM batch b JOIN chain_effect e
                     ON e.municipality = b.municipality AND e.sequence BETWEEN b.first_sequence AND b.last_sequence
                 WHERE b.municipality = %(code)s) x
           GROUP BY number, as_of_s ORDER BY number""",
        key,
    ).fetchall()
    for row in rows:
        name, first_ms, last_ms = f"batch {row['number']}", row["first_ms"], row["last_ms"]
        is_one_day = jst_day(first_ms // 1000) == jst_day(last_ms // 1000)
        yield f"{name} last acceptance", last_ms // 1000, row["as_of_s"]
        yield f"{name} acceptances in order", row["is_in_order"], True
        yield f"{name} acceptances of one batch", is_one_day and last_ms - first_ms <= _LONGEST_BATCH_MS, True


def of_waiting(conn: Conn, key: dict[str, Any]) -> Iterator[Row]:
    """What no block holds yet has no time on the chain, but it came after what was before it."""
    rows = conn.execute(
        """SELECT sequence, at_ms, before_ms
           FROM (SELECT sequence, accepted_at_ms AS at_ms, lag(accepted_at_ms, 1, 0::bigint) OVER (ORDER BY sequence) AS before_ms
                 FROM chain_effect WHERE municipality = %(code)s) e
           WHERE NOT EXISTS (SELECT FROM batch b WHERE b.municipality = %(code)s AND b.state IN ('mined', 'confirmed')
                             AND e.sequence BETWEEN b.first_sequence AND b.last_sequence)
           ORDER BY sequence""",
        key,
    ).fetchall()
    for row in rows:
        yield f"operation {row['sequence']} acceptance in order", row["at_ms"] >= row["before_ms"], True
