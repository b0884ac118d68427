"""Accepted authorizations in the books: written once, read when the same authorization comes again."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg.rows import class_row

from coin.ledger.journal_head import Head
from coin.messages import key_id
from coin.payments.outcomes import Accepted, PaidPart
from coin.payments.submissions import Waiting
from coin.receipts import Receipt
from coin.registry.books import Books


def store(books: Books, head: Head, items: Sequence[tuple[Waiting, UUID, Accepted]]) -> None:
    """Store what was accepted now: each authorization with its operation and its answer."""
    if not items:
        return
    columns = zip(
        *(
            (
                item.digest,
                operation,
                answer.sequence,
                answer.kind,
                item.submission.authorization.payer,
                item.submission.authorization.payee,
                answer.merchant_number,
                item.submission.authorization.value,
                item.submission.authorization.nonce,
                item.submission.checkout,
                answer.receipt.signature,
            )
            for item, operation, answer in items
        ),
        strict=True,
    )
    books.connection.execute(
        """INSERT INTO payment (municipality, accepted_at_ms, id, operation, sequence, kind, payer, payee, merchant_number,
                                amount, nonce, checkout, receipt)
           SELECT %s, %s, * FROM unnest(%s::bytea[], %s::uuid[], %s::bigint[], %s::smallint[], %s::bytea[], %s::bytea[],
                                        %s::integer[], %s::bigint[], %s::bytea[], %s::text[], %s::bytea[])""",
        [books.municipality_code, head.accepted_at_ms, *(list(column) for column in columns)],
    )


@dataclass(frozen=True, slots=True)
class _Stored:
    """A row of `payment` with the till of its checkout and the parts of its transfer."""

    payment: bytes
    kind: int
    sequence: int
    accepted_at_ms: int
    merchant_number: int | None
    payee: bytes
    amount: int
    checkout: str | None
    till: UUID | None
    signature: bytes
    parts: Sequence[tuple[str, int, str, int]]

    def answer(self, key: bytes) -> Accepted:
        """Return its first answer; `key` is the id of the key that signed its receipt."""
        receipt = Receipt(
            merchant=self.payee,
            till=str(self.till) if self.till else "",
            checkout=self.checkout,
            payment=self.payment,
            amount=self.amount,
            sequence=self.sequence,
            accepted_at_ms=self.accepted_at_ms,
            key_id=key,
            signature=self.signature,
        )
        return Accepted(
            payment=self.payment,
            kind=self.kind,
            sequence=self.sequence,
            accepted_at_ms=self.accepted_at_ms,
            merchant_number=self.merchant_number,
            receipt=receipt,
            parts=tuple(PaidPart(*part) for part in self.parts),
        )


def load_accepted(books: Books, payments: Sequence[bytes]) -> dict[bytes, Accepted]:
    """Return the first answers of accepted authorizations, by digest; unknown ones are left out."""
    key = key_id(books.municipality.receipt_key)
    with books.connection.cursor(row_factory=class_row(_Stored)) as cursor:
        rows = cursor.execute(_LOAD, [books.municipality_code, list(payments)])
        return {row.payment: row.answer(key) for row in rows}


_LOAD = """
SELECT p.id AS payment, p.kind, p.sequence, p.accepted_at_ms, p.merchant_number, p.payee, p.amount, p.checkout, c.till,
       p.receipt AS signature,
       (SELECT jsonb_agg(jsonb_build_array(j.kind, j.expiry_s, j.fund, j.amount) ORDER BY j.line)
        FROM journal j WHERE j.municipality = p.municipality AND j.operation = p.operation) AS parts
FROM payment p LEFT JOIN checkout c ON c.municipality = p.municipality AND c.id = p.checkout
WHERE p.municipality = %s AND p.id = ANY (%s)
"""
