"""The signatures of two staff over a message that is no record: checked here, and by the contract again."""

from collections.abc import Sequence

from coin.messages import Message, to_64
from coin.operations.authority import demand_staff
from coin.operations.signed import check_record
from coin.registry.books import Books
from coin.signatures import Signature


def approval_by_two(books: Books, message: Message, signatures: Sequence[Signature]) -> bytes:
    """Return the signatures as the contract takes them: first signer 20, second signer 20, and 64 bytes of each.

    Raises:  Rejected (`signature_invalid`, `signer_not_authorized`).
    Source:  docs/formats.md §2.
    """
    check_record(books.municipality, message, signatures)
    demand_staff(books, signatures)
    signers = b"".join(item.signer for item in signatures)
    return signers + b"".join(to_64(item.signature) for item in signatures)
