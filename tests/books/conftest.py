"""A town in a clean database. The tests of the books share one database per session and empty it before each test:
making and deleting some two hundred databases would cost more than the tests.
"""

import psycopg
import pytest

from coin.database.database import Database
from coin.database.embedded import EmbeddedPostgres
from tests.worlds.books import Town, open_town

_EMPTY = """
SET session_replication_role = replica;
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('rejection', 'alembic_version')
    LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def books_url(postgres: EmbeddedPostgres) -> str:
    """The URL of the shared database, as the schema's owner."""
    postgres.create_database("books", template="template_bandai")
    return postgres.url("books")


@pytest.fixture
def owner_url(books_url: str) -> str:
    """The same, emptied; in the place of the fresh database that other tests get."""
    with psycopg.connect(books_url, autocommit=True) as connection:
        connection.execute(_EMPTY)
    return books_url


@pytest.fixture
def town(database: Database) -> Town:
    """One shop, no wallet yet."""
    return open_town(database)
