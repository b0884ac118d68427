"""One gateway on a real server for each test, over real HTTP, on a fresh real database.

Every answer in a test is validated with the OpenAPI document.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from api.app import build_app
from api.gateway import Gateway
from api.limits import Limits
from coin.database.database import Database
from coin.database.embedded import EmbeddedPostgres
from tests.api.caller import Caller
from tests.api.declared import Declared
from tests.api.town import Town, found_town
from tests.databases import copied
from tests.patience import HANG_S
from tests.served import serving
from tests.worlds.people import key_of
from tests.worlds.rules import START_MS

WIDE = Limits(
    per_address=100_000,
    per_credential=100_000,
    pairings_per_address=100_000,
    registrations_per_address=100_000,
    registrations_at_once=100_000,
)  # a test of limits brings its own


class Switch:
    """One server for all tests of a session; each test puts its own application behind it."""

    def __init__(self) -> None:
        self.app: FastAPI | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand over to the application of the present test."""
        assert self.app is not None
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def switch() -> Iterator[tuple[Switch, str]]:
    """The server of this session, and its address."""
    switch = Switch()
    with serving(switch, lifespan="off") as url:
        yield switch, url


@pytest.fixture(scope="session")
def founded(postgres: EmbeddedPostgres) -> Town:
    """A town that was set up once; its database is the template of every test's."""
    postgres.create_database("template_town", template="template_bandai")
    database = Database.open(postgres.url("template_town").replace("postgres@", "bandai_app@", 1))
    town = found_town(database)
    database.close()
    return town


@contextmanager
def opened(town: Town, app_url: str) -> Iterator[Gateway]:
    """A gateway on the town's books, with connections of its own."""
    database = Database.open(app_url, max_size=8)
    gateway = Gateway.assemble(database, town.municipality, town.clock, key_of("receipts"))
    yield gateway
    gateway.close()


@contextmanager
def calling(town: Town, gateway: Gateway, switch: tuple[Switch, str]) -> Iterator[Caller]:
    """Calls of a gateway behind the one server."""
    behind, url = switch
    # Building the application takes longer than most tests: it is made once, and gets each test's gateway.
    app = behind.app = behind.app or build_app(gateway, limits=WIDE)
    app.state.gateway = gateway
    with httpx.Client(base_url=url, timeout=HANG_S) as http:
        http.event_hooks["response"] = [Declared(app.openapi()).check]
        yield Caller(town, http)


@pytest.fixture
def owner_url(postgres: EmbeddedPostgres, founded: Town) -> Iterator[str]:
    """The URL of a fresh database with the town in it, as the schema's owner."""
    with copied(postgres, "template_town") as url:
        yield url


@pytest.fixture
def town(founded: Town, database: Database) -> Town:
    """A town with two shops, of this test's own."""
    return founded.copy_on(database)


@pytest.fixture
def gateway(town: Town, app_url: str) -> Iterator[Gateway]:
    """A gateway on the town's books."""
    with opened(town, app_url) as gateway:
        yield gateway


@pytest.fixture
def call(town: Town, gateway: Gateway, switch: tuple[Switch, str]) -> Iterator[Caller]:
    """Calls that gateway."""
    with calling(town, gateway, switch) as caller:
        yield caller


@pytest.fixture(scope="session")
def shared(postgres: EmbeddedPostgres, founded: Town) -> Iterator[tuple[Town, Gateway]]:
    """A town for all tests that move nothing in it, and a gateway on its books."""
    with copied(postgres, "template_town") as url:
        app_url = url.replace("postgres@", "bandai_app@", 1)
        database = Database.open(app_url)
        town = founded.copy_on(database)
        with opened(town, app_url) as gateway:
            yield town, gateway
        database.close()


@pytest.fixture
def shared_call(shared: tuple[Town, Gateway], switch: tuple[Switch, str]) -> Iterator[Caller]:
    """Calls the shared gateway, at the time at which the town was founded."""
    town, gateway = shared
    town.clock.set_ms(START_MS)
    with calling(town, gateway, switch) as caller:
        yield caller
