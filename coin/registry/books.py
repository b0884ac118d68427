"""The books of one municipality, open in one transaction: what every use case works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from coin.clock import Clock
from coin.database.database import Conn, Database
from coin.registry.municipality import Municipality


@dataclass(frozen=True, slots=True)
class Books:
    """A transaction on the books, the municipality whose books they are, and the clock that dates what is written.

    The transaction is the caller's: who opens it commits or rolls back.
    """

    connection: Conn
    municipality: Municipality
    clock: Clock

    @property
    def municipality_code(self) -> str:
        """The municipality's code, six digits: the first part of every key."""
        return self.municipality.code

    def now_ms(self) -> int:
        """Return the time by the injected clock, in ms since 1970."""
        return self.clock.now_ms()


@contextmanager
def open_books(database: Database, municipality: Municipality, clock: Clock) -> Iterator[Books]:
    """Yield the books in a transaction of their own: committed at the end, rolled back by any exception.

    Raises:  as `Database.transaction`.
    """
    with database.transaction() as connection:
        yield Books(connection, municipality, clock)
