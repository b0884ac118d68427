"""The state machine of a batch: every change of its row.

    sealed ──sign──▶ signed ──send──▶ sent ──receipt──▶ mined ──final──▶ confirmed
       ▲                                │ ▲                │
       └── its nonce was taken, reverted┘ └── block gone ──┘

Each function changes one row in the caller's transaction, and its WHERE clause names the expected state. So two workers, or
a restarted one, cannot take a step twice. `coin.ledger.batches` reads the rows.
"""

from dataclasses import dataclass

from coin.database.database import Conn
from coin.errors import InvariantBroken
from coin.settlement.cut import Run


@dataclass(frozen=True)
class Block:
    """The block of a batch."""

    number: int
    hash: bytes
    time_s: int


def insert_sealed(
    conn: Conn, municipality_code: str, number: int, run: Run, calldata: bytes, *, now_ms: int
) -> None:
    """Insert a sealed batch; unique keys refuse a second one with this number or this first operation."""
    conn.execute(
        """INSERT INTO batch (municipality, number, first_sequence, last_sequence, as_of_s, state, calldata, sealed_at_ms)
           VALUES (%s, %s, %s, %s, %s, 'sealed', %s, %s)""",
        [municipality_code, number, run.first_sequence, run.last_sequence, run.as_of_s, calldata, now_ms],
    )


def mark_approved(
    conn: Conn, municipality_code: str, number: int, *, approval: bytes, calldata: bytes
) -> None:
    """Store the approval by two staff of a batch that is older than the contract's window; it replaces an earlier one."""
    _step(
        conn,
        """UPDATE batch SET approval = %s, calldata = %s
           WHERE municipality = %s AND number = %s AND state = 'sealed'""",
        [approval, calldata, municipality_code, number],
    )


def mark_signed(
    conn: Conn,
    municipality_code: str,
    number: int,
    *,
    account_nonce: int,
    raw: bytes,
    transaction_hash: bytes,
) -> None:
    """Store the signed transaction; also for a replacement of a stuck one."""
    _step(
        conn,
        """UPDATE batch SET state = 'signed', account_nonce = %s, raw_transaction = %s, transaction_hash = %s, sent_at_ms = NULL
           WHERE municipality = %s AND number = %s AND state IN ('sealed', 'sent')""",
        [account_nonce, raw, transaction_hash, municipality_code, number],
    )


def mark_sent(conn: Conn, municipality_code: str, number: int, *, now_ms: int) -> None:
    """Record that the node has accepted the transaction."""
    _step(
        conn,
        "UPDATE batch SET state = 'sent', sent_at_ms = %s WHERE municipality = %s AND number = %s AND state = 'signed'",
        [now_ms, municipality_code, number],
    )


def mark_unsigned(conn: Conn, municipality_code: str, number: int) -> None:
    """Record that another transaction used its account nonce: it must be signed again, over the same calldata."""
    _step(
        conn,
        """UPDATE batch SET state = 'sealed', account_nonce = NULL, raw_transaction = NULL, transaction_hash = NULL,
               sent_at_ms = NULL
           WHERE municipality = %s AND number = %s AND state IN ('signed', 'sent')""",
        [municipality_code, number],
    )


def mark_mined(
    conn: Conn, municipality_code: str, number: int, *, transaction_hash: bytes, block: Block, gas_used: int
) -> None:
    """Record its block; `transaction_hash` may be that of an earlier attempt."""
    _step(
        conn,
        """UPDATE batch SET state = 'mined', transaction_hash = %s, block_number = %s, block_hash = %s, block_time_s = %s,
               gas_used = %s
           WHERE municipality = %s AND number = %s AND state IN ('sealed', 'signed', 'sent')""",
        [transaction_hash, block.number, block.hash, block.time_s, gas_used, municipality_code, number],
    )


def mark_unmined(conn: Conn, municipality_code: str, number: int) -> None:
    """Record that its block is no longer part of the chain, even if it was final: the same transaction is sent again."""
    _step(
        conn,
        """UPDATE batch SET state = CASE WHEN raw_transaction IS NULL THEN 'sealed' ELSE 'sent' END::batch_state,
               block_number = NULL, block_hash = NULL, block_time_s = NULL, gas_used = NULL, confirmed_at_ms = NULL
           WHERE municipality = %s AND number = %s AND state IN ('mined', 'confirmed')""",
        [municipality_code, number],
    )


def mark_confirmed(conn: Conn, municipality_code: str, number: int, *, now_ms: int) -> None:
    """Record that its block is final."""
    _step(
        conn,
        """UPDATE batch SET state = 'confirmed', confirmed_at_ms = %s
           WHERE municipality = %s AND number = %s AND state = 'mined'""",
        [now_ms, municipality_code, number],
    )


def release(conn: Conn, municipality_code: str, number: int) -> None:
    """Give the operations of a batch that is in no block back to those that wait: they are sealed anew, under other numbers."""
    _step(
        conn,
        """DELETE FROM batch WHERE municipality = %s AND number = %s AND state IN ('sealed', 'signed', 'sent')""",
        [municipality_code, number],
    )


def _step(conn: Conn, statement: str, values: list[object]) -> None:
    if conn.execute(statement.encode(), values).rowcount != 1:
        raise InvariantBroken("a batch was not in the state that this step begins with")
