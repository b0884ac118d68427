"""Sweeping out what has lapsed costs what has lapsed, however much is alive: anybody may make it happen."""

from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest

from coin.database.embedded import EmbeddedPostgres
from coin.settlement.lapsed import PORTION, delete_ended
from tests.databases import copied

LIVE = 20_000
TOWN = """INSERT INTO municipality (code, name, is_demo, program_digest, chain_id, contract, settler, receipt_key, deployed_at_ms)
          VALUES ('074071', '磐梯町', true, %(digest)s, 1, %(address)s, %(address)s, %(address)s, 0)"""
FILLED: dict[LiteralString, LiteralString] = {
    "session_challenge": """INSERT INTO session_challenge (municipality, challenge, wallet, issued_at_s, expires_at_s)
        SELECT '074071', sha256(n::text::bytea), decode(lpad('', 40, '1'), 'hex'), 0, 1000 + n FROM generate_series(1, %s) n""",
    "session": """INSERT INTO session (municipality, token_hash, wallet, scopes, expires_at_s)
        SELECT '074071', sha256(n::text::bytea), decode(lpad('', 40, '1'), 'hex'), '{wallet}', 1000 + n
        FROM generate_series(1, %s) n""",
    "idempotency_key": """INSERT INTO idempotency_key (municipality, principal, key, request_digest, status, response, created_at_ms)
        SELECT '074071', 'wallet:' || n, 'key', sha256(''), 201, '{}', 1000 + n FROM generate_series(1, %s) n""",
    "nonce_lease": """INSERT INTO nonce_lease (municipality, wallet, nonce, device, until_ms)
        SELECT '074071', decode(lpad(to_hex(n), 40, '0'), 'hex'), 0, 'phone', 1000 + n FROM generate_series(1, %s) n""",
    "daily_use": """INSERT INTO daily_use (municipality, caller, deed, day, used)
        SELECT '074071', 'wallet:' || n, 'lease', 1000 + n, 1 FROM generate_series(1, %s) n""",
}
NOW = {
    "municipality": "074071",
    "now_s": 1000,
    "now_ms": 1000,
    "day_ago_ms": 1000,
    "today": 1000,
    "most": PORTION,
}
INDEX = {"idempotency_key": "idempotency_key_by_age", "daily_use": "daily_use_by_day"}


@pytest.fixture(scope="module")
def flooded(postgres: EmbeddedPostgres) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """Books in which everything that strangers can make is alive, in thousands."""
    with copied(postgres, "template_bandai") as owner_url, psycopg.connect(owner_url) as connection:
        connection.execute("SET session_replication_role = replica")  # leases without their wallets
        connection.execute(TOWN, {"digest": bytes(32), "address": bytes(20)})
        for table, fill in FILLED.items():
            connection.execute(fill, [LIVE])
            connection.execute(f"ANALYZE {table}")
        yield connection


@pytest.mark.parametrize("table", FILLED)
def test_a_flood_of_live_rows_is_not_read_to_find_those_that_have_lapsed(
    flooded: psycopg.Connection[tuple[Any, ...]], table: LiteralString
) -> None:
    plan = flooded.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {delete_ended(table)}", NOW).fetchone()

    assert plan is not None
    index = INDEX.get(table, f"{table}_by_end")
    read = [node for node in nodes(plan[0][0]["Plan"]) if node.get("Index Name") == index]
    assert {node["Actual Rows"] for node in read} == {0}
    assert not any(node["Node Type"] == "Seq Scan" for node in nodes(plan[0][0]["Plan"]))


@pytest.mark.parametrize("table", ["session_challenge", "session"])
def test_whoever_asks_for_a_challenge_or_a_session_reads_no_flood_either(
    flooded: psycopg.Connection[tuple[Any, ...]], table: LiteralString
) -> None:
    plan = flooded.execute(
        f"EXPLAIN (ANALYZE, FORMAT JSON) DELETE FROM {table} WHERE municipality = '074071' AND expires_at_s <= 1000"
    ).fetchone()

    assert plan is not None
    (scan,) = plan[0][0]["Plan"]["Plans"]
    assert (scan["Node Type"], scan.get("Index Name")) == ("Index Scan", f"{table}_by_end")
    assert scan["Actual Rows"] == 0


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan with everything below it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)
