"""The row of each municipality that gives operations their numbers and acceptance times.

Every transaction that changes money locks this row first, until its end. So numbers have no gaps and follow the order of
commits, and two operations of one municipality are never decided concurrently.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from coin.clock import Clock
from coin.database.database import Conn
from coin.errors import NotFound


class Head:
    """The locked row: the time of acceptance, and the next number."""

    def __init__(self, municipality_code: str, last_sequence: int, accepted_at_ms: int) -> None:
        self.municipality_code = municipality_code
        self.last_sequence = last_sequence
        self.accepted_at_ms = accepted_at_ms

    def next_sequence(self) -> int:
        """Return the next number."""
        self.last_sequence += 1
        return self.last_sequence


def lock_head(connection: Conn, municipality_code: str, clock: Clock) -> Head:
    """Lock the row until the transaction ends, and read the clock under the lock.

    Returns: a head whose time is max(clock, last acceptance), so that time never goes back in the journal.
    Raises:  NotFound (`municipality_unknown`).
    """
    row = connection.execute(
        "SELECT last_sequence, last_accepted_at_ms FROM journal_head WHERE municipality = %s FOR NO KEY UPDATE",
        [municipality_code],
    ).fetchone()
    if row is None:
        raise NotFound("この市町村はありません。", "No such municipality.", code="municipality_unknown")
    return Head(municipality_code, row["last_sequence"], max(clock.now_ms(), row["last_accepted_at_ms"]))


@contextmanager
def numbering(connection: Conn, municipality_code: str, clock: Clock) -> Iterator[Head]:
    """Lock the row; when the block ends without an exception, store the numbers that were given."""
    head = lock_head(connection, municipality_code, clock)
    before = head.last_sequence
    yield head
    if head.last_sequence != before:
        connection.execute(
            "UPDATE journal_head SET last_sequence = %s, last_accepted_at_ms = %s WHERE municipality = %s",
            [head.last_sequence, head.accepted_at_ms, municipality_code],
        )
