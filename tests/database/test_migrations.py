"""Books of an earlier release go on under the newest schema, with what stands in them."""

import psycopg
import pytest

from coin.database.embedded import EmbeddedPostgres
from coin.database.migrate import migrate


def test_books_of_the_first_release_are_brought_to_the_newest_schema_and_keep_their_rows(
    postgres: EmbeddedPostgres,
) -> None:
    postgres.create_database("of_the_first_release")
    url = postgres.url("of_the_first_release")
    migrate(url, to="0001")
    with psycopg.connect(url) as connection:
        connection.execute(
            """INSERT INTO municipality (code, name, is_demo, program_digest, chain_id, contract, settler, receipt_key,
                                         deployed_at_ms)
               VALUES ('074071', '磐梯町', true, %(digest)s, 1, %(address)s, %(address)s, %(address)s, 0)""",
            {"digest": bytes(32), "address": bytes(20)},
        )

    migrate(url)
    migrate(url)

    with psycopg.connect(url.replace("postgres@", "bandai_app@", 1)) as connection:
        assert connection.execute("SELECT name FROM municipality").fetchall() == [("磐梯町",)]
        assert connection.execute("SELECT count(*) FROM pairing").fetchall() == [(0,)]


def test_the_auditor_reads_no_pairing_code(owner_url: str) -> None:
    with (
        psycopg.connect(owner_url.replace("postgres@", "bandai_auditor@", 1)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT * FROM pairing")
