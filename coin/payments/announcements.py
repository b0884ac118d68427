"""Tells every gateway process that checkouts were paid, from within the accepting transaction.

PostgreSQL delivers it when that transaction commits, and not at all if it does not (NOTIFY). It only wakes who waits:
what is true is read from the books. One payload carries many ids, since PostgreSQL takes 8,000 bytes at most.
"""

from collections.abc import Sequence

from coin.registry.books import Books

CHANNEL = "checkout_paid"
_IDS_IN_ONE = 250  # of 26 characters and a space: 6,750 bytes


def announce_paid(books: Books, checkouts: Sequence[str]) -> None:
    """Announce that these checkouts are paid, at the commit of this transaction."""
    starts = range(0, len(checkouts), _IDS_IN_ONE)
    payloads = [" ".join((books.municipality_code, *checkouts[at : at + _IDS_IN_ONE])) for at in starts]
    if payloads:
        books.connection.execute(
            "SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) AS payload", [CHANNEL, payloads]
        )


def heard(payload: str) -> tuple[str, list[str]]:
    """Return the municipality and the checkouts of an announcement."""
    municipality, *checkouts = payload.split(" ")
    return municipality, checkouts
