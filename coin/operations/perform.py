"""`perform`: the one entry point for every record except payments, which have a set-based one (coin.payments).

Decides the order: signatures, the lock of the journal's head, the same message again, the signer's right, its nonce,
the lowest refusal, then the number, the nonce, the rows beside the journal and the audit row. Knows no kind.
A message names the signer whose nonce it uses; signatures in another order are refused with `signature_invalid`.
Keeps:   I-01, I-03 (the same message gets its first answer, and is never executed twice), I-04.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar
from uuid import UUID

from psycopg.rows import class_row

from coin.core import ADDRESS_BYTES
from coin.errors import CoinError, Rejected, Rejection
from coin.ledger.journal_head import Head, numbering
from coin.ledger.posting import SignedRecord, Transfer, post
from coin.lots import Lot
from coin.operations.authority import Authority, demand_authority
from coin.operations.operation import Case, Operation
from coin.operations.signed import check_records
from coin.program import LotKind
from coin.records.journal_codes import JournalCode
from coin.records.kinds import KINDS
from coin.registry import audit
from coin.registry.books import Books

Facts = TypeVar("Facts")


@dataclass(frozen=True, slots=True)
class Moved:
    """A movement of value by a record."""

    code: JournalCode
    lot: Lot
    amount: int


@dataclass(frozen=True, slots=True)
class Performed:
    """The result of a record; the same message always gets the same result.

    Shapes:  `digest`: digest of the message; empty, if nobody signed it. `parts` in the order of the journal's lines.
    """

    digest: bytes
    operation: UUID
    sequence: int
    accepted_at_ms: int
    parts: tuple[Moved, ...]


def perform(books: Books, operation: Operation[Facts], *, actor: str) -> Performed:
    """Execute a signed record; if the same message was accepted before, return its first answer.

    Data beside the message (a shop's name, a channel's id) are ignored if it was accepted before.

    Raises:  Rejected with the lowest reason that applies, or the errors of the kind's file; then nothing changed.
    """
    return perform_all(books, [operation], actor=actor)[0]


def perform_all(books: Books, operations: Sequence[Operation[Facts]], *, actor: str) -> list[Performed]:
    """Execute records of one kind in order, all or none: an error rolls back the caller's transaction.

    Raises:  as `perform`, for the first refused record.
    """
    outcomes = []
    for outcome in _performing(books, operations, actor):
        if isinstance(outcome, CoinError):
            raise outcome
        outcomes.append(outcome)
    return outcomes


def perform_each(
    books: Books, operations: Sequence[Operation[Facts]], *, actor: str
) -> list[Performed | Rejected]:
    """Execute records of one kind in order, each decided by itself.

    Returns: for each its result, or the reason why it was refused.
    Raises:  any other CoinError, which stops all of them.
    """
    outcomes: list[Performed | Rejected] = []
    for outcome in _performing(books, operations, actor):
        if isinstance(outcome, CoinError) and not isinstance(outcome, Rejected):
            raise outcome
        outcomes.append(outcome)
    return outcomes


def _performing(
    books: Books, operations: Sequence[Operation[Facts]], actor: str
) -> Iterator[Performed | CoinError]:
    """Yield the outcomes in order. A caller that stops early must roll back, because the numbers are stored at the end."""
    records = _records(books, operations)
    with numbering(books.connection, books.municipality_code, books.clock) as head:
        for operation, record in zip(operations, records, strict=True):
            yield _outcome(books, head, operation, record, actor)


def _records(books: Books, operations: Sequence[Operation[Facts]]) -> list[SignedRecord | None]:
    signings = [operation.signing() for operation in operations]
    if all(signing is None for signing in signings):
        return [SignedRecord(operation.words) for operation in operations]
    made = [signing.signatures if signing else () for signing in signings]
    checked = check_records(books.municipality, operations, made)
    return [_of_named(operation, record) for operation, record in zip(operations, checked, strict=True)]


def _of_named(operation: Operation[Facts], record: SignedRecord | None) -> SignedRecord | None:
    """Return the record, if its first signature is by the signer that the message names."""
    kind = KINDS[operation.KIND]
    if record is None or kind.signer is None:
        return None
    named = record.words[kind.address(kind.signer)]
    return record if record.signers[:ADDRESS_BYTES] == named else None


def _outcome(
    books: Books, head: Head, operation: Operation[Facts], record: SignedRecord | None, actor: str
) -> Performed | CoinError:
    if record is None:
        return Rejected(Rejection.SIGNATURE_INVALID, field="signature")
    earlier = _earlier(books, record.digest) if record.digest else None
    if earlier is not None:
        return _first_answer(books, record.digest, earlier)
    try:
        decided = _decide(books, head, operation)
    except CoinError as refusal:  # errors after writing has begun are not caught here
        return refusal
    return _carry_out(decided, operation, record, actor)


@dataclass(frozen=True, slots=True)
class _Decided(Generic[Facts]):
    """A record without a refusal."""

    case: Case
    authority: Authority
    facts: Facts


def _decide(books: Books, head: Head, operation: Operation[Facts]) -> _Decided[Facts]:
    operation.check(books)
    authority = demand_authority(books, operation.KIND, operation.signing())
    case = Case(books, head, authority.office)
    facts = operation.facts(case)
    for refusal in operation.refusals(case, facts):
        raise refusal
    return _Decided(case, authority, facts)


def _carry_out(
    decided: _Decided[Facts], operation: Operation[Facts], record: SignedRecord, actor: str
) -> Performed:
    case, facts, books = decided.case, decided.facts, decided.case.books
    transfers = operation.transfers(case, facts)
    posted = post(
        books.connection,
        case.head,
        kind=operation.KIND,
        actor=actor,
        record=replace(record, context=operation.context(facts)),
        transfers=transfers,
    )
    decided.authority.use_nonce()
    entry = operation.remember(case, facts, posted, record.digest)
    audit.record(
        books.connection,
        books.municipality_code,
        at_ms=posted.accepted_at_ms,
        actor=actor,
        action=operation.ACTION,
        subject=entry.subject,
        detail={"sequence": posted.sequence, **entry.detail},
    )
    return Performed(
        record.digest, posted.operation, posted.sequence, posted.accepted_at_ms, _parts(transfers)
    )


def _parts(transfers: Sequence[Transfer]) -> tuple[Moved, ...]:
    return tuple(Moved(item.code, item.lot, item.amount) for item in transfers)


@dataclass(frozen=True, slots=True)
class _Earlier:
    """The accepted record of a message."""

    operation: UUID
    sequence: int
    accepted_at_ms: int


def _earlier(books: Books, digest: bytes) -> _Earlier | None:
    query = """SELECT o.id AS operation, o.sequence, o.accepted_at_ms
               FROM chain_effect e JOIN operation o ON o.municipality = e.municipality AND o.sequence = e.sequence
               WHERE e.municipality = %s AND e.digest = %s"""
    with books.connection.cursor(row_factory=class_row(_Earlier)) as rows:
        return rows.execute(query, [books.municipality_code, digest]).fetchone()


def _first_answer(books: Books, digest: bytes, earlier: _Earlier) -> Performed:
    lines = books.connection.execute(
        """SELECT code, kind, expiry_s, fund, amount FROM journal
           WHERE municipality = %s AND operation = %s ORDER BY line""",
        [books.municipality_code, earlier.operation],
    ).fetchall()
    parts = tuple(
        Moved(
            JournalCode(line["code"]),
            Lot(LotKind(line["kind"]), line["expiry_s"], line["fund"]),
            line["amount"],
        )
        for line in lines
    )
    return Performed(digest, earlier.operation, earlier.sequence, earlier.accepted_at_ms, parts)
