"""The books of one municipality, open in one transaction, which every use case takes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from coin.clock import Clock
from coin.database.database import Conn, Database
from coin.registry.municipality import Municipality


@dataclass(frozen=True, slots=True)
class Books:
    """A transaction, its municipality, and the clock that gives the times.

    The caller owns the transaction, and commits or rolls back.
    """

    connection: Conn
    municipality: Municipality
    clock: Clock

    @property
    def municipality_code(self) -> str:
        """The municipality's code, six digits; every key in the database begins with it."""
        return self.municipality.code

    def now_ms(self) -> int:
        """Return the time by the injected clock, in ms since 1970."""
        return self.clock.now_ms()


@contextmanager
def open_books(database: Database, municipality: Municipality, clock: Clock) -> Iterator[Books]:
    """Open the books in a transaction: committed at the end, rolled back by any exception.

    Raises:  as `Database.transaction`.
    """
    with database.transaction() as connection:
        yield Books(connection, municipality, clock)
