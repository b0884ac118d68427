"""Opens expiry dates: two staff sign, when the town opens for the dates that have a lane, and later for each next one.

A date cannot be signed ahead: until it is used, its nonce would hold up the window of the first signer, which has 128 places,
and an import of shops needs more. So the dates that can be opened are named in time (doctor, worker, report).
"""

from dataclasses import replace

from coin.operations.calendar import OpenDate
from coin.operations.perform import perform
from coin.registry.books import Books
from coin.registry.calendar import WaitingDate, waiting_dates
from coin.registry.signers import free_nonces
from coin.signatory import StaffPair


def open_dates(books: Books, staff: StaffPair, *, actor: str) -> list[WaitingDate]:
    """Open every date of the rules that can be opened now, in its lane; return them.

    Raises:  Rejected; then the caller rolls back.
    """
    nonces = free_nonces(books.connection, books.municipality_code, staff.first.address)
    due = [date for date in waiting_dates(books) if date.can_be_opened(books.now_ms())]
    for waiting in due:
        draft = OpenDate(waiting.lane, waiting.date.ends_s, staff.first.address, next(nonces), ())
        signatures = staff.sign(books.municipality.domain, draft)
        perform(books, replace(draft, signatures=signatures), actor=actor)
    return due
