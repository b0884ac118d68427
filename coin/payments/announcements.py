"""Announces changes of checkouts and payments of shops to every gateway process, from the transaction that makes them.

PostgreSQL delivers it (NOTIFY) only if that transaction commits. It only wakes the waiting streams, which then read the
books. A topic is a checkout's id, or the id of a shop's account: every role of the database hears the announcements, also
those of other towns, and learns nothing from such ids. One payload has many topics; PostgreSQL limits it to 8,000 bytes.
"""

from collections.abc import Collection, Sequence

from coin.registry.books import Books

CHANNEL = "changed"
_TOPICS_IN_ONE = 200  # of at most 36 characters and a space: 7,400 bytes


def topics_of_shops(books: Books, merchant_numbers: Collection[int]) -> list[str]:
    """Return the topics of the payments of these shops."""
    rows = books.connection.execute(
        "SELECT account FROM merchant WHERE municipality = %s AND number = ANY (%s)",
        [books.municipality_code, list(merchant_numbers)],
    )
    return [str(row["account"]) for row in rows]


def announce(books: Books, topics: Sequence[str]) -> None:
    """Announce that these checkouts and shops should be read again, at the commit of this transaction."""
    starts = range(0, len(topics), _TOPICS_IN_ONE)
    payloads = [" ".join((books.municipality_code, *topics[at : at + _TOPICS_IN_ONE])) for at in starts]
    if payloads:
        books.connection.execute(
            "SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) AS payload", [CHANNEL, payloads]
        )


def heard(payload: str) -> tuple[str, list[str]]:
    """Return the municipality and the topics in an announcement."""
    municipality, *topics = payload.split(" ")
    return municipality, topics
