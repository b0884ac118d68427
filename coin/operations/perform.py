"""The one way in for every record but payments, which have a set-based one (coin.payments): `perform`.

Decides the order: signatures, the lock of the journal's head, the same message again, the signer's right, its nonce,
the lowest refusal, then the number, the nonce, what is remembered and the audit row. Knows no kind.
Keeps:   I-01, I-03 (the same message gets its first answer), I-04.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from coin.errors import CoinError, Rejected, Rejection
from coin.ledger.journal_head import Head, numbering
from coin.ledger.posting import SignedRecord, Transfer, post
from coin.lots import Lot
from coin.operations.authority import demand_authority
from coin.operations.operation import Case, Operation
from coin.operations.signed import check_records
from coin.program import LotKind
from coin.records.journal_codes import JournalCode
from coin.registry import audit
from coin.registry.books import Books

Facts = TypeVar("Facts")


@dataclass(frozen=True, slots=True)
class Moved:
    """A part of what a record moved."""

    code: JournalCode
    lot: Lot
    amount: int


@dataclass(frozen=True, slots=True)
class Performed:
    """What a record did: the same for the same message, however often it comes.

    Shapes:  `digest`: of the message; empty, if nobody signed it. `parts` in the order of the journal's lines.
    """

    digest: bytes
    operation: UUID
    sequence: int
    accepted_at_ms: int
    parts: tuple[Moved, ...]


def perform(books: Books, operation: Operation[Facts], *, actor: str) -> Performed:
    """Carry a signed record out, or give the answer that the same message got before.

    What came beside the message (a shop's name, a channel's id) is not looked at when it came before.

    Raises:  Rejected with the lowest rung that applies, or what the kind's file says; then nothing changed.
    """
    return perform_all(books, [operation], actor=actor)[0]


def perform_all(books: Books, operations: Sequence[Operation[Facts]], *, actor: str) -> list[Performed]:
    """Carry records of one kind out in order, all or none: the caller's transaction is rolled back by what is raised.

    Raises:  as `perform`, for the first that is refused.
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
    """Carry records of one kind out in order, each decided by itself.

    Returns: for each what it did, or by which rung it was refused.
    Raises:  another CoinError, which ends all of them.
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
    """Each outcome when its turn comes. Whoever stops early rolls back: the numbers are stored at the end."""
    records = _records(books, operations)
    for operation in operations:
        operation.check(books)
    with numbering(books.connection, books.municipality_code, books.clock) as head:
        for operation, record in zip(operations, records, strict=True):
            yield _outcome(books, head, operation, record, actor)


def _records(books: Books, operations: Sequence[Operation[Facts]]) -> list[SignedRecord | None]:
    signings = [operation.signing() for operation in operations]
    if all(signing is None for signing in signings):
        return [SignedRecord(operation.words) for operation in operations]
    made = [signing.signatures if signing else () for signing in signings]
    return check_records(books.municipality, operations, made)


def _outcome(
    books: Books, head: Head, operation: Operation[Facts], record: SignedRecord | None, actor: str
) -> Performed | CoinError:
    if record is None:
        return Rejected(Rejection.SIGNATURE_INVALID, field="signature")
    earlier = first_answer(books, record.digest) if record.digest else None
    if earlier is not None:
        return earlier
    try:
        return _carry_out(books, head, operation, record, actor)
    except CoinError as refusal:  # raised before anything was written
        return refusal


def _carry_out(
    books: Books, head: Head, operation: Operation[Facts], record: SignedRecord, actor: str
) -> Performed:
    authority = demand_authority(books, operation.KIND, operation.signing())
    case = Case(books, head, authority.office)
    facts = operation.facts(case)
    for refusal in operation.refusals(case, facts):
        raise refusal
    transfers = operation.transfers(case, facts)
    posted = post(
        books.connection,
        head,
        kind=operation.KIND,
        actor=actor,
        record=replace(record, context=operation.context(facts)),
        transfers=transfers,
    )
    authority.use_nonce()
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


def first_answer(books: Books, digest: bytes) -> Performed | None:
    """What the message of that digest was answered, if it was carried out."""
    row = books.connection.execute(
        """SELECT o.id, o.sequence, o.accepted_at_ms
           FROM chain_effect e JOIN operation o ON o.municipality = e.municipality AND o.sequence = e.sequence
           WHERE e.municipality = %s AND e.digest = %s""",
        [books.municipality_code, digest],
    ).fetchone()
    if row is None:
        return None
    lines = books.connection.execute(
        """SELECT code, kind, expiry_s, fund, amount FROM journal
           WHERE municipality = %s AND operation = %s ORDER BY line""",
        [books.municipality_code, row["id"]],
    ).fetchall()
    parts = tuple(
        Moved(
            JournalCode(line["code"]),
            Lot(LotKind(line["kind"]), line["expiry_s"], line["fund"]),
            line["amount"],
        )
        for line in lines
    )
    return Performed(digest, row["id"], row["sequence"], row["accepted_at_ms"], parts)
