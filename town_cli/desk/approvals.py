"""Has two staff approve the batch that is older than the contract's window."""

from coin import messages
from coin.clock import Clock
from coin.database.database import Database
from coin.ledger.batches import Batch
from coin.office.late_batch import approve_late_batch, late_batch
from coin.registry.books import open_books
from coin.registry.municipality import Municipality
from coin.signatory import StaffPair


def approve_late(
    database: Database, municipality: Municipality, clock: Clock, staff: StaffPair, *, actor: str
) -> Batch:
    """Sign the number and the asOf of the batch that waits, and store the approval.

    Raises:  NotFound (`no_late_batch`), Conflict (`batch_on_its_way`), Rejected; then nothing changed.
    """
    with open_books(database, municipality, clock) as books:
        batch = late_batch(books)
        message = messages.LateBatch(batch_no=batch.number, as_of_s=batch.as_of_s)
        signatures = staff.sign(municipality.domain, message)
        return approve_late_batch(books, signatures, actor=actor)
