"""Accepts what payers sign, and nothing else does: verify, decide in order of arrival, post, answer with a receipt.

Knows no HTTP. Payments (payee: a shop) and sends (payee: a registered wallet) come in one list. Without a valid signature
the answer does not depend on stored data. Each run of the list is one transaction that locks the head of the journal and
calls one set-based function (`accept_run`).

Keeps:   I-01, I-02, I-03, I-04, I-06. Source: EIP-3009; docs/formats.md §3, §4; coin.errors.Rejection.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from coin.clock import Clock
from coin.database.database import Database
from coin.database.ids import new_id
from coin.errors import Conflict, Rejected, Rejection
from coin.ledger.journal_head import Head, lock_head
from coin.payments.announcements import announce, topics_of_shops
from coin.payments.decide import Decision, Known, Moved, decide
from coin.payments.outcomes import Accepted, Outcome, Refused
from coin.payments.runs import run_length
from coin.payments.stored import load_accepted, store
from coin.payments.submissions import Submission, Waiting, with_good_signature
from coin.receipts import Receipt, ReceiptSigner
from coin.registry.books import Books, open_books
from coin.registry.municipality import Municipality


def accept(
    database: Database,
    municipality: Municipality,
    clock: Clock,
    receipt_signer: ReceiptSigner,
    submissions: Sequence[Submission],
) -> list[Outcome]:
    """Decide each submission in order of arrival and post what is accepted; item i answers item i.

    Idempotent: the same authorization for the same checkout gets its first answer again, also after it has expired.

    Raises:  InvalidInput, if a field does not fit its type (then nothing was decided); Unavailable, if the database does not
             answer: what was accepted before stays accepted, and a retry gets the answer.
    Keeps:   I-01, I-02, I-03, I-06.
    """
    receipt_signer.demand(municipality.receipt_key)
    waiting = with_good_signature(municipality, submissions)
    invalid = Refused(Rejected(Rejection.SIGNATURE_INVALID, field="signature"))
    outcomes: list[Outcome] = [invalid] * len(submissions)
    while waiting:
        with open_books(database, municipality, clock) as books:
            head = lock_head(books.connection, books.municipality_code, clock)
            count = run_length([item.sides for item in waiting], _wallets(books, waiting))
            run, waiting = waiting[:count], waiting[count:]
            answers = _accept_run(books, head, receipt_signer, run)
        for item, answer in zip(run, answers, strict=True):
            outcomes[item.place] = answer
    return outcomes


def _wallets(books: Books, waiting: Sequence[Waiting]) -> set[bytes]:
    payees = list({item.submission.authorization.payee for item in waiting})
    rows = books.connection.execute(
        "SELECT address FROM wallet WHERE municipality = %s AND address = ANY (%s)",
        [books.municipality_code, payees],
    )
    return {row["address"] for row in rows}


def _accept_run(
    books: Books, head: Head, receipt_signer: ReceiptSigner, run: Sequence[Waiting]
) -> list[Outcome]:
    operations = [new_id() for _ in run]
    decisions = decide(books, head, run, operations)
    moved = [
        (item, operation, decision)
        for item, operation, decision in zip(run, operations, decisions, strict=True)
        if isinstance(decision, Moved)
    ]
    receipts = receipt_signer.sign(
        books.municipality.domain,
        [_receipt(item, decision, head, receipt_signer.key_id) for item, _, decision in moved],
    )
    fresh = [_accepted(decision, receipt) for (*_, decision), receipt in zip(moved, receipts, strict=True)]
    store(books, head, [(*row[:2], answer) for row, answer in zip(moved, fresh, strict=True)])
    _announce(books, moved)
    again = [
        item.digest for item, decision in zip(run, decisions, strict=True) if decision is Known.SAME_AGAIN
    ]
    answers = load_accepted(books, again) if again else {}
    answers |= {answer.payment: answer for answer in fresh}
    return [_outcome(item, decision, answers) for item, decision in zip(run, decisions, strict=True)]


def _announce(books: Books, moved: Sequence[tuple[Waiting, UUID, Moved]]) -> None:
    checkouts = [item.submission.checkout for item, *_ in moved if item.submission.checkout is not None]
    shops = {decision.merchant_number for *_, decision in moved if decision.merchant_number is not None}
    if shops:
        announce(books, [*checkouts, *topics_of_shops(books, shops)])


def _receipt(item: Waiting, decision: Moved, head: Head, key: bytes) -> Receipt:
    signed = item.submission.authorization
    return Receipt(
        merchant=signed.payee,
        till=str(decision.till) if decision.till else "",
        checkout=item.submission.checkout,
        payment=item.digest,
        amount=signed.value,
        sequence=decision.sequence,
        accepted_at_ms=head.accepted_at_ms,
        key_id=key,
    )


def _accepted(decision: Moved, receipt: Receipt) -> Accepted:
    return Accepted(
        payment=receipt.payment,
        kind=decision.kind,
        sequence=receipt.sequence,
        accepted_at_ms=receipt.accepted_at_ms,
        merchant_number=decision.merchant_number,
        receipt=receipt,
        parts=decision.parts,
    )


def _outcome(item: Waiting, decision: Decision, answers: Mapping[bytes, Accepted]) -> Outcome:
    if isinstance(decision, Rejection):
        return Refused(Rejected(decision))
    if decision is Known.FOR_OTHER_CHECKOUT:
        return Refused(
            Conflict(
                "この承認は別のお会計で使用済みです。",
                "This authorization was accepted for another checkout.",
                field="checkout",
                code="authorization_for_other_checkout",
            )
        )
    return answers[item.digest]
