"""Vouches for operations: the journal and the tables of charges, payments and redeems, compared with the signed record.

Each operation has exactly the lines and rows that its record requires, and there is no line or row without a record.
Verifies I-04, I-06, I-10, I-11.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from coin.clock import fiscal_year
from coin.database.database import Conn
from coin.errors import InvalidInput
from coin.ledger.accounts import AccountClass
from coin.lots import Lot
from coin.messages import Domain
from coin.program import LotKind
from coin.reconciliation.figures import (
    AccountName,
    Entry,
    Field,
    Figure,
    JournalLine,
    Span,
    Subject,
    Unreadable,
    Value,
)
from coin.reconciliation.played import Circumstances, Line, Lines, Play, Values
from coin.reconciliation.reading import Key, rows
from coin.reconciliation.vouching.lists import Beside, ListRow, Proof, TopUpRow, of_row, rows_beside
from coin.records.effects import Effect, values_of
from coin.records.kinds import KINDS, PAYMENTS, Kind, SignedBy, carried_out

_PAYER = "payer"  # actors that are not staff
_JOURNAL = "journal"


class _OperationRow(NamedTuple):
    """An operation with its signed record and its actor in the audit log; without a record it has no kind."""

    sequence: int | None
    id: UUID
    kind: int
    accepted_at_ms: int
    fiscal_year: int
    actor: str
    record_kind: int | None
    words: bytes
    signatures: bytes
    signers: bytes
    context: bytes
    record_at_ms: int
    audit_actor: str | None
    audit_channel: str | None
    digest: bytes | None


@dataclass(slots=True)
class _Journal:
    """The lines of one operation added up, with their codes (of coins and of points) and fiscal years."""

    lines: dict[Line, int] = field(default_factory=dict)
    entries: set[Entry] = field(default_factory=set)
    years: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Kept:
    """Everything in the books about an operation with a number and a record."""

    sequence: int
    row: _OperationRow
    effect: Effect
    beside: Beside
    journal: _Journal
    is_digest_due: bool

    @property
    def table(self) -> str | None:
        """The table beside the journal for this kind."""
        kind = carried_out(self.effect.kind)
        return kind.own_table if kind else None

    @property
    def listed(self) -> ListRow | None:
        """The row in that table."""
        found = self.beside.get(self.table, []) if self.table else []
        return found[0] if found else None

    def figure(self, what: Field, books: Value, other: Value) -> Figure:
        """Return a figure of this operation: the books compared with the record."""
        return Figure(Subject.OPERATION, self.sequence, what, books, other)


def of_operations(conn: Conn, key: Key, play: Play, domain: Domain) -> Iterator[Figure]:
    """Replay every record in order and compare it with the books; rows without an operation come last."""
    journals, beside = _journals(conn, key), rows_beside(conn, key)
    known, last_ms, keeps_digests = 0, None, False
    for row in rows(conn, _OperationRow, _OPERATIONS, key):
        journal, listed = journals.pop(row.id, _Journal()), beside.pop(row.id, {})
        if row.sequence is None or row.record_kind is None:
            lines = _shown(journal.lines)
            yield Figure(Subject.OPERATION, row.sequence or row.id, Field.RECORD, lines, None)
            continue
        yield from _gap(known + 1, row.sequence - 1)
        known, last_ms = row.sequence, row.accepted_at_ms
        effect = Effect(row.sequence, row.record_kind, row.words, row.signatures, row.signers, row.context)
        is_charge = (
            row.record_kind == Kind.TOP_UP
        )  # has its digest since the first release; others from some record on
        keeps_digests = keeps_digests or (row.digest is not None and not is_charge)
        kept = _Kept(row.sequence, row, effect, listed, journal, is_digest_due=is_charge or keeps_digests)
        yield from _of_readable(kept, play, domain)
    yield from _of_none(journals, beside)
    yield from _of_repeated(conn, key)
    yield from _of_head(conn, key, known, last_ms)


def _gap(first: int, last: int) -> Iterator[Figure]:
    """Yield the numbers without an operation."""
    if first == last:
        yield Figure(Subject.OPERATION, first, Field.EXISTS, False, True)
    elif first < last:
        yield Figure(Subject.OPERATIONS, Span(first, last), Field.EXISTS, False, True)


def _of_none(journals: Mapping[UUID, _Journal], beside: Mapping[UUID, Beside]) -> Iterator[Figure]:
    """Yield lines and rows of an operation that does not exist."""
    for operation in sorted({*journals, *beside}):
        where = sorted([*beside.get(operation, {}), *([_JOURNAL] if operation in journals else [])])
        yield Figure(Subject.OPERATION, operation, Field.RECORD, tuple(where), None)


class _RepeatedRow(NamedTuple):
    sequence: int
    earlier: int


def _of_repeated(conn: Conn, key: Key) -> Iterator[Figure]:
    """Yield each record whose words stand in the journal a second time: what was signed once was carried out twice."""
    messages = {kind: row.message.TYPE.name for kind, row in KINDS.items()}
    named = {**key, "kinds": list(messages), "messages": list(messages.values())}
    for row in rows(conn, _RepeatedRow, _REPEATED, named):
        yield Figure(Subject.OPERATION, row.sequence, Field.SAME_WORDS_AS, row.earlier, None)


class _Head(NamedTuple):
    last_sequence: int
    last_accepted_at_ms: int


def _of_head(conn: Conn, key: Key, known: int, last_ms: int | None) -> Iterator[Figure]:
    query = (
        "SELECT last_sequence, last_accepted_at_ms FROM journal_head WHERE municipality = %(municipality)s"
    )
    head = next(rows(conn, _Head, query, key), None)
    yield Figure(Subject.JOURNAL, None, Field.LAST_SEQUENCE, head.last_sequence if head else None, known)
    if head and last_ms is not None:
        yield Figure(Subject.JOURNAL, None, Field.ACCEPTED_AT, head.last_accepted_at_ms, last_ms)


def _of_readable(kept: _Kept, play: Play, domain: Domain) -> Iterator[Figure]:
    try:
        yield from _of_operation(kept, values_of(kept.effect), play, domain)
    except InvalidInput as error:
        yield kept.figure(Field.RECORD, Unreadable(error.field or ""), None)
    except (OverflowError, ValueError):
        yield kept.figure(Field.HAS_A_TIME, False, True)


def _of_operation(kept: _Kept, values: Values, play: Play, domain: Domain) -> Iterator[Figure]:
    row, at_ms = kept.row, kept.row.record_at_ms
    yield from _of_journal(kept, values, play)
    yield kept.figure(Field.KIND, row.kind, row.record_kind)
    yield kept.figure(Field.ACCEPTED_AT, row.accepted_at_ms, at_ms)
    years = tuple(sorted({row.fiscal_year, *kept.journal.years}))
    yield kept.figure(Field.FISCAL_YEARS, years, (fiscal_year(at_ms),))
    is_payment = row.record_kind in PAYMENTS
    yield kept.figure(Field.ACTOR, row.actor, _PAYER if is_payment else row.audit_actor or None)
    tables = tuple(sorted(table for table, found in kept.beside.items() for _ in found))
    yield kept.figure(Field.LISTS, tables, (kept.table,) if kept.table else ())
    if is_payment:
        is_valid = values["validAfter"] < at_ms // 1000 and at_ms < values["validBefore"] * 1000
        yield kept.figure(Field.IS_ACCEPTED_IN_TIME, is_valid, True)
    if row.digest is not None or kept.is_digest_due:
        yield kept.figure(Field.DIGEST, row.digest, _signed_digest(kept.effect, domain))
    for what, books, proved in of_row(
        kept.table, kept.listed, Proof(kept.effect, values, at_ms, play, domain)
    ):
        yield kept.figure(what, books, proved)


def _signed_digest(effect: Effect, domain: Domain) -> bytes | None:
    """Return the digest by which the same message is found again; None where none is kept: payments have their id."""
    row = KINDS[effect.kind]
    if row.kind in PAYMENTS or row.signed_by is SignedBy.NOBODY:
        return None
    return row.message.TYPE.digest(domain, effect.words)


def _of_journal(kept: _Kept, values: Values, play: Play) -> Iterator[Figure]:
    """Yield the lines and their codes."""
    fund = kept.listed.fund if isinstance(kept.listed, TopUpRow) else ""
    found = Circumstances(kept.row.record_at_ms, kept.row.audit_channel or "", fund)
    wanted = play.play(kept.effect, values, found)
    lines: Lines = kept.journal.lines
    if kept.effect.kind == Kind.REDEEM:
        lines = _without_lots(lines)
    yield kept.figure(Field.LINES, _shown(lines, but=wanted), _shown(wanted, but=lines))
    kind = carried_out(kept.effect.kind)
    known = {Entry(code, lot) for lot, codes in kind.codes.items() for code in codes} if kind else set()
    yield kept.figure(Field.ENTRIES, tuple(sorted(kept.journal.entries - known)), ())


_OPERATIONS = """
SELECT o.sequence, o.id, o.kind, o.accepted_at_ms, o.fiscal_year, o.actor, e.kind AS record_kind, e.words, e.signatures,
       e.signers, e.context, e.accepted_at_ms AS record_at_ms, a.actor AS audit_actor, a.channel AS audit_channel, e.digest
FROM operation o
LEFT JOIN chain_effect e ON e.municipality = o.municipality AND e.sequence = o.sequence
LEFT JOIN (SELECT detail->>'sequence' AS sequence, string_agg(actor, ', ') AS actor, string_agg(detail->>'channel', ', ') AS channel
           FROM audit WHERE municipality = %(municipality)s GROUP BY 1) a ON a.sequence = o.sequence::text
WHERE o.municipality = %(municipality)s ORDER BY o.sequence
"""
_REPEATED = """
SELECT sequence, earlier
FROM (SELECT e.sequence, min(e.sequence) OVER (PARTITION BY k.message, e.words) AS earlier
      FROM chain_effect e JOIN unnest(%(kinds)s::smallint[], %(messages)s::text[]) AS k (kind, message) USING (kind)
      WHERE e.municipality = %(municipality)s) r
WHERE earlier < sequence ORDER BY sequence
"""
_LINES = """
SELECT j.operation, j.fiscal_year, j.code, d.class::text AS debit_class, d.reference AS debit_reference,
       c.class::text AS credit_class, c.reference AS credit_reference, j.kind::text, j.expiry_s, j.fund, j.amount
FROM journal j
JOIN account d ON d.municipality = j.municipality AND d.id = j.debit
JOIN account c ON c.municipality = j.municipality AND c.id = j.credit
WHERE j.municipality = %(municipality)s
"""


class _LineRow(NamedTuple):
    operation: UUID
    fiscal_year: int
    code: str
    debit_class: str
    debit_reference: str
    credit_class: str
    credit_reference: str
    kind: str
    expiry_s: int
    fund: str
    amount: int


def _journals(conn: Conn, key: Key) -> dict[UUID, _Journal]:
    journals: dict[UUID, _Journal] = {}
    for row in rows(conn, _LineRow, _LINES, key):
        lot = Lot(LotKind(row.kind), row.expiry_s, row.fund)
        debit = AccountName(AccountClass(row.debit_class), row.debit_reference)
        line = Line(debit, AccountName(AccountClass(row.credit_class), row.credit_reference), lot)
        into = journals.setdefault(row.operation, _Journal())
        into.lines[line] = into.lines.get(line, 0) + row.amount
        into.entries.add(Entry(row.code, lot.kind))
        into.years.add(row.fiscal_year)
    return journals


def _without_lots(lines: Lines) -> dict[Line, int]:
    sums: dict[Line, int] = {}
    for line, amount in lines.items():
        whole = Line(line.debit, line.credit, None)
        sums[whole] = sums.get(whole, 0) + amount
    return sums


def _shown(lines: Lines, *, but: Lines | None = None) -> tuple[JournalLine, ...]:
    """Return the lines as values, without those that are equal on both sides."""
    if lines == but:
        return ()
    odd = (item for item in lines.items() if item not in (but or {}).items())
    return tuple(
        sorted((JournalLine(amount, line.lot, line.debit, line.credit) for line, amount in odd), key=str)
    )
