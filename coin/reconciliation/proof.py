"""Batch by batch: what the chain says it replayed, against the bytes in the books, against the journal they came from.

Verifies I-04: no batch is missing on either side, none was changed after it was sealed, none was made from
other operations than those of the journal, and every record that was skipped is an incident.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from coin.chain.calldata import calldata_of
from coin.chain.events import Settled, Skipped, decode_events, topic_of
from coin.chain.interface import unhex
from coin.chain.rpc import Rpc
from coin.core import keccak256
from coin.database.database import Conn
from coin.errors import InvalidInput, Rejected, Rejection
from coin.ledger import batches, chain_effects
from coin.ledger.batches import Batch
from coin.reconciliation.naming import plain
from coin.records.codec import encode_batch

Found = tuple[str, str, str]
_OTHERS = "not what its operations give"


@dataclass(frozen=True)
class Mined:
    """A batch as the contract replayed it, and the transaction and the block that did it."""

    settled: Settled
    transaction_hash: bytes
    block_number: int
    block_hash: bytes


@dataclass(frozen=True)
class Replayed:
    """What the contract says of the journal up to a block: each batch by its number, and why a record was skipped."""

    batches: Mapping[int, Mined]
    skipped: Mapping[int, Rejection]


def replayed(rpc: Rpc, contract: bytes, until_block: int) -> Replayed:
    """Read the contract's events up to a block."""
    mined, skipped = {}, {}
    for log in _logs(rpc, contract, until_block):
        for event in decode_events([log], contract):
            if isinstance(event, Settled):
                where = unhex(log["transactionHash"]), int(log["blockNumber"], 16), unhex(log["blockHash"])
                mined[event.batch_no] = Mined(event, *where)
            elif isinstance(event, Skipped):
                skipped[event.sequence] = event.reason
    return Replayed(mined, skipped)


def unrecorded(conn: Conn, code: str, chain: Replayed) -> dict[int, Rejection]:
    """What the chain skipped in batches whose block the worker has not recorded: it makes incidents of them when it does."""
    waiting = [item for item in batches.all_batches(conn, code) if item.state in batches.UNMINED]
    known = _incidents(conn, code)
    return {
        sequence: reason
        for sequence, reason in chain.skipped.items()
        if sequence not in known and any(item.has(sequence) for item in waiting)
    }


def batch_differences(
    conn: Conn, code: str, chain: Replayed, last: int, skips: Collection[int]
) -> Iterator[Found]:
    """Every batch up to `last` that is not the same in books and chain, as (place, books, chain); `skips` wait for the worker."""
    in_books = {item.number: item for item in batches.all_batches(conn, code)}
    for number in range(1, last + 1):
        yield from _compare(conn, code, number, in_books.get(number), chain.batches.get(number))
    yield from _skips(conn, code, chain, but=skips)


def _compare(conn: Conn, code: str, number: int, mine: Batch | None, mined: Mined | None) -> Iterator[Found]:
    if mine is None or mined is None:
        yield f"batch {number}", _presence(mine is not None), _presence(mined is not None)
        return
    if mine.state == "confirmed":  # what is not final yet the worker follows
        yield from _where(mine, mined)
    theirs = mined.settled
    effects = chain_effects.effects(conn, code, mine.first_sequence, mine.last_sequence)
    if not effects or effects[0].sequence < 0 or mine.as_of_s < 0:  # of these no batch can be made
        yield f"batch {number} bytes", _OTHERS, "-"
        return
    try:
        calldata = calldata_of(number, mine.as_of_s, effects, mine.approval)
        data_hash = keccak256(encode_batch(effects, mine.as_of_s)).hex()
    except (InvalidInput, Rejected) as error:
        yield f"batch {number} bytes", error.en, "-"
        return
    if calldata != mine.calldata:
        yield f"batch {number} bytes", _OTHERS, "-"
    facts = (mine.first_sequence, mine.count, mine.as_of_s, data_hash)
    replayed = (theirs.first_sequence, theirs.count, theirs.as_of_s, theirs.data_hash.hex())
    if facts != replayed:
        yield f"batch {number} content", str(facts), str(replayed)


def _where(mine: Batch, mined: Mined) -> Iterator[Found]:
    """The transaction and the block that the books give for a final batch."""
    pairs = (
        ("transaction", mine.transaction_hash, mined.transaction_hash),
        ("block", mine.block_number, mined.block_number),
        ("block hash", mine.block_hash, mined.block_hash),
    )
    for name, books, chain in pairs:
        if books != chain:
            yield f"batch {mine.number} {name}", str(plain(books)), str(plain(chain))


def _presence(is_there: bool) -> str:
    return "present" if is_there else "missing"


def _skips(conn: Conn, code: str, chain: Replayed, *, but: Collection[int]) -> Iterator[Found]:
    known, skipped = _incidents(conn, code), {at: reason.code for at, reason in chain.skipped.items()}
    for sequence in sorted((set(known) | set(skipped)) - set(but)):
        mine, theirs = known.get(sequence, "no incident"), skipped.get(sequence, "carried out")
        if mine != theirs:
            yield f"operation {sequence}", mine, theirs


def _incidents(conn: Conn, code: str) -> dict[int, str]:
    rows = conn.execute(
        """SELECT i.sequence, r.code FROM incident i JOIN rejection r ON r.reason = i.reason
           WHERE i.municipality = %s AND i.is_confirmed""",
        [code],
    )
    return {row["sequence"]: row["code"] for row in rows}


def _logs(rpc: Rpc, contract: bytes, until_block: int) -> list[dict[str, Any]]:
    topics = ["0x" + topic.hex() for topic in (topic_of(Settled), topic_of(Skipped))]
    query = {
        "address": "0x" + contract.hex(),
        "fromBlock": "0x0",
        "toBlock": hex(until_block),
        "topics": [topics],
    }
    found: list[dict[str, Any]] = rpc.call("eth_getLogs", query)
    return found
