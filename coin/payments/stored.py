"""Accepted authorizations as they stand in the books: written once, read for whoever asks again."""

from collections.abc import Sequence
from typing import Any

from coin.ledger.journal_head import Head
from coin.messages import key_id
from coin.payments.outcomes import Accepted, accepted
from coin.payments.submissions import Waiting
from coin.receipts import Receipt
from coin.registry.books import Books


def store(books: Books, head: Head, items: Sequence[tuple[Waiting, object, dict[str, Any], bytes]]) -> None:
    """Write down accepted authorizations: each with its operation, its row of `decide` and its receipt's signature."""
    if not items:
        return
    columns = zip(
        *(
            (
                item.digest,
                operation,
                row["sequence"],
                row["kind"],
                item.submission.authorization.payer,
                item.submission.authorization.payee,
                row["merchant_number"],
                item.submission.authorization.value,
                item.submission.authorization.nonce,
                item.submission.checkout,
                receipt,
            )
            for item, operation, row, receipt in items
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


def load_accepted(books: Books, payments: Sequence[bytes]) -> dict[bytes, Accepted]:
    """The first answers of accepted authorizations, by digest; those unknown are left out."""
    rows = books.connection.execute(
        """SELECT p.*, c.till,
                  (SELECT jsonb_agg(jsonb_build_array(j.kind, j.expiry_s, j.fund, j.amount) ORDER BY j.line)
                   FROM journal j WHERE j.municipality = p.municipality AND j.operation = p.operation) AS parts
           FROM payment p LEFT JOIN checkout c ON c.municipality = p.municipality AND c.id = p.checkout
           WHERE p.municipality = %s AND p.id = ANY (%s)""",
        [books.municipality_code, list(payments)],
    )
    key = key_id(books.municipality.receipt_key)
    return {row["id"]: accepted(row, Receipt.of_row(row, key)) for row in rows}
