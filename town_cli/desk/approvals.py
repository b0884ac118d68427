"""Two staff approve a batch that is older than the contract's window."""

from coin.ledger.batches import Batch
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
