"""A town's role reaches no row of another town, in any table, by any statement, whatever it sets."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.sql import SQL, Composed, Identifier

from coin.database.embedded import EmbeddedPostgres
from coin.database.town_role import admit_towns
from tests.databases import copied

MINE, OTHERS = "072044", "074071"
MY_ROLE, OTHER_ROLE = f"bandai_{MINE}", f"bandai_{OTHERS}"
LAW = {"rejection", "alembic_version"}  # the same for everybody, and nobody's to change

# A value for each type; a column that may be null stays so, unless it is named below.
VALUES = {
    "text": "'x'",
    "text[]": "'{}'",
    "uuid": "'00000000-0000-7000-8000-000000000001'",
    "boolean": "false",
    "jsonb": "'{}'",
    "bytea": "''",
    "address": "decode(repeat('01', 20), 'hex')",
    "digest": "decode(repeat('01', 32), 'hex')",
    "value_kind": "'coin'",
    "account_class": "'cash'",
    "batch_state": "'sealed'",
    **dict.fromkeys(("smallint", "integer", "bigint", "yen"), "1"),
}
OTHER_VALUES = {
    "merchant.category": "'0000'",
    "credential.kind": "'staff'",
    "session.wallet": VALUES["address"],
    "foreign_batch.approval": "decode(repeat('01', 168), 'hex')",
    "foreign_batch.reasons": "decode('00', 'hex')",
    "slip_key.secret": VALUES["digest"],
    "chain_effect.digest": VALUES["digest"],
    "checkout.id": "repeat('x', 26)",
    "checkout.wallet": VALUES["address"],
    "chain_effect.kind": "6",
    "payment.kind": "6",
    "payment.receipt": "decode(repeat('01', 65), 'hex')",
    "journal.code": "'payment'",
    "journal.credit": "'00000000-0000-7000-8000-000000000002'",
    "journal.fund": "''",
}
_COLUMNS = """SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull AND NOT a.atthasdef
              FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped"""


def tables(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    ).fetchall()
    return [name for (name,) in rows if name not in LAW]


def town_column(table: str) -> str:
    return "code" if table == "municipality" else "municipality"


def one_row(connection: psycopg.Connection, table: str, code: str) -> Composed:
    """An INSERT of one row of a town."""
    values = {
        column: OTHER_VALUES.get(f"{table}.{column}", VALUES.get(kind, ""))
        for column, kind, is_wanted in connection.execute(_COLUMNS, [table])
        if is_wanted or f"{table}.{column}" in OTHER_VALUES
    }
    values[town_column(table)] = f"'{code}'"
    return SQL("INSERT INTO {} ({}) VALUES ({})").format(
        Identifier(table),
        SQL(", ").join(map(Identifier, values)),
        SQL(", ").join(SQL(value) for value in values.values()),
    )


@pytest.fixture(scope="module")
def url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database with a row of the other town in every table, and a row of mine that names me."""
    with copied(postgres, "template_bandai") as owner_url:
        with psycopg.connect(owner_url) as connection:
            connection.execute("SET session_replication_role = replica")  # rows without what they refer to
            for table in tables(connection):
                connection.execute(one_row(connection, table, OTHERS))
            connection.execute(one_row(connection, "municipality", MINE))
        admit_towns(owner_url)
        yield owner_url


@pytest.fixture
def mine(url: str) -> Iterator[psycopg.Connection]:
    """A connection as my town's role."""
    with psycopg.connect(url.replace("postgres@", f"{MY_ROLE}@", 1)) as connection:
        yield connection
        connection.rollback()


def refused(connection: psycopg.Connection, statement: Composed) -> bool:
    """Whether the statement may not be run, or touches nothing."""
    try:
        with connection.transaction():
            return connection.execute(statement).rowcount == 0
    except psycopg.errors.InsufficientPrivilege:
        return True


def test_no_table_shows_or_gives_a_row_of_another_town(mine: psycopg.Connection) -> None:
    for table in tables(mine):
        town, name = Identifier(town_column(table)), Identifier(table)
        for form in (
            "SELECT FROM {table} WHERE {town} = {others}",
            "DELETE FROM {table} WHERE {town} = {others}",
            "UPDATE {table} SET {town} = {mine} WHERE {town} = {others}",
        ):
            statement = SQL(form).format(table=name, town=town, mine=MINE, others=OTHERS)
            assert refused(mine, statement), statement.as_string(mine)


def test_no_table_takes_a_row_for_another_town(mine: psycopg.Connection) -> None:
    for table in tables(mine):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), mine.transaction():
            mine.execute(one_row(mine, table, OTHERS))


def test_a_row_of_mine_cannot_be_given_to_another_town(mine: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        mine.execute("UPDATE municipality SET code = '999999'")


def test_a_town_sees_its_own_rows_and_the_law(mine: psycopg.Connection) -> None:
    assert mine.execute("SELECT code FROM municipality").fetchall() == [(MINE,)]
    assert len(mine.execute("SELECT * FROM rejection").fetchall()) > 40


@pytest.mark.parametrize(
    "trick",
    [
        "SET ROLE bandai_town",
        f"SET bandai.municipality = '{OTHERS}'",
        "SET search_path = pg_temp, public; CREATE FUNCTION pg_temp.substr(text, integer) RETURNS text"
        f" LANGUAGE sql RETURN '{OTHERS}'",
    ],
)
def test_no_setting_widens_what_a_town_sees(mine: psycopg.Connection, trick: str) -> None:
    mine.execute(trick.encode())

    seen = mine.execute("SELECT code FROM public.municipality").fetchall()

    assert (OTHERS,) not in seen


@pytest.mark.parametrize(
    "trick",
    [
        "SET row_security = off; SELECT * FROM municipality",
        f"SET ROLE {OTHER_ROLE}",
        "SET ROLE bandai_app",
        "SET ROLE postgres",
        f"SET SESSION AUTHORIZATION {OTHER_ROLE}",
        f"GRANT {OTHER_ROLE} TO {MY_ROLE}",
        f"ALTER ROLE {MY_ROLE} RENAME TO bandai_999999",
        "ALTER TABLE journal DISABLE ROW LEVEL SECURITY",
        "CREATE POLICY mine ON journal USING (true)",
        "TRUNCATE journal",
        "COPY (SELECT * FROM municipality) TO PROGRAM 'cat'",
    ],
)
def test_what_would_widen_it_is_not_a_towns_to_do(mine: psycopg.Connection, trick: str) -> None:
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported)):
        mine.execute(trick.encode())


def test_every_table_has_its_policies(mine: psycopg.Connection) -> None:
    rows = mine.execute(
        "SELECT tablename, array_agg(policyname::text ORDER BY policyname) FROM pg_policies GROUP BY 1"
    ).fetchall()
    unguarded = mine.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT relrowsecurity"
    ).fetchall()

    everywhere = {table: ["of_every_town", "of_its_town"] for table in tables(mine)}
    assert dict(rows) == everywhere | {"account": [*everywhere["account"], "only_holders_may_go"]}
    assert {name for (name,) in unguarded} == LAW
