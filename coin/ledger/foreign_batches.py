"""Reads the batches on the chain that these books did not seal and to which two staff have bound them.

`coin.office.foreign_batch` writes them. Decides nothing, so that reconciliation may read them too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from coin.database.database import Conn
from coin.errors import InvalidInput, Rejection
from coin.records.codec import decode_batch
from coin.records.effects import Effect, Record
from coin.records.sameness import Sameness, of_effect, of_record

_COLUMNS = """number, first_sequence, record_count, as_of_s, data_hash, data, reasons, sender, transaction_hash, block_number,
    block_hash, approval, adopted_at_ms"""


@dataclass(frozen=True)
class ForeignRecord:
    """A record in such a batch: the chain's number, what became of it, and its content, if the transaction shows it."""

    chain_sequence: int
    reason: Rejection
    record: Record | None

    @property
    def sameness(self) -> Sameness | None:
        """What was signed, if it is known."""
        return None if self.record is None else of_record(self.record)


@dataclass(frozen=True)
class ForeignBatch:
    """A batch that is not ours. Units: first_sequence is the chain's number of its first record."""

    number: int
    first_sequence: int
    record_count: int
    as_of_s: int
    data_hash: bytes
    data: bytes | None
    reasons: bytes
    sender: bytes
    transaction_hash: bytes
    block_number: int
    block_hash: bytes
    approval: bytes
    adopted_at_ms: int

    def records(self) -> Iterator[ForeignRecord]:
        """Yield its records in order."""
        contents = self._contents()
        for at, reason in enumerate(self.reasons):
            yield ForeignRecord(self.first_sequence + at, Rejection(reason), contents[at])

    def _contents(self) -> Sequence[Record | None]:
        nothing = [None] * self.record_count
        if self.data is None:
            return nothing
        try:
            return decode_batch(self.data, self.record_count, self.as_of_s)
        except InvalidInput:  # a kind of a later release
            return nothing


def foreign_batches(conn: Conn, municipality_code: str) -> list[ForeignBatch]:
    """Return all of them, in order."""
    query = f"SELECT {_COLUMNS} FROM foreign_batch WHERE municipality = %s ORDER BY number"  # noqa: S608  (fixed text)
    return (
        conn.cursor(row_factory=class_row(ForeignBatch))
        .execute(query.encode(), [municipality_code])
        .fetchall()
    )


def carried_out_before(conn: Conn, municipality_code: str, effects: Sequence[Effect]) -> set[int]:
    """Return which of these operations the chain has carried out already, in a batch that is not ours: the contract skips
    our own record then, and nothing is missing."""
    foreign = foreign_batches(conn, municipality_code)
    known = {
        record.sameness for batch in foreign for record in batch.records() if record.reason is Rejection.NONE
    }
    known.discard(None)
    return {effect.sequence for effect in effects if of_effect(effect) in known} if known else set()
