"""Approves a batch that is older than the contract's window: two staff sign its number, its time and its content.

The contract checks both signatures again, over the bytes that it gets. Source: docs/formats.md §2.
"""

from collections.abc import Sequence

from coin import messages
from coin.chain.calldata import calldata_of
from coin.core import keccak256
from coin.errors import Conflict, NotFound
from coin.ledger import batches, chain_effects
from coin.ledger.batches import Batch
from coin.office.approval import approval_by_two
from coin.records.codec import encode_batch
from coin.records.effects import Effect
from coin.registry import audit
from coin.registry.books import Books
from coin.settlement import batch_steps
from coin.settlement.settler import is_late
from coin.signatures import Signature


def late_batch(books: Books) -> Batch:
    """Return the batch that needs an approval.

    Raises:  NotFound (`no_late_batch`), if none does.
    """
    batch = batches.oldest_unmined(books.connection, books.municipality_code)
    if batch is None or not is_late(batch, books.now_ms() // 1000):
        raise NotFound("承認を待つ束はありません。", "No batch waits for an approval.", code="no_late_batch")
    return batch


def approval_of(books: Books, batch: Batch) -> messages.LateBatch:
    """Return what two staff sign: exactly this batch, with the hash of its bytes, made from the journal again."""
    data = encode_batch(_effects(books, batch), batch.as_of_s)
    return messages.LateBatch(
        batch_no=batch.number,
        first_sequence=batch.chain_first_sequence,
        as_of_s=batch.as_of_s,
        count=batch.count,
        data_hash=keccak256(data),
    )


def approve_late_batch(
    books: Books,
    signatures: Sequence[Signature],
    *,
    actor: str,
) -> Batch:
    """Store two signatures over `approval_of` that batch; then the worker sends it.

    Raises:  NotFound (`no_late_batch`); Conflict (`batch_on_its_way`), if its transaction was sent in time and may still be
             mined; Rejected (`signature_invalid`, `signer_not_authorized`). Then nothing changed.
    """
    batch = late_batch(books)
    if batch.state != "sealed":
        raise Conflict(
            "この束はもう送られています。", "This batch was sent already.", code="batch_on_its_way"
        )
    approval = approval_by_two(books, approval_of(books, batch), signatures)
    calldata = calldata_of(
        batch.number, batch.chain_first_sequence, batch.as_of_s, _effects(books, batch), approval
    )
    batch_steps.mark_approved(
        books.connection, books.municipality_code, batch.number, approval=approval, calldata=calldata
    )
    audit.record(
        books.connection,
        books.municipality_code,
        at_ms=books.now_ms(),
        actor=actor,
        action="approve_late_batch",
        subject=str(batch.number),
    )
    return batch


def _effects(books: Books, batch: Batch) -> list[Effect]:
    return chain_effects.effects(
        books.connection, books.municipality_code, batch.first_sequence, batch.last_sequence
    )
