"""A town on real books, its real gateway served over HTTP on a free port, and a connection to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api.app import build_app
from api.gateway import Gateway as Server
from bandai_client import Gateway, Key, Wallet
from coin.database.database import Database
from tests.served import serving
from tests.worlds.books import Town, open_town
from tests.worlds.people import key_of


@dataclass
class Line:
    """A town, its running gateway, and a connection to it."""

    town: Town
    url: str
    gateway: Gateway
    credential: str
    receipts_key: bytes

    def wallet(self, name: str) -> Wallet:
        """Connect the wallet of a person of the tests."""
        return Wallet(self.gateway, Key(key_of(name)), device=f"phone of {name}")


@contextmanager
def open_line(database: Database) -> Iterator[Line]:
    """Open a town with one till and serve it."""
    town = open_town(database)
    _, made = town.till(1)
    server = Server.assemble(database, town.municipality, town.clock, key_of("receipts"))
    with serving(build_app(server)) as url, Gateway(url, now_ms=town.clock.now_ms) as gateway:
        yield Line(town, url, gateway, made.secret, key_of("receipts"))
