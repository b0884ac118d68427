"""The embedded server keeps committed data, whatever process is killed, and opens no port."""

import stat
from pathlib import Path

import psycopg

from coin.database.database import Database
from coin.database.embedded import EmbeddedPostgres


def test_a_committed_row_survives_kill_9_of_the_server(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "pg")
    server.start()
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept (x int)")
        connection.execute("INSERT INTO kept VALUES (7)")

    server.kill()
    again = EmbeddedPostgres(tmp_path / "pg")
    again.start()

    with psycopg.connect(again.url()) as connection:
        assert connection.execute("SELECT x FROM kept").fetchone() == (7,)
    again.destroy()


def test_a_second_start_finds_the_running_server(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "pg") as first:
        second = EmbeddedPostgres(tmp_path / "pg")
        second.start()

        assert second._postmaster() == first._postmaster()
    first.destroy()


def test_no_tcp_port_is_opened_and_only_the_owner_enters_the_socket_folder(
    postgres: EmbeddedPostgres,
) -> None:
    with psycopg.connect(postgres.url()) as connection:
        row = connection.execute("SHOW listen_addresses").fetchone()

    assert row == ("",)
    assert stat.S_IMODE(postgres._socket.stat().st_mode) == 0o700


def test_a_transaction_that_fails_stores_nothing(database: Database) -> None:
    class Interruption(Exception):
        pass

    try:
        with database.transaction() as connection:
            connection.execute("CREATE TEMP TABLE gone (x int)")
            raise Interruption
    except Interruption:
        pass

    with database.transaction() as connection:
        row = connection.execute("SELECT count(*) AS n FROM pg_class WHERE relname = 'gone'").fetchone()
    assert row == {"n": 0}
