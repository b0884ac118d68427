"""The town of the gateway's tests: two shops with a till each, and one date at which all value ends."""

from dataclasses import dataclass, field, replace

from coin.clock import StandingClock
from coin.database.database import Database
from coin.program import ExpiryRule, Limits, LotKind
from coin.registry.credentials import NewCredential
from coin.registry.tills import Till
from tests.worlds import books
from tests.worlds.books import new_books
from tests.worlds.people import person
from tests.worlds.rules import START_MS, YEAR_END_S, program

PROGRAM = program(
    expiry=tuple(ExpiryRule(kind, YEAR_END_S, YEAR_END_S) for kind in (LotKind.COIN, LotKind.POINT)),
    limits=Limits(100_000, 30_000),
)
SHOPS = {number: person(f"shop {number}") for number in (12, 13)}


@dataclass
class Town(books.Town):
    """A town whose shops have tills."""

    tills: dict[int, Till] = field(default_factory=dict)
    credentials: dict[int, NewCredential] = field(default_factory=dict)

    def copy_on(self, database: Database) -> "Town":
        """The same town on a copy of its database, with a clock of its own."""
        return replace(self, database=database, clock=StandingClock(START_MS))


def found_town(database: Database) -> Town:
    """Open the books of a town and set it up by its own signed operations."""
    clock = StandingClock(START_MS)
    town = Town(database, new_books(database, clock, PROGRAM), clock)
    town.open(YEAR_END_S)
    for number, account in SHOPS.items():
        town.shop(account, number)
        town.tills[number], town.credentials[number] = town.till(number, "1")
    return town
