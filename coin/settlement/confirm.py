"""Follows batches on the chain: finds their block and the skipped records, and notices when the block is final or has
vanished.

Decides what the books record about the chain. The contract's batch number shows whether a batch was replayed under that
number. Whether it is ours is decided by its content (`foreign`); the receipt shows where it is, and which records were skipped.
"""

import logging
from collections.abc import Mapping

from coin.chain.contract import BandaiCoin
from coin.chain.events import Skipped
from coin.chain.interface import unhex
from coin.chain.rpc import Rpc
from coin.chain.settled import find_settled
from coin.chain.transactions import Receipt, final_block
from coin.database.database import Conn
from coin.errors import Rejection
from coin.ledger import batches, chain_effects
from coin.ledger.batches import Batch
from coin.ledger.foreign_batches import carried_out_before
from coin.settlement import batch_steps, incidents
from coin.settlement.batch_steps import Block
from coin.settlement.foreign import demand_ours
from coin.settlement.settler import Settler

_LOG = logging.getLogger(__name__)


def record_mined(settler: Settler, batch: Batch) -> bool:
    """Record the block of a batch that the contract has replayed, and the skipped records.

    Returns: False, if the node does not have the receipt yet (it may lag behind the block).
    Raises:  Unavailable (`foreign_batch`), if the chain holds another batch under its number.
    """
    found = find_settled(settler.rpc, settler.contract.address, batch.number, batch.transaction_hash)
    if found is None:
        return False
    demand_ours(settler.address, batch, found)
    with settler.database.transaction() as conn:
        return record_block(
            conn, settler.rpc, settler.contract, settler.municipality_code, batch, found.receipt
        )


def record_block(
    conn: Conn, rpc: Rpc, contract: BandaiCoin, municipality_code: str, batch: Batch, receipt: Receipt
) -> bool:
    """Record the block in which the receipt's transaction settled our batch, and the skipped records; the caller has compared
    the content.

    Returns: False, if the node does not have that block (any more).
    """
    block = rpc.call("eth_getBlockByNumber", hex(receipt.block_number), False)
    if block is None or unhex(block["hash"]) != receipt.block_hash:
        return False
    batch_steps.mark_mined(
        conn,
        municipality_code,
        batch.number,
        transaction_hash=receipt.tx_hash,
        block=Block(receipt.block_number, receipt.block_hash, int(block["timestamp"], 16)),
        gas_used=receipt.gas_used,
    )
    skipped = missing_records(conn, municipality_code, batch, skipped_records(contract, receipt, batch))
    incidents.record(conn, municipality_code, batch, skipped)
    for sequence, reason in skipped.items():
        _LOG.error("operation %d was skipped by the chain: %s", sequence, reason.code)
    return True


def skipped_records(contract: BandaiCoin, receipt: Receipt, batch: Batch) -> dict[int, Rejection]:
    """Return the skipped operations of a batch by their numbers in the journal, from its receipt."""
    events = [event for event in contract.events(receipt, [Skipped]) if isinstance(event, Skipped)]
    numbered = ((batch.sequence_of(event.sequence), event.reason) for event in events)
    return {sequence: reason for sequence, reason in numbered if sequence is not None}


def missing_records(
    conn: Conn, municipality_code: str, batch: Batch, skipped: Mapping[int, Rejection]
) -> dict[int, Rejection]:
    """Return which of the skipped operations the chain has not carried out: one that stands in a foreign batch before it is
    no incident."""
    if not skipped:
        return {}
    effects = chain_effects.effects(conn, municipality_code, batch.first_sequence, batch.last_sequence)
    done = carried_out_before(
        conn, municipality_code, [effect for effect in effects if effect.sequence in skipped]
    )
    return {sequence: reason for sequence, reason in skipped.items() if sequence not in done}


def forget_vanished(settler: Settler, chain_batch_no: int) -> int:
    """Undo the blocks that the chain no longer has; return how many batches must be sent again.

    This also applies to a final block, and is then logged: the newest one is looked at in each round, because the chain may
    hold another batch of its number. Sending the same bytes again repairs it, unless that other batch is not ours.
    """
    with settler.database.transaction() as conn:
        settled = batches.batches_above(conn, settler.municipality_code, chain_batch_no)
        pending = batches.mined_batches(conn, settler.municipality_code)
        last = batches.last_confirmed(conn, settler.municipality_code)
    gone = {batch.number: batch for batch in settled}
    seen = [*pending, *([last] if last else [])]
    gone |= {batch.number: batch for batch in seen if not _is_canonical(settler.rpc, batch)}
    for batch in gone.values():
        _LOG.log(
            logging.ERROR if batch.state == "confirmed" else logging.WARNING,
            "the block of batch %d is gone",
            batch.number,
        )
        with settler.database.transaction() as conn:
            batch_steps.mark_unmined(conn, settler.municipality_code, batch.number)
            incidents.doubt(conn, settler.municipality_code, batch.number)
    return len(gone)


def confirm_final(settler: Settler) -> int:
    """Confirm the batches whose blocks are final; return how many.

    The block may have been replaced by another one since it was read, so its hash is checked again.
    """
    with settler.database.transaction() as conn:
        pending = batches.mined_batches(conn, settler.municipality_code)
    if not pending:
        return 0
    final = final_block(settler.rpc, settler.policy.confirmations)
    deep = [batch for batch in pending if batch.block_number is not None and batch.block_number <= final]
    done = [batch for batch in deep if _is_canonical(settler.rpc, batch)]
    with settler.database.transaction() as conn:
        for batch in done:
            batch_steps.mark_confirmed(
                conn, settler.municipality_code, batch.number, now_ms=settler.clock.now_ms()
            )
    return len(done)


def _is_canonical(rpc: Rpc, batch: Batch) -> bool:
    block = rpc.call("eth_getBlockByNumber", hex(batch.block_number or 0), False)
    return block is not None and unhex(block["hash"]) == batch.block_hash
