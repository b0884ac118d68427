"""Vouches for acceptances: paid checkouts, receipts, and times of acceptance.

A receipt is signed by the town, and the chain has the second of each batch's last acceptance. Verifies I-06.
"""

from collections.abc import Iterator
from typing import NamedTuple

from coin.clock import jst_day
from coin.database.database import Conn
from coin.messages import key_id
from coin.receipts import Receipt, are_genuine
from coin.reconciliation.figures import Against, CheckoutState, Field, Figure, Subject
from coin.reconciliation.reading import Key, rows
from coin.registry.municipality import Municipality

# A rule of settlement, repeated here: a checker shares no rule with what it checks.
_LONGEST_BATCH_MS = 15 * 60 * 1000


class _CheckoutRow(NamedTuple):
    id: str
    amount: int | None
    merchant_number: int | None
    payment: bytes | None
    paid_amount: int | None
    paid_number: int | None
    paid_by: bytes | None


def of_checkouts(conn: Conn, key: Key) -> Iterator[Figure]:
    """Yield what a till sees as paid, compared with the payment; only differing rows are read."""
    query = """SELECT coalesce(c.id, p.checkout) AS id, c.amount, c.merchant_number, c.payment,
                      p.amount AS paid_amount, p.merchant_number AS paid_number, p.id AS paid_by
               FROM (SELECT * FROM checkout WHERE municipality = %(municipality)s) c
               FULL JOIN (SELECT * FROM payment WHERE municipality = %(municipality)s AND checkout IS NOT NULL) p
                   ON p.checkout = c.id
               WHERE p.id IS DISTINCT FROM c.payment
                  OR (p.id IS NOT NULL AND (p.amount, p.merchant_number) IS DISTINCT FROM (c.amount, c.merchant_number))"""
    for row in rows(conn, _CheckoutRow, query, key):
        mine = _state(row.merchant_number, row.amount, row.payment)
        paid = _state(row.paid_number, row.paid_amount, row.paid_by)
        yield Figure(Subject.CHECKOUT, row.id, Field.PAYMENT, mine, paid, Against.PAYMENTS)


def _state(number: int | None, amount: int | None, payment: bytes | None) -> CheckoutState | None:
    return CheckoutState(number, amount, payment) if number and amount else None


def of_receipts(conn: Conn, key: Key, municipality: Municipality) -> Iterator[Figure]:
    """Yield whether the receipt of each payment is signed by the town for the present content of the books."""
    query = """SELECT p.payee AS merchant, coalesce(c.till::text, '') AS till, p.checkout, p.id AS payment, p.amount,
                      p.sequence, p.accepted_at_ms, %(key_id)s AS key_id, p.receipt AS signature
               FROM payment p LEFT JOIN checkout c ON c.municipality = p.municipality AND c.id = p.checkout
               WHERE p.municipality = %(municipality)s ORDER BY p.sequence"""
    receipts = list(rows(conn, Receipt, query, {**key, "key_id": key_id(municipality.receipt_key)}))
    good = are_genuine(municipality.domain, receipts, municipality.receipt_key)
    for receipt, is_good in zip(receipts, good, strict=True):
        sides = is_good, True, Against.SIGNATURE
        yield Figure(Subject.OPERATION, receipt.sequence, Field.IS_RECEIPT_GENUINE, *sides)


class _BatchTimes(NamedTuple):
    number: int
    as_of_s: int
    after_s: int  # of the foreign batches before it: time does not go back on the chain
    first_ms: int
    last_ms: int
    is_in_order: bool

    @property
    def is_short(self) -> bool:
        is_one_day = jst_day(self.first_ms // 1000) == jst_day(self.last_ms // 1000)
        return is_one_day and self.last_ms - self.first_ms <= _LONGEST_BATCH_MS


def of_times(conn: Conn, key: Key) -> Iterator[Figure]:
    """Yield each time of acceptance that does not fit its batch. The chain knows when a batch's last operation was accepted,
    and no batch spans more than 15 minutes of one day, so that no acceptance can be moved into another day or year."""
    query = """SELECT number, as_of_s, after_s, min(at_ms) AS first_ms, max(at_ms) AS last_ms, bool_and(at_ms >= before_ms) AS is_in_order
               FROM (SELECT b.number, b.as_of_s,
                            (SELECT coalesce(max(f.as_of_s), 0) FROM foreign_batch f
                             WHERE f.municipality = b.municipality AND f.number < b.number) AS after_s, e.accepted_at_ms AS at_ms,
                            lag(e.accepted_at_ms, 1, 0::bigint) OVER (ORDER BY e.sequence) AS before_ms
                     FROM batch b JOIN chain_effect e
                         ON e.municipality = b.municipality AND e.sequence BETWEEN b.first_sequence AND b.last_sequence
                     WHERE b.municipality = %(municipality)s) x
               GROUP BY number, as_of_s, after_s ORDER BY number"""
    for row in rows(conn, _BatchTimes, query, key):
        last = max(row.last_ms // 1000, row.after_s), row.as_of_s
        yield Figure(Subject.BATCH, row.number, Field.LAST_ACCEPTANCE, *last, Against.CHAIN)
        yield Figure(Subject.BATCH, row.number, Field.IS_IN_ORDER, row.is_in_order, True)
        yield Figure(Subject.BATCH, row.number, Field.IS_SHORT, row.is_short, True)


class _Waiting(NamedTuple):
    sequence: int
    at_ms: int
    before_ms: int


def of_waiting(conn: Conn, key: Key) -> Iterator[Figure]:
    """Yield operations in no block yet whose times are not in order: the chain has no time for them, but each was accepted
    after the one before it."""
    query = """SELECT sequence, at_ms, before_ms
               FROM (SELECT sequence, accepted_at_ms AS at_ms, lag(accepted_at_ms, 1, 0::bigint) OVER (ORDER BY sequence) AS before_ms
                     FROM chain_effect WHERE municipality = %(municipality)s) e
               WHERE NOT EXISTS (SELECT FROM batch b WHERE b.municipality = %(municipality)s AND b.state IN ('mined', 'confirmed')
                                 AND e.sequence BETWEEN b.first_sequence AND b.last_sequence)
               ORDER BY sequence"""
    for row in rows(conn, _Waiting, query, key):
        is_in_order = row.at_ms >= row.before_ms
        yield Figure(Subject.OPERATION, row.sequence, Field.IS_IN_ORDER, is_in_order, True)
