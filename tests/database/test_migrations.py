"""Books of an earlier release go on under the newest schema, with what stands in them."""

import re
from pathlib import Path

import psycopg
import pytest

import coin.database.migrations
from coin.database.embedded import EmbeddedPostgres
from coin.database.migrate import migrate

VERSIONS = Path(*coin.database.migrations.__path__) / "versions"


def test_no_two_migrations_share_a_number_and_each_follows_the_one_before() -> None:
    files = sorted(VERSIONS.glob("*.py"))
    said = [
        re.findall(r'^(?:down_)?revision = "?(\w+)"?$', file.read_text("utf-8"), re.MULTILINE)
        for file in files
    ]
    numbers = [file.name[:4] for file in files]

    assert said == [[own, before] for own, before in zip(numbers, ["None", *numbers], strict=False)]


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
        assert connection.execute("SELECT octet_length(secret) FROM slip_key").fetchall() == [(32,)]


def test_a_charge_from_before_digests_were_kept_is_found_by_its_own(postgres: EmbeddedPostgres) -> None:
    """Of the other records nobody knows the digest any more; the same message says `nonce_used` there."""
    postgres.create_database("before_digests")
    url = postgres.url("before_digests")
    migrate(url, to="0006")
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")  # rows without what they refer to
        connection.execute(
            """INSERT INTO operation (municipality, id, kind, sequence, accepted_at_ms, fiscal_year, actor)
               SELECT '074071', gen_random_uuid(), kind, kind, 0, 2022, '' FROM unnest(ARRAY[1, 20]) AS kind"""
        )
        connection.execute(
            """INSERT INTO chain_effect (municipality, sequence, kind, words, signatures, signers, context, accepted_at_ms)
               SELECT municipality, sequence, kind, '', '', '', '', 0 FROM operation"""
        )
        connection.execute(
            """INSERT INTO top_up (municipality, digest, operation, channel, signer, holder, coins, coin_expiry_s, points,
                                   point_expiry_s, fund, reference, day)
               SELECT municipality, %(digest)s, id, '', %(address)s, %(address)s, 1, 1, 0, 0, '', %(digest)s, 0
               FROM operation WHERE kind = 1""",
            {"digest": b"\x07" * 32, "address": bytes(20)},
        )

    migrate(url)

    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT kind, digest FROM chain_effect ORDER BY kind").fetchall()
    assert rows == [(1, b"\x07" * 32), (20, None)]


@pytest.mark.parametrize("table", ["pairing", "slip_key"])
def test_the_auditor_reads_no_pairing_code_and_no_key_of_slips(owner_url: str, table: str) -> None:
    with (
        psycopg.connect(owner_url.replace("postgres@", "bandai_auditor@", 1)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"SELECT * FROM {table}".encode())


def test_the_auditor_reads_the_tills_of_a_shop_and_not_their_labels(owner_url: str) -> None:
    with psycopg.connect(owner_url.replace("postgres@", "bandai_auditor@", 1)) as connection:
        connection.execute("SELECT id, merchant_number FROM till")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT label FROM till")
