"""Follows batches on the chain: finds their block and the skipped records, and notices when the block is final or has
vanished.

Decides what the books record about the chain. The contract's batch number shows whether a batch was replayed; the receipt
shows where, and which records were skipped.
"""

import logging

from coin.chain.contract import BandaiCoin
from coin.chain.events import Settled, Skipped, topic_of
from coin.chain.interface import unhex
from coin.chain.rpc import Rpc
from coin.chain.transactions import Receipt, final_block, receipts
from coin.errors import Rejection
from coin.ledger import batches
from coin.ledger.batches import Batch
from coin.settlement import batch_steps, incidents
from coin.settlement.batch_steps import Block
from coin.settlement.settler import Settler

_LOG = logging.getLogger(__name__)


def record_mined(settler: Settler, batch: Batch) -> bool:
    """Record the block of a batch that the contract has replayed, and the skipped records.

    Returns: False, if the node does not have the receipt yet (it may lag behind the block).
    """
    receipt = _receipt_of(settler, batch)
    if receipt is None or not receipt.is_success:
        return False
    block = settler.rpc.call("eth_getBlockByNumber", hex(receipt.block_number), False)
    if block is None or unhex(block["hash"]) != receipt.block_hash:
        return False
    found = Block(receipt.block_number, receipt.block_hash, int(block["timestamp"], 16))
    skipped = skipped_records(settler.contract, receipt)
    with settler.database.transaction() as conn:
        batch_steps.mark_mined(
            conn,
            settler.municipality_code,
            batch.number,
            transaction_hash=receipt.tx_hash,
            block=found,
            gas_used=receipt.gas_used,
        )
        incidents.record(conn, settler.municipality_code, batch, skipped)
    for sequence, reason in skipped.items():
        _LOG.error("operation %d was skipped by the chain: %s", sequence, reason.code)
    return True


def skipped_records(contract: BandaiCoin, receipt: Receipt) -> dict[int, Rejection]:
    """Return the skipped records in a receipt, by sequence."""
    skipped = contract.events(receipt, [Skipped])
    return {event.sequence: event.reason for event in skipped if isinstance(event, Skipped)}


def forget_vanished(settler: Settler, chain_batch_no: int) -> int:
    """Undo the blocks that the chain no longer has; return how many batches must be sent again.

    This also applies to a final block, and is then logged. In both cases sending the same bytes again repairs it.
    """
    with settler.database.transaction() as conn:
        settled = batches.batches_above(conn, settler.municipality_code, chain_batch_no)
        pending = batches.mined_batches(conn, settler.municipality_code)
    gone = {batch.number: batch for batch in settled}
    gone |= {batch.number: batch for batch in pending if not _is_canonical(settler.rpc, batch)}
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


def _receipt_of(settler: Settler, batch: Batch) -> Receipt | None:
    """Return the receipt of the stored transaction, or of the earlier attempt that was mined instead."""
    if batch.transaction_hash is not None:
        (receipt,) = receipts(settler.rpc, [batch.transaction_hash])
        if receipt is not None and receipt.is_success:
            return receipt
    return find_settled(settler.rpc, settler.contract.address, batch.number)


def find_settled(rpc: Rpc, contract: bytes, number: int) -> Receipt | None:
    """Return the receipt of the transaction that settled a batch, found by the contract's event; None, if there is none."""
    logs = rpc.call(
        "eth_getLogs",
        {
            "address": "0x" + contract.hex(),
            "fromBlock": "0x0",
            "toBlock": "latest",
            "topics": ["0x" + topic_of(Settled).hex(), "0x" + number.to_bytes(32, "big").hex()],
        },
    )
    return receipts(rpc, [unhex(logs[-1]["transactionHash"])])[0] if logs else None
