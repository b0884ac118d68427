"""What a wallet has paid and sent, with the receipts: it gets them back on a new device, and after an answer that never came."""

from collections.abc import Sequence
from dataclasses import dataclass

from coin.messages import TransferWithAuthorization
from coin.payments.outcomes import Accepted
from coin.payments.stored import load_accepted
from coin.registry.books import Books

MAX_PAGE = 100
_FIRST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class OwnPayment:
    """An accepted authorization as it was signed, with its first answer."""

    authorization: TransferWithAuthorization
    signature: bytes
    answer: Accepted


def own_payments(
    books: Books, payer: bytes, *, nonce: bytes | None = None, before: int | None = None, count: int = 20
) -> Sequence[OwnPayment]:
    """Return what a wallet has paid and sent, newest first: with a nonce the one that used it, with `before` those with a
    smaller number in the journal."""
    rows = books.connection.execute(
        """SELECT p.id, e.words, e.signatures
           FROM payment p JOIN chain_effect e ON e.municipality = p.municipality AND e.sequence = p.sequence
           WHERE p.municipality = %(municipality)s AND p.payer = %(payer)s AND p.sequence < %(before)s
             AND (%(nonce)s::bytea IS NULL OR p.nonce = %(nonce)s)
           ORDER BY p.sequence DESC LIMIT %(count)s""",
        {
            "municipality": books.municipality_code,
            "payer": payer,
            "nonce": nonce,
            "before": _FIRST if before is None else before,
            "count": count,
        },
    ).fetchall()
    answers = load_accepted(books, [row["id"] for row in rows])
    return [
        OwnPayment(TransferWithAuthorization.parse(row["words"]), row["signatures"], answers[row["id"]])
        for row in rows
    ]
