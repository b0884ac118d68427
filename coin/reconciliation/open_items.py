"""Open items: known and unfinished, but not differences. They are reported until they are closed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from coin.clock import CLOCK_TOLERANCE_MS
from coin.database.database import Conn
from coin.errors import Rejection
from coin.ledger.batches import Batch
from coin.reconciliation.expected import Expected
from coin.reconciliation.figures import Open, OpenItem, Span, StrangeRecord, Subject
from coin.reconciliation.reading import Key, rows


def of_settlement(
    books: Expected, batches: Sequence[Batch], chain_batch_no: int, foreign: Collection[int]
) -> Iterator[OpenItem]:
    """Yield operations that the chain has not replayed, batches whose blocks are not final, and `foreign` ones."""
    for number in sorted(foreign):
        yield OpenItem(Open.FOREIGN, Subject.BATCH, number)
    if books.accepted > books.settled:
        yield OpenItem(Open.UNSETTLED, Subject.OPERATIONS, Span(books.settled + 1, books.accepted))
    for batch in batches:
        if batch.number <= chain_batch_no and batch.state != "confirmed" and batch.number not in foreign:
            kind = Open.NOT_FINAL if batch.state == "mined" else Open.IN_FLIGHT
            yield OpenItem(kind, Subject.BATCH, batch.number)


def of_strangers(found: Iterable[StrangeRecord]) -> Iterator[OpenItem]:
    """Yield what the chain carried out in a foreign batch, and the books do not have."""
    for record in found:
        yield OpenItem(Open.FOREIGN_RECORD, Subject.FOREIGN_RECORD, record)


class _IncidentRow(NamedTuple):
    sequence: int
    is_confirmed: bool
    reason: int


def of_incidents(conn: Conn, key: Key, unrecorded: Mapping[int, Rejection]) -> Iterator[OpenItem]:
    """Records that the chain skipped or will skip, and whose incident is open."""
    query = """SELECT sequence, is_confirmed, reason FROM incident JOIN rejection USING (reason)
               WHERE municipality = %(municipality)s AND disposition IS NULL"""
    found = {
        row.sequence: (Open.INCIDENT if row.is_confirmed else Open.PREDICTED, Rejection(row.reason))
        for row in rows(conn, _IncidentRow, query, key)
    }
    found |= {sequence: (Open.INCIDENT, reason) for sequence, reason in unrecorded.items()}
    for sequence, (kind, reason) in sorted(found.items()):
        yield OpenItem(kind, Subject.OPERATION, sequence, reason)


class _Later(NamedTuple):
    first: int | None
    last: int | None


def of_later(conn: Conn, key: Key, now_ms: int) -> Iterator[OpenItem]:
    """Yield unsettled operations with a time after now: the clock went back, or somebody changed the time."""
    query = """SELECT min(sequence) AS first, max(sequence) AS last FROM chain_effect
               WHERE municipality = %(municipality)s AND sequence > %(settled)s AND accepted_at_ms > %(latest_ms)s"""
    for row in rows(conn, _Later, query, {**key, "latest_ms": now_ms + CLOCK_TOLERANCE_MS}):
        if row.first is not None and row.last is not None:
            yield OpenItem(Open.LATER, Subject.OPERATIONS, Span(row.first, row.last))
