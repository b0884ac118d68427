"""Sweeping out what has lapsed costs what has lapsed, however much is alive: anybody may make it happen."""

import psycopg
import pytest

LIVE = 20_000
TOWN = """INSERT INTO municipality (code, name, is_demo, program_digest, chain_id, contract, settler, receipt_key, deployed_at_ms)
          VALUES ('074071', '磐梯町', true, %(digest)s, 1, %(address)s, %(address)s, %(address)s, 0)"""
FILLED = {
    "session_challenge": """INSERT INTO session_challenge (municipality, challenge, wallet, issued_at_s, expires_at_s)
        SELECT '074071', sha256(n::text::bytea), decode(lpad('', 40, '1'), 'hex'), 0, 1000 + n FROM generate_series(1, %s) n""",
    "session": """INSERT INTO session (municipality, token_hash, wallet, scopes, expires_at_s)
        SELECT '074071', sha256(n::text::bytea), decode(lpad('', 40, '1'), 'hex'), '{wallet}', 1000 + n
        FROM generate_series(1, %s) n""",
}


@pytest.mark.parametrize("table", FILLED)
def test_a_flood_of_live_rows_is_not_read_to_find_those_that_have_lapsed(owner_url: str, table: str) -> None:
    with psycopg.connect(owner_url) as connection:
        connection.execute(TOWN, {"digest": bytes(32), "address": bytes(20)})
        connection.execute(FILLED[table], [LIVE])
        connection.execute(f"ANALYZE {table}")

        plan = connection.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) DELETE FROM {table} WHERE municipality = '074071' AND expires_at_s <= 1000"
        ).fetchone()

    assert plan is not None
    (scan,) = plan[0][0]["Plan"]["Plans"]
    assert (scan["Node Type"], scan.get("Index Name")) == ("Index Scan", f"{table}_by_end")
    assert scan["Actual Rows"] == 0
