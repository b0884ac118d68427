"""What every test may ask for: a real PostgreSQL with the newest schema, fresh for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

from coin.database.database import Database
from coin.database.embedded import EmbeddedPostgres
from coin.database.migrate import migrate
from tests.databases import copied, server_folder

# A machine that is busy with something else breaks no property.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

_TOGETHER = "tests/town_cli/"  # its towns cost seconds to make, for each process that makes them
_APART = "tests/properties/test_random_histories.py"  # each of its tests costs minutes and needs nothing of the others
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}


class _Scheduling(LoadFileScheduling):
    """Each file goes to whichever process is free, but those that share costly towns to one, and long tests by themselves."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(_APART):
            return nodeid
        return _TOGETHER if nodeid.startswith(_TOGETHER) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling:
    """Let pytest-xdist schedule as above."""
    return _Scheduling(config, log)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One server a session, with a migrated template."""
    with server_folder() as folder:
        server = EmbeddedPostgres(folder / "postgres", settings=_FAST)
        server.start()
        server.create_database("template_bandai")
        migrate(server.url("template_bandai"))
        yield server
        server.destroy()


@pytest.fixture
def owner_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The URL of a fresh, migrated database, as the schema's owner."""
    with copied(postgres, "template_bandai") as url:
        yield url


@pytest.fixture
def app_url(owner_url: str) -> str:
    """The same database, as the role that our processes use."""
    return owner_url.replace("postgres@", "bandai_app@", 1)


@pytest.fixture
def database(app_url: str) -> Iterator[Database]:
    """A pool on a fresh, migrated database, as the role that our processes use."""
    opened = Database.open(app_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the source tree."""
    return Path(__file__).parent.parent
