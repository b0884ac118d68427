"""Compares every batch: what the chain has replayed, the bytes in the books, and the journal that they were made from.

Verifies I-04: no batch is missing on either side, none was changed after it was sealed, each was made from the operations of
the journal, and every skipped record is an incident.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coin.chain.calldata import calldata_of
from coin.chain.events import Settled, Skipped, decode_events, topic_of
from coin.chain.interface import unhex
from coin.chain.rpc import Rpc
from coin.chain.settled import data_of
from coin.chain.transactions import receipts
from coin.core import keccak256
from coin.database.database import Conn
from coin.errors import InvalidInput, Rejected, Rejection
from coin.ledger import chain_effects
from coin.ledger.batches import UNMINED, Batch
from coin.ledger.foreign_batches import ForeignBatch
from coin.reconciliation.figures import Against, Field, Figure, Subject, Unreadable, Value
from coin.records.codec import encode_batch


@dataclass(frozen=True)
class Mined:
    """A batch as the contract replayed it, with its transaction and block."""

    settled: Settled
    transaction_hash: bytes
    block_number: int
    block_hash: bytes


@dataclass(frozen=True)
class Replayed:
    """The contract's events up to a block: each batch by its number, and the reason of each skipped record."""

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


def foreign_numbers(
    rpc: Rpc,
    settler: bytes,
    chain: Replayed,
    batches: Sequence[Batch],
    last: int,
    adopted: Sequence[ForeignBatch] = (),
) -> frozenset[int]:
    """Return the numbers up to `last` under which the chain holds a batch that these books did not seal, or that another
    account sent; not the `adopted` ones. Of those that the worker has recorded already, sender and data are compared as figures."""
    in_books = {batch.number: batch for batch in batches}
    waiting = [number for number, batch in in_books.items() if number <= last and batch.state in UNMINED]
    known = {number: chain.batches[number] for number in waiting if number in chain.batches}
    sent = _senders(rpc, [mined.transaction_hash for mined in known.values()])
    taken = in_books.keys() | {batch.number for batch in adopted}
    foreign = {number for number in range(1, last + 1) if number not in taken}
    foreign |= {
        number
        for number, mined in known.items()
        if mined.settled != _sealed(in_books[number]) or sent.get(mined.transaction_hash) != settler
    }
    return frozenset(foreign)


def _sealed(batch: Batch) -> Settled:
    data = data_of(batch.calldata) or b""
    return Settled(batch.number, batch.chain_first_sequence, batch.count, batch.as_of_s, keccak256(data))


def _senders(rpc: Rpc, hashes: Sequence[bytes]) -> dict[bytes, bytes]:
    found = receipts(rpc, hashes)
    return {receipt.tx_hash: receipt.sender for receipt in found if receipt is not None}


def skipped_of_ours(chain: Replayed, batches: Sequence[Batch]) -> dict[int, Rejection]:
    """Return what the chain skipped in these batches, by our numbers of the operations."""
    found = {}
    for chain_sequence, reason in chain.skipped.items():
        for batch in batches:
            sequence = batch.sequence_of(chain_sequence)
            if sequence is not None:
                found[sequence] = reason
    return found


def unrecorded(
    skipped: Mapping[int, Rejection], batches: Sequence[Batch], incidents: Mapping[int, Rejection]
) -> dict[int, Rejection]:
    """Return what the chain skipped in batches whose block the worker has not recorded yet; it will record them as
    incidents."""
    waiting = [batch for batch in batches if batch.state in UNMINED]
    return {
        sequence: reason
        for sequence, reason in skipped.items()
        if sequence not in incidents and any(batch.has(sequence) for batch in waiting)
    }


def of_batches(
    conn: Conn,
    municipality_code: str,
    chain: Replayed,
    batches: Sequence[Batch],
    last: int,
    adopted: Sequence[ForeignBatch] = (),
) -> Iterator[Figure]:
    """Yield every batch up to `last`, in the books and on the chain: those of the operations, and the `adopted` foreign ones."""
    in_books = {batch.number: batch for batch in batches}
    foreign = {batch.number: batch for batch in adopted}
    for number in range(1, last + 1):
        mine, mined = in_books.get(number), chain.batches.get(number)
        if mine is None and mined is not None and number in foreign:
            yield from _of_block(foreign[number], mined)
            yield from _of_foreign(foreign[number], mined.settled)
            continue
        if mine is None or mined is None:
            # One that the contract has counted and neither side shows (a node may forget events) is missing in the books.
            yield Figure(Subject.BATCH, number, Field.EXISTS, mine is not None, mine is None, Against.CHAIN)
            continue
        if mine.state == "confirmed":  # the worker follows batches that are not final
            yield from _of_block(mine, mined)
        yield from _of_content(conn, municipality_code, mine, mined.settled)


def of_skips(
    skipped: Mapping[int, Rejection], incidents: Mapping[int, Rejection], *, but: Collection[int]
) -> Iterator[Figure]:
    """Yield every operation that the chain skipped, and its incident; those in `but` wait for the worker."""
    for sequence in sorted((set(incidents) | set(skipped)) - set(but)):
        sides = incidents.get(sequence), skipped.get(sequence)
        yield Figure(Subject.OPERATION, sequence, Field.INCIDENT, *sides, Against.CHAIN)


def _of_block(mine: Batch | ForeignBatch, mined: Mined) -> Iterator[Figure]:
    """Yield the transaction and the block of a final batch, in the books and on the chain."""
    for field, books, chain in (
        (Field.TRANSACTION, mine.transaction_hash, mined.transaction_hash),
        (Field.BLOCK, mine.block_number, mined.block_number),
        (Field.BLOCK_HASH, mine.block_hash, mined.block_hash),
    ):
        yield Figure(Subject.BATCH, mine.number, field, books, chain, Against.CHAIN)


def _of_foreign(mine: ForeignBatch, theirs: Settled) -> Iterator[Figure]:
    """Yield the content of a foreign batch as two staff have signed it, and as the chain has replayed it."""
    data_hash = mine.data_hash if mine.data is None else keccak256(mine.data)
    for field, books, chain in (
        (Field.FIRST_SEQUENCE, mine.first_sequence, theirs.first_sequence),
        (Field.COUNT, mine.record_count, theirs.count),
        (Field.AS_OF, mine.as_of_s, theirs.as_of_s),
        (Field.DATA_HASH, data_hash, theirs.data_hash),
    ):
        yield Figure(Subject.BATCH, mine.number, field, books, chain, Against.CHAIN)


def _of_content(conn: Conn, municipality_code: str, mine: Batch, theirs: Settled) -> Iterator[Figure]:
    """Yield the stored calldata compared with the batch's operations, and these with what the chain has replayed."""
    calldata, data_hash = _made_of_operations(conn, municipality_code, mine)
    yield Figure(Subject.BATCH, mine.number, Field.BYTES, keccak256(mine.calldata), calldata, Against.RECORD)
    for field, books, chain in (
        (Field.FIRST_SEQUENCE, mine.chain_first_sequence, theirs.first_sequence),
        (Field.COUNT, mine.count, theirs.count),
        (Field.AS_OF, mine.as_of_s, theirs.as_of_s),
        (Field.DATA_HASH, data_hash, theirs.data_hash),
    ):
        yield Figure(Subject.BATCH, mine.number, field, books, chain, Against.CHAIN)


def _made_of_operations(conn: Conn, municipality_code: str, mine: Batch) -> tuple[Value, Value]:
    """Return the hashes of calldata and data made from the batch's operations; or the reason why they do not make a
    batch."""
    effects = chain_effects.effects(conn, municipality_code, mine.first_sequence, mine.last_sequence)
    if not effects or effects[0].sequence < 0 or mine.as_of_s < 0:
        return None, None
    try:
        calldata = calldata_of(mine.number, mine.chain_first_sequence, mine.as_of_s, effects, mine.approval)
        return keccak256(calldata), keccak256(encode_batch(effects, mine.as_of_s))
    except InvalidInput as error:
        return Unreadable(error.field or ""), None
    except Rejected as error:
        return error.reason, None


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
