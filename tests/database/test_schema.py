"""The files of coin/database/schema say what a town's database is, whichever release it began with."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from catalog import contents

from coin.database.embedded import EmbeddedPostgres
from coin.database.migrate import is_newest, migrate
from coin.database.schema.install import install, tables
from coin.database.schema.names import filled_in

FIRST_RELEASE = Path(__file__).parent / "first_release"
_ALEMBICS = """CREATE TABLE alembic_version (version_num varchar(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"""


def from_the_present_alone(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(_ALEMBICS)
        connection.execute(tables().encode())
        install(connection)


def from_the_first_release(url: str) -> None:
    """Its functions, types and grants were made by migrations, and by none that this release has."""
    migrate(url, to="0001")
    with psycopg.connect(url) as connection:
        for name in ("accept.sql", "roles.sql"):
            connection.execute((FIRST_RELEASE / name).read_bytes())
    migrate(url)


@pytest.mark.parametrize("made", [from_the_present_alone, from_the_first_release])
def test_the_present_is_what_a_database_has_that_went_through_all_migrations(
    postgres: EmbeddedPostgres, made: Any
) -> None:
    postgres.create_database(made.__name__)
    made(postgres.url(made.__name__))

    with (
        psycopg.connect(postgres.url("template_bandai")) as migrated,
        psycopg.connect(postgres.url(made.__name__)) as other,
    ):
        wanted, found = contents(migrated), contents(other)

    assert len(wanted) > 300
    differ = {name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)}
    assert {name: (wanted.get(name), found.get(name)) for name in differ} == {}


def test_what_is_installed_is_put_right_by_migrate_and_leaves_the_rest_alone(owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        before = contents(connection)
        connection.execute("DROP FUNCTION accept_run; GRANT UPDATE ON journal TO bandai_app")
        connection.execute("UPDATE rejection SET code = 'x' WHERE reason = 1")
        connection.execute("COMMENT ON TABLE rejection IS 'of an earlier release'")
    assert not is_newest(owner_url)

    migrate(owner_url)

    assert is_newest(owner_url)
    with psycopg.connect(owner_url) as connection:
        assert contents(connection) == before


def test_migrate_waits_for_nobody_who_works_in_a_database_that_has_it_all(owner_url: str) -> None:
    """A second town that is deployed into a database must not stand in the way of the first one's payments."""
    with psycopg.connect(owner_url) as gateway:
        gateway.execute("SELECT FROM journal_head FOR UPDATE")

        migrate(f"{owner_url}{'&' if '?' in owner_url else '?'}options=-clock_timeout%3D500ms")


def test_names_are_filled_in_and_one_that_there_is_not_is_an_error() -> None:
    known = "THEN :{rung.NONCE_USED} bit(:{format.HOLDER_WINDOW}) :{kind.SEND} :{code.SEND} ':x' '{}'::text[]"

    assert filled_in(known) == "THEN 8 bit(120) 6 'send' ':x' '{}'::text[]"
    for unknown in (":{rung.NONCE_USE}", ":{NONCE_USED}", ":{}"):
        with pytest.raises(KeyError):
            filled_in(unknown)
