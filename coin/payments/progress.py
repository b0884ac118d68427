"""The progress of an accepted authorization to the chain: accepted, sealed, sent, mined, confirmed, or skipped.

Reads the rows of settlement; decides nothing. The index is the record's position in its batch: sequence − first sequence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from coin.errors import NotFound
from coin.registry.books import Books


class PaymentStatus(StrEnum):
    """The states in their order; skipped means that the chain refused the record and an incident is open."""

    ACCEPTED = "accepted"
    SEALED = "sealed"
    SENT = "sent"
    MINED = "mined"
    CONFIRMED = "confirmed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Progress:
    """An accepted payment or send, and its progress."""

    payment: bytes
    payer: bytes
    payee: bytes
    merchant_number: int | None
    amount_yen: int
    checkout: str | None
    sequence: int
    accepted_at_ms: int
    status: PaymentStatus
    batch: int | None
    index: int | None
    transaction: bytes | None
    block_number: int | None
    confirmed_at_ms: int | None


def find(books: Books, payment: bytes) -> Progress:
    """Return the progress of the payment of that id; the caller checks who may see it.

    Raises:  NotFound (`payment_unknown`).
    """
    row = books.connection.execute(
        """SELECT p.id AS payment, p.payer, p.payee, p.merchant_number, p.amount AS amount_yen, p.checkout, p.sequence,
                  p.accepted_at_ms, b.state::text AS state, b.number AS batch, p.sequence - b.first_sequence AS index,
                  b.transaction_hash AS transaction, b.block_number, b.confirmed_at_ms,
                  i.sequence IS NOT NULL AS is_skipped
           FROM payment p
           LEFT JOIN LATERAL (SELECT * FROM batch x WHERE x.municipality = p.municipality
                              AND x.first_sequence <= p.sequence ORDER BY x.first_sequence DESC LIMIT 1) b
                  ON b.last_sequence >= p.sequence
           LEFT JOIN incident i ON i.municipality = p.municipality AND i.sequence = p.sequence AND i.is_confirmed
           WHERE p.municipality = %s AND p.id = %s""",
        [books.municipality_code, payment],
    ).fetchone()
    if row is None:
        raise unknown()
    status = _status(row.pop("state"), row.pop("is_skipped"))
    return Progress(**row, status=status)


def payments_at(books: Books, sequences: Sequence[int]) -> dict[int, bytes]:
    """Return the ids of the payments and sends among these numbers of the journal."""
    rows = books.connection.execute(
        "SELECT sequence, id FROM payment WHERE municipality = %s AND sequence = ANY (%s)",
        [books.municipality_code, list(sequences)],
    )
    return {row["sequence"]: row["id"] for row in rows}


def unknown() -> NotFound:
    """Return the error for a payment that does not exist; it is the same for one that is not the caller's."""
    return NotFound("支払いが見つかりません。", "There is no such payment.", code="payment_unknown")


def _status(state: str | None, is_skipped: bool) -> PaymentStatus:
    if is_skipped:
        return PaymentStatus.SKIPPED
    if state is None:
        return PaymentStatus.ACCEPTED
    # Do not show a signed transaction that was not sent yet.
    return PaymentStatus.SEALED if state == "signed" else PaymentStatus(state)
