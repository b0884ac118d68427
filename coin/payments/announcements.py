"""Announces paid checkouts to every gateway process, from the accepting transaction.

PostgreSQL delivers it (NOTIFY) only if that transaction commits. It only wakes the waiting streams, which then read the
books. One payload has many ids; PostgreSQL limits it to 8,000 bytes.
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
    """Return the municipality and the checkouts in an announcement."""
    municipality, *checkouts = payload.split(" ")
    return municipality, checkouts
