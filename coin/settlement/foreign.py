"""Batches on the chain that our books did not seal: the holder of the settler's key, or the worker of another database, sent
them under a number of ours.

Decides whether what the chain holds under a number is ours: by content, never by the number alone. While it is not, settlement
stops: nothing is recorded as mined, so nothing becomes redeemable. Keeps I-04.
"""

from coin.chain.contract import BandaiCoin
from coin.chain.events import Settled
from coin.chain.rpc import Rpc
from coin.chain.settled import SettledBatch, data_of, find_settled
from coin.core import keccak256
from coin.database.database import Conn
from coin.errors import Unavailable
from coin.ledger import batches
from coin.ledger.batches import Batch
from coin.messages import checksum_address
from coin.registry.municipality import Municipality
from coin.settlement.settler import stopped


def is_ours(settler: bytes, batch: Batch, found: SettledBatch) -> bool:
    """Return whether our settler sent exactly what our books sealed: first record, count, asOf and data."""
    return found.receipt.sender == settler and found.settled == sealed_content(batch)


def _is_known(settler: bytes, batch: Batch, found: SettledBatch) -> bool:
    """Return whether a batch is ours. Who sent one that is confirmed was decided when its block was recorded."""
    if batch.state == "confirmed":
        return found.settled == sealed_content(batch)
    return is_ours(settler, batch, found)


def sealed_content(batch: Batch) -> Settled | None:
    """Return the event that a sealed batch must leave on the chain; None, if its stored call is damaged."""
    data = data_of(batch.calldata)
    if data is None:
        return None
    return Settled(batch.number, batch.chain_first_sequence, batch.count, batch.as_of_s, keccak256(data))


def demand_ours(settler: bytes, batch: Batch, found: SettledBatch) -> None:
    """Check that a batch on the chain is the one of our books. Raises: Unavailable (`foreign_batch`)."""
    if not is_ours(settler, batch, found):
        raise foreign(batch.number, found)


def demand_none_beyond(rpc: Rpc, contract: BandaiCoin, last_number: int, chain_batch_no: int) -> None:
    """Check that the chain holds no batch above the last one of our books. Raises: Unavailable (`foreign_batch`)."""
    if chain_batch_no > last_number:
        raise foreign(last_number + 1, find_settled(rpc, contract.address, last_number + 1))


def foreign_batches(conn: Conn, municipality: Municipality, rpc: Rpc) -> dict[int, SettledBatch | None]:
    """Return the batches on the chain that are not ours, by number: those that our books do not know, and those in the place
    of one of ours. None: the node shows only that there is one.

    Raises:  Unavailable, if the node does not answer.
    """
    contract = BandaiCoin(rpc, municipality.domain.verifying_contract)
    chain_batch_no = contract.snapshot().journal.batch_no
    last_number = batches.tip(conn, municipality.code).number
    mine = {batch.number: batch for batch in batches.unsettled_up_to(conn, municipality.code, chain_batch_no)}
    confirmed = batches.last_confirmed(conn, municipality.code)
    if confirmed is not None and confirmed.number <= chain_batch_no:
        mine[confirmed.number] = confirmed
    unknown = range(last_number + 1, chain_batch_no + 1)
    found = {
        number: find_settled(rpc, contract.address, number, batch.transaction_hash)
        for number, batch in mine.items()
    }
    theirs = {
        number: batch
        for number, batch in found.items()
        if batch is not None and not _is_known(municipality.settler, mine[number], batch)
    }
    return theirs | {number: find_settled(rpc, contract.address, number) for number in unknown}


def foreign(number: int, found: SettledBatch | None) -> Unavailable:
    """Return the error that names a batch that is not ours."""
    what_ja, what_en = said_of(found)
    return stopped(
        f"チェーンの束 {number} は、この台帳が締めたものではありません（{what_ja}）。精算を止めました。"
        "何も確定していません。docs/town-office.md の「町のものでない束」を見てください。",
        f"Batch {number} on the chain is not the one that these books sealed ({what_en}). Settlement has stopped, and nothing"
        ' was confirmed; see "A batch that is not the town\'s" in docs/town-office.md.',
        code="foreign_batch",
    )


def said_of(found: SettledBatch | None) -> tuple[str, str]:
    """Return what is known of a batch that is not ours, in both languages."""
    if found is None:
        return "ノードは中身を示しません", "the node does not show its content"
    settled, receipt = found.settled, found.receipt
    sender, sent = checksum_address(receipt.sender), "0x" + receipt.tx_hash.hex()
    return (
        f"記録 {settled.count} 件、送信元 {sender}、トランザクション {sent}",
        f"{settled.count} records, sent by {sender} in transaction {sent}",
    )
