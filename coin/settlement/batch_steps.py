"""The steps of a batch: every change of its row, so the whole truth of settlement.

    sealed ──sign──▶ signed ──send──▶ sent ──receipt──▶ mined ──final──▶ confirmed
       ▲                                │ ▲                │
       └── its nonce was taken, reverted┘ └── block gone ──┘

Each function changes one row inside the caller's transaction and says in its WHERE which state it expects, so that
two workers, or one that was killed and came back, cannot take a step twice. `coin.ledger.batches` reads the rows.
"""

from dataclasses import dataclass

from coin.database.database import Conn
from coin.errors import InvariantBroken
from coin.settlement.run import Run


@dataclass(frozen=True)
class Block:
    """The block in which a batch was found."""

    number: int
    hash: bytes
    time_s: int


def insert_sealed(
    conn: Conn, municipality_code: str, number: int, run: Run, calldata: bytes, *, now_ms: int
) -> None:
    """Add a sealed batch; the keys refuse a second one of this number or with this first operation."""
    conn.execute(
        """INSERT INTO batch (municipality, number, first_sequence, last_sequence, as_of_s, state, calldata, sealed_at_ms)
           VALUES (%s, %s, %s, %s, %s, 'sealed', %s, %s)""",
        [municipality_code, number, run.first_sequence, run.last_sequence, run.as_of_s, calldata, now_ms],
    )


def mark_approved(
    conn: Conn, municipality_code: str, number: int, *, approval: bytes, calldata: bytes
) -> None:
    """Two staff let a batch through that is older than the contract's window; an earlier approval is replaced."""
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
    """Store the bytes that will be sent; a replacement of a transaction that is stuck comes this way too."""
    _step(
        conn,
        """UPDATE batch SET state = 'signed', account_nonce = %s, raw_transaction = %s, transaction_hash = %s, sent_at_ms = NULL
           WHERE municipality = %s AND number = %s AND state IN ('sealed', 'sent')""",
        [account_nonce, raw, transaction_hash, municipality_code, number],
    )


def mark_sent(conn: Conn, municipality_code: str, number: int, *, now_ms: int) -> None:
    """The node has taken the bytes."""
    _step(
        conn,
        "UPDATE batch SET state = 'sent', sent_at_ms = %s WHERE municipality = %s AND number = %s AND state = 'signed'",
        [now_ms, municipality_code, number],
    )


def mark_unsigned(conn: Conn, municipality_code: str, number: int) -> None:
    """Its account nonce went to another transaction: it is to be signed again, over the same calldata."""
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
    """A block holds it; `transaction_hash` is the one that did it, which may be an earlier attempt's."""
    _step(
        conn,
        """UPDATE batch SET state = 'mined', transaction_hash = %s, block_number = %s, block_hash = %s, block_time_s = %s,
               gas_used = %s
           WHERE municipality = %s AND number = %s AND state IN ('sealed', 'signed', 'sent')""",
        [transaction_hash, block.number, block.hash, block.time_s, gas_used, municipality_code, number],
    )


def mark_unmined(conn: Conn, municipality_code: str, number: int) -> None:
    """Its block is no longer part of the chain, even if it counted as final: what was sent is sent again."""
    _step(
        conn,
        """UPDATE batch SET state = CASE WHEN raw_transaction IS NULL THEN 'sealed' ELSE 'sent' END::batch_state,
               block_number = NULL, block_hash = NULL, block_time_s = NULL, gas_used = NULL, confirmed_at_ms = NULL
           WHERE municipality = %s AND number = %s AND state IN ('mined', 'confirmed')""",
        [municipality_code, number],
    )


def mark_confirmed(conn: Conn, municipality_code: str, number: int, *, now_ms: int) -> None:
    """Its block is final."""
    _step(
        conn,
        """UPDATE batch SET state = 'confirmed', confirmed_at_ms = %s
           WHERE municipality = %s AND number = %s AND state = 'mined'""",
        [now_ms, municipality_code, number],
    )


def _step(conn: Conn, statement: str, values: list[object]) -> None:
    if conn.execute(statement.encode(), values).rowcount != 1:
        raise InvariantBroken("a batch was not in the state that this step begins with")
