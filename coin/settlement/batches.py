"""The batch rows: the whole truth of settlement. Every change of a batch's state is a function of this file.

    sealed ──sign──▶ signed ──send──▶ sent ──receipt──▶ mined ──final──▶ confirmed
       ▲                                │ ▲                │
       └── its nonce was taken, reverted┘ └── block gone ──┘

Each function changes one row inside the caller's transaction and says in its WHERE which state it expects, so that
two workers, or one that was killed and came back, cannot take a step twice.
"""

from dataclasses import dataclass
from typing import Any

from coin.database.database import Conn
from coin.errors import InvariantBroken
from coin.settlement.run import Run

_COLUMNS = """number, first_sequence, last_sequence, as_of_s, state, calldata, approval, account_nonce, raw_transaction,
    transaction_hash, sent_at_ms, block_number, block_hash, block_time_s, gas_used, sealed_at_ms, confirmed_at_ms"""


UNMINED = frozenset({"sealed", "signed", "sent"})  # states in which no block is known to hold it


@dataclass(frozen=True)
class Batch:
    """One batch as it stands in the books."""

    number: int
    first_sequence: int
    last_sequence: int
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
        """How many operations it has."""
        return self.last_sequence - self.first_sequence + 1

    def has(self, sequence: int) -> bool:
        """Whether the operation of that number is one of them."""
        return self.first_sequence <= sequence <= self.last_sequence


@dataclass(frozen=True)
class Block:
    """The block in which a batch was found."""

    number: int
    hash: bytes
    time_s: int


def batch(conn: Conn, code: str, number: int) -> Batch | None:
    """The batch of that number, if there is one."""
    rows = _select(conn, code, "number = %(number)s", number=number)
    return rows[0] if rows else None


def last_batch(conn: Conn, code: str) -> Batch | None:
    """The batch with the highest number, if there is one."""
    rows = _select(conn, code, "true ORDER BY number DESC LIMIT 1")
    return rows[0] if rows else None


def oldest_unmined(conn: Conn, code: str) -> Batch | None:
    """The one batch that may be in flight: the lowest that no block is known to hold."""
    rows = _select(conn, code, "state IN ('sealed', 'signed', 'sent') ORDER BY number LIMIT 1")
    return rows[0] if rows else None


def count_unmined(conn: Conn, code: str) -> int:
    """How many batches no block is known to hold."""
    row = conn.execute(
        "SELECT count(*) AS n FROM batch WHERE municipality = %s AND state IN ('sealed', 'signed', 'sent')",
        [code],
    ).fetchone()
    return row["n"] if row else 0


def mined_batches(conn: Conn, code: str) -> list[Batch]:
    """The batches that a block holds but that are not final, in order."""
    return _select(conn, code, "state = 'mined' ORDER BY number")


def batches_above(conn: Conn, code: str, number: int) -> list[Batch]:
    """The batches that the books take for mined or final, above a number."""
    return _select(
        conn, code, "state IN ('mined', 'confirmed') AND number > %(number)s ORDER BY number", number=number
    )


def all_batches(conn: Conn, code: str) -> list[Batch]:
    """Every batch, in order."""
    return _select(conn, code, "true ORDER BY number")


def insert_sealed(conn: Conn, code: str, number: int, run: Run, calldata: bytes, *, now_ms: int) -> None:
    """Add a sealed batch; the keys refuse a second one of this number or with this first operation."""
    conn.execute(
        """INSERT INTO batch (municipality, number, first_sequence, last_sequence, as_of_s, state, calldata, sealed_at_ms)
           VALUES (%s, %s, %s, %s, %s, 'sealed', %s, %s)""",
        [code, number, run.first_sequence, run.last_sequence, run.as_of_s, calldata, now_ms],
    )


def mark_approved(conn: Conn, code: str, number: int, *, approval: bytes, calldata: bytes) -> None:
    """Two staff let a batch through that is older than the contract's window; an earlier approval is replaced."""
    _step(
        conn,
        """UPDATE batch SET approval = %s, calldata = %s
           WHERE municipality = %s AND number = %s AND state = 'sealed'""",
        [approval, calldata, code, number],
    )


def mark_signed(
    conn: Conn, code: str, number: int, *, account_nonce: int, raw: bytes, transaction_hash: bytes
) -> None:
    """Store the bytes that will be sent; a replacement of a transaction that is stuck comes this way too."""
    _step(
        conn,
        """UPDATE batch SET state = 'signed', account_nonce = %s, raw_transaction = %s, transaction_hash = %s, sent_at_ms = NULL
           WHERE municipality = %s AND number = %s AND state IN ('sealed', 'sent')""",
        [account_nonce, raw, transaction_hash, code, number],
    )


def mark_sent(conn: Conn, code: str, number: int, *, now_ms: int) -> None:
    """The node has taken the bytes."""
    _step(
        conn,
        "UPDATE batch SET state = 'sent', sent_at_ms = %s WHERE municipality = %s AND number = %s AND state = 'signed'",
        [now_ms, code, number],
    )


def mark_unsigned(conn: Conn, code: str, number: int) -> None:
    """Its account nonce went to another transaction: it is to be signed again, over the same calldata."""
    _step(
        conn,
        """UPDATE batch SET state = 'sealed', account_nonce = NULL, raw_transaction = NULL, transaction_hash = NULL,
               sent_at_ms = NULL
           WHERE municipality = %s AND number = %s AND state IN ('signed', 'sent')""",
        [code, number],
    )


def mark_mined(
    conn: Conn, code: str, number: int, *, transaction_hash: bytes, block: Block, gas_used: int
) -> None:
    """A block holds it; `transaction_hash` is the one that did it, which may be an earlier attempt's."""
    _step(
        conn,
        """UPDATE batch SET state = 'mined', transaction_hash = %s, block_number = %s, block_hash = %s, block_time_s = %s,
               gas_used = %s
           WHERE municipality = %s AND number = %s AND state IN ('sealed', 'signed', 'sent')""",
        [transaction_hash, block.number, block.hash, block.time_s, gas_used, code, number],
    )


def mark_unmined(conn: Conn, code: str, number: int) -> None:
    """Its block is no longer part of the chain, even if it counted as final: what was sent is sent again."""
    _step(
        conn,
        """UPDATE batch SET state = CASE WHEN raw_transaction IS NULL THEN 'sealed' ELSE 'sent' END::batch_state,
               block_number = NULL, block_hash = NULL, block_time_s = NULL, gas_used = NULL, confirmed_at_ms = NULL
           WHERE municipality = %s AND number = %s AND state IN ('mined', 'confirmed')""",
        [code, number],
    )


def mark_confirmed(conn: Conn, code: str, number: int, *, now_ms: int) -> None:
    """Its block is final."""
    _step(
        conn,
        """UPDATE batch SET state = 'confirmed', confirmed_at_ms = %s
           WHERE municipality = %s AND number = %s AND state = 'mined'""",
        [now_ms, code, number],
    )


def _select(conn: Conn, code: str, condition: str, **values: Any) -> list[Batch]:
    query = f"SELECT {_COLUMNS} FROM batch WHERE municipality = %(municipality)s AND {condition}"  # noqa: S608  (fixed texts)
    rows = conn.execute(query, {"municipality": code, **values})
    return [Batch(**{name: _plain(value) for name, value in row.items()}) for row in rows]


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _step(conn: Conn, statement: str, values: list[Any]) -> None:
    if conn.execute(statement.encode(), values).rowcount != 1:
        raise InvariantBroken("a batch was not in the state that this step begins with")
