"""Reads the batch rows: the operations of each batch, its bytes, and its state.

`coin.settlement` writes them. Decides nothing, so that reconciliation may read them too.
"""

from dataclasses import dataclass

from psycopg.rows import class_row

from coin.database.database import Conn

_COLUMNS = """number, first_sequence, last_sequence,
    first_sequence + (SELECT coalesce(sum(f.record_count), 0) FROM foreign_batch f
                      WHERE f.municipality = batch.municipality AND f.number < batch.number)::bigint AS chain_first_sequence, as_of_s, state, calldata, approval, account_nonce, raw_transaction,
    transaction_hash, sent_at_ms, block_number, block_hash, block_time_s, gas_used, sealed_at_ms, confirmed_at_ms"""


UNMINED = frozenset({"sealed", "signed", "sent"})  # states before a block is known


@dataclass(frozen=True)
class Batch:
    """A batch in the books.

    The chain's number of an operation is ours, unless the chain holds records of foreign batches before it: then it is higher
    by their count. `chain_first_sequence` is the chain's number of the first operation.
    """

    number: int
    first_sequence: int
    last_sequence: int
    chain_first_sequence: int
    as_of_s: int
    state: str
    calldata: bytes
    approval: bytes | None
    account_nonce: int | None
    raw_transaction: bytes | None
    transaction_hash: bytes | None
    sent_at_ms: int | None
    block_number: int | None
    block_hash: bytes | None
    block_time_s: int | None
    gas_used: int | None
    sealed_at_ms: int
    confirmed_at_ms: int | None

    @property
    def count(self) -> int:
        """The number of operations."""
        return self.last_sequence - self.first_sequence + 1

    def has(self, sequence: int) -> bool:
        """Return whether it contains the operation of that number."""
        return self.first_sequence <= sequence <= self.last_sequence

    def sequence_of(self, chain_sequence: int) -> int | None:
        """Return the number of the operation to which the chain gives that number; None, if it is not of this batch."""
        sequence = chain_sequence - self.chain_first_sequence + self.first_sequence
        return sequence if self.has(sequence) else None


@dataclass(frozen=True)
class Tip:
    """Where the next batch begins: after the highest number that is taken, by a batch of ours or a foreign one.

    Shapes:  last_sequence: our last sealed operation; last_chain_sequence: the last number that the chain has given when it
             has replayed everything up to here.
    """

    number: int
    last_sequence: int
    last_chain_sequence: int
    as_of_s: int


def tip(conn: Conn, municipality_code: str) -> Tip:
    """Return where the next batch begins; all zeros before the first."""
    row = conn.execute(
        """SELECT greatest(b.number, f.number, 0) AS number, coalesce(b.last_sequence, 0) AS last_sequence,
                  coalesce(b.last_sequence, 0) + coalesce(f.records, 0)::bigint AS last_chain_sequence,
                  greatest(b.as_of_s, f.as_of_s, 0) AS as_of_s
           FROM (SELECT max(number) AS number, max(last_sequence) AS last_sequence, max(as_of_s) AS as_of_s
                 FROM batch WHERE municipality = %(municipality)s) b,
                (SELECT max(number) AS number, sum(record_count) AS records, max(as_of_s) AS as_of_s
                 FROM foreign_batch WHERE municipality = %(municipality)s) f""",
        {"municipality": municipality_code},
    ).fetchone()
    return Tip(**row) if row else Tip(0, 0, 0, 0)


def last_confirmed(conn: Conn, municipality_code: str) -> Batch | None:
    """Return the batch with the highest number whose block is final, if there is one."""
    rows = _select(conn, municipality_code, "state = 'confirmed' ORDER BY number DESC LIMIT 1")
    return rows[0] if rows else None


def oldest_unmined(conn: Conn, municipality_code: str) -> Batch | None:
    """Return the one batch that may be in flight: the lowest without a known block."""
    rows = _select(conn, municipality_code, "state IN ('sealed', 'signed', 'sent') ORDER BY number LIMIT 1")
    return rows[0] if rows else None


def unsettled_up_to(conn: Conn, municipality_code: str, number: int) -> list[Batch]:
    """Return the batches up to a number without a known block, in order."""
    return _select(
        conn,
        municipality_code,
        "state IN ('sealed', 'signed', 'sent') AND number <= %(number)s ORDER BY number",
        number=number,
    )


def count_unmined(conn: Conn, municipality_code: str) -> int:
    """Return the number of batches without a known block."""
    row = conn.execute(
        "SELECT count(*) AS n FROM batch WHERE municipality = %s AND state IN ('sealed', 'signed', 'sent')",
        [municipality_code],
    ).fetchone()
    return row["n"] if row else 0


def last_settled_sequence(conn: Conn, municipality_code: str) -> int:
    """Return the number of the last operation whose block is known; 0 if there is none."""
    row = conn.execute(
        """SELECT coalesce(max(last_sequence), 0) AS last FROM batch
           WHERE municipality = %s AND state IN ('mined', 'confirmed')""",
        [municipality_code],
    ).fetchone()
    return row["last"] if row else 0


def mined_batches(conn: Conn, municipality_code: str) -> list[Batch]:
    """Return the batches in a block that is not final, in order."""
    return _select(conn, municipality_code, "state = 'mined' ORDER BY number")


def batches_above(conn: Conn, municipality_code: str, number: int) -> list[Batch]:
    """Return the batches above a number that are mined or final according to the books."""
    return _select(
        conn,
        municipality_code,
        "state IN ('mined', 'confirmed') AND number > %(number)s ORDER BY number",
        number=number,
    )


def all_batches(conn: Conn, municipality_code: str) -> list[Batch]:
    """Return every batch, in order."""
    return _select(conn, municipality_code, "true ORDER BY number")


def _select(conn: Conn, municipality_code: str, condition: str, *, number: int | None = None) -> list[Batch]:
    query = f"SELECT {_COLUMNS} FROM batch WHERE municipality = %(municipality)s AND {condition}"  # noqa: S608  (fixed texts)
    rows = conn.cursor(row_factory=class_row(Batch))
    return rows.execute(query.encode(), {"municipality": municipality_code, "number": number}).fetchall()
