"""Two staff decide about a batch: one that is older than the contract's window, or one on the chain that is not ours."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from coin.chain.rpc import Rpc
from coin.chain.settled import SettledBatch
from coin.errors import NotFound
from coin.ledger.batches import Batch
from coin.office.foreign_batch import adopt_foreign_batch, message_of, next_foreign_batch
from coin.office.late_batch import approval_of, approve_late_batch, late_batch
from coin.registry.books import Books
from coin.signatory import StaffPair


def approve_late(books: Books, staff: StaffPair, *, actor: str) -> Batch:
    """Sign the waiting batch, its content included, with both keys, and store the approval.

    Raises:  NotFound (`no_late_batch`), Conflict (`batch_on_its_way`), Rejected; then nothing changed.
    """
    batch = late_batch(books)
    signatures = staff.sign(books.municipality.domain, approval_of(books, batch))
    return approve_late_batch(books, signatures, actor=actor)


def foreign_batches_one_by_one(
    books_of: Callable[[], AbstractContextManager[Books]], rpc: Rpc
) -> Iterator[SettledBatch]:
    """Yield the first batch on the chain that is not ours, then the next after the caller has adopted it, until there is none.

    Raises:  NotFound (`no_foreign_batch`), if there is none at first; as `next_foreign_batch`.
    """
    with books_of() as books:
        found = next_foreign_batch(books, rpc)
    while True:
        yield found
        try:
            with books_of() as books:
                found = next_foreign_batch(books, rpc)
        except NotFound:
            return


def adopt_foreign(books: Books, rpc: Rpc, found: SettledBatch, staff: StaffPair, *, actor: str) -> None:
    """Sign what the chain holds with both keys, and bind the books to it.

    Raises:  as `adopt_foreign_batch`; then nothing changed.
    """
    message = message_of(found)
    signatures = staff.sign(books.municipality.domain, message)
    adopt_foreign_batch(books, rpc, message, signatures, actor=actor)
