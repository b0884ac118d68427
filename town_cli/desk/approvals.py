"""Two staff approve a batch that is older than the contract's window."""

from coin import messages
from coin.ledger.batches import Batch
from coin.office.late_batch import approve_late_batch, late_batch
from coin.registry.books import Books
from coin.signatory import StaffPair


def approve_late(books: Books, staff: StaffPair, *, actor: str) -> Batch:
    """Sign the number and the asOf of the waiting batch with both keys, and store the approval.

    Raises:  NotFound (`no_late_batch`), Conflict (`batch_on_its_way`), Rejected; then nothing changed.
    """
    batch = late_batch(books)
    message = messages.LateBatch(batch_no=batch.number, as_of_s=batch.as_of_s)
    signatures = staff.sign(books.municipality.domain, message)
    return approve_late_batch(books, signatures, actor=actor)
