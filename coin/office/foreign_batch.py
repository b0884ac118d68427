"""The way back from a batch on the chain that these books did not seal: two staff bind the books to what the chain holds.

The batch is kept by its content as one that is not ours; its number is taken, and the chain's numbering of what follows goes on
behind its records. Batches of ours that are in no block are released: what waits is sealed anew under the next numbers. The
journal, its numbers and the receipts that name them stay as they are. A batch of our exact content that another account sent is
ours after two staff have said so. Keeps I-04.
"""

from collections.abc import Sequence

from coin import messages
from coin.chain.contract import BandaiCoin
from coin.chain.events import Skipped, decode_events
from coin.chain.interface import unhex
from coin.chain.rpc import Rpc
from coin.chain.settled import SettledBatch, find_data
from coin.chain.transactions import final_block
from coin.errors import Conflict, NotFound
from coin.ledger import batches
from coin.ledger.batches import UNMINED, Batch
from coin.messages import checksum_address
from coin.office.approval import approval_by_two
from coin.registry import audit
from coin.registry.books import Books
from coin.settlement import batch_steps, incidents
from coin.settlement.confirm import record_block
from coin.settlement.foreign import foreign_batches, sealed_content
from coin.settlement.settler import Policy
from coin.signatures import Signature


def next_foreign_batch(books: Books, rpc: Rpc) -> SettledBatch:
    """Return the first batch on the chain that is not ours.

    Raises:  NotFound (`no_foreign_batch`), if there is none; Conflict (`foreign_batch_not_final`), if its block may still vanish,
             or the node does not show it; Unavailable.
    """
    found = foreign_batches(books.connection, books.municipality, rpc)
    if not found:
        raise NotFound(
            "チェーンの束は、すべてこの台帳のものです。",
            "Every batch on the chain is of these books.",
            code="no_foreign_batch",
        )
    first = found[min(found)]
    final = final_block(rpc, Policy.here(books.municipality).confirmations)
    if first is None or first.receipt.block_number > final:
        raise _not_final(min(found))
    return first


def _not_final(number: int) -> Conflict:
    return Conflict(
        f"束 {number} のブロックは、まだ確定していません。あとでもう一度実行してください。",
        f"The block of batch {number} is not final yet; run this again later.",
        code="foreign_batch_not_final",
    )


def message_of(found: SettledBatch) -> messages.ForeignBatch:
    """Return what two staff sign: the content of a batch and its sender."""
    settled = found.settled
    return messages.ForeignBatch(
        settled.batch_no,
        settled.first_sequence,
        settled.as_of_s,
        settled.count,
        settled.data_hash,
        found.receipt.sender,
    )


def adopt_foreign_batch(
    books: Books, rpc: Rpc, message: messages.ForeignBatch, signatures: Sequence[Signature], *, actor: str
) -> None:
    """Bind the books to the batch that two staff have signed, if it is still the first one that is not ours.

    Raises:  as `next_foreign_batch`; Conflict (`foreign_batch_changed`); Rejected (`signature_invalid`,
             `signer_not_authorized`). Then nothing changed.
    """
    books.connection.execute(
        "SELECT pg_advisory_xact_lock(hashtext('settle ' || %s))", [books.municipality_code]
    )
    found = next_foreign_batch(books, rpc)
    if message_of(found) != message:
        raise Conflict(
            "チェーンの束が変わりました。もう一度確かめてください。",
            "The batch on the chain has changed; look again.",
            code="foreign_batch_changed",
        )
    approval = approval_by_two(books, message, signatures)
    unsettled = _not_on_the_chain(books, message.batch_no)
    mine = next((batch for batch in unsettled if batch.number == message.batch_no), None)
    if mine is not None and sealed_content(mine) == found.settled:
        contract = BandaiCoin(rpc, books.municipality.domain.verifying_contract)
        if not record_block(books.connection, rpc, contract, books.municipality_code, mine, found.receipt):
            raise _not_final(mine.number)
    else:
        for batch in unsettled:
            incidents.forget(books.connection, books.municipality_code, batch)
            batch_steps.release(books.connection, books.municipality_code, batch.number)
        _keep(books, rpc, found, approval)
    _audit(books, found, signatures, actor)


def _not_on_the_chain(books: Books, number: int) -> list[Batch]:
    """Return our batches from that number on; those that were in a block which the chain no longer has, go back first."""
    conn, municipality_code = books.connection, books.municipality_code
    for batch in batches.batches_above(conn, municipality_code, number - 1):
        batch_steps.mark_unmined(conn, municipality_code, batch.number)
        incidents.doubt(conn, municipality_code, batch.number)
    found = batches.all_batches(conn, municipality_code)
    return [batch for batch in found if batch.number >= number and batch.state in UNMINED]


def _keep(books: Books, rpc: Rpc, found: SettledBatch, approval: bytes) -> None:
    settled, receipt = found.settled, found.receipt
    books.connection.execute(
        """INSERT INTO foreign_batch (municipality, number, first_sequence, record_count, as_of_s, data_hash, data, reasons,
               sender, transaction_hash, block_number, block_hash, approval, adopted_at_ms)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        [
            books.municipality_code,
            settled.batch_no,
            settled.first_sequence,
            settled.count,
            settled.as_of_s,
            settled.data_hash,
            _data(rpc, found),
            _reasons(books, found),
            receipt.sender,
            receipt.tx_hash,
            receipt.block_number,
            receipt.block_hash,
            approval,
            books.now_ms(),
        ],
    )


def _data(rpc: Rpc, found: SettledBatch) -> bytes | None:
    """Return the batch's bytes; None, if the transaction made them in a way of its own."""
    transaction = rpc.call("eth_getTransactionByHash", "0x" + found.receipt.tx_hash.hex())
    if transaction is None:
        raise _not_final(found.settled.batch_no)
    return find_data(unhex(transaction["input"]), found.settled.data_hash)


def _reasons(books: Books, found: SettledBatch) -> bytes:
    """Return why the chain skipped each record, a byte for each."""
    settled, contract = found.settled, books.municipality.domain.verifying_contract
    reasons = bytearray(settled.count)
    events = decode_events(found.receipt.logs, contract, [Skipped])
    for event in (event for event in events if isinstance(event, Skipped)):
        at = event.sequence - settled.first_sequence
        if 0 <= at < settled.count:
            reasons[at] = event.reason
    return bytes(reasons)


def _audit(books: Books, found: SettledBatch, signatures: Sequence[Signature], actor: str) -> None:
    audit.record(
        books.connection,
        books.municipality_code,
        at_ms=books.now_ms(),
        actor=actor,
        action="adopt_foreign_batch",
        subject=str(found.settled.batch_no),
        detail={
            "transaction": "0x" + found.receipt.tx_hash.hex(),
            "data_hash": "0x" + found.settled.data_hash.hex(),
            "sender": checksum_address(found.receipt.sender),
            "signers": [checksum_address(item.signer) for item in signatures],
            "signatures": ["0x" + item.signature.hex() for item in signatures],
        },
    )
