"""After the server was away nobody meets a dead connection, and what cannot be reached is named with its place and no secret."""

import threading
from collections.abc import Iterator

import pytest

from coin.database.database import Database
from coin.database.embedded import EmbeddedPostgres
from coin.database.migrate import is_newest, migrate
from coin.database.place import demand_without_secret, shown
from coin.database.town_role import admit_towns
from coin.errors import CoinError, InvalidInput, Unavailable

POOLED = 8


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server of this file's own, to be stopped."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("away") / "pg", settings={"fsync": "off"})
    server.start()
    yield server
    server.destroy()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coin.database.database._PATIENCE_S", 1.0)


@pytest.fixture
def full(server: EmbeddedPostgres) -> Iterator[Database]:
    """A pool in which every connection has been used."""
    database = Database.open(server.url(), max_size=POOLED)
    together = threading.Barrier(POOLED)

    def use() -> None:
        with database.transaction() as connection:
            connection.execute("SELECT 1")
            together.wait()

    users = [threading.Thread(target=use) for _ in range(POOLED)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    yield database
    database.close()


def ask(database: Database) -> int:
    with database.transaction() as connection:
        row = connection.execute("SELECT 7 AS n").fetchone()
    return int(row["n"]) if row else 0


@pytest.mark.parametrize("end", [EmbeddedPostgres.stop, EmbeddedPostgres.kill])
def test_no_request_notices_that_the_server_was_started_again(
    server: EmbeddedPostgres, full: Database, end
) -> None:
    end(server)
    server.start()

    assert [ask(full) for _ in range(12)] == [7] * 12


def test_a_request_while_it_is_away_says_so_and_the_next_one_afterwards_succeeds(
    server: EmbeddedPostgres, full: Database
) -> None:
    server.stop()
    with pytest.raises(Unavailable) as away:
        ask(full)
    server.start()

    assert away.value.code == "database_unavailable"
    assert str(server.home) not in str(away.value)  # callers of the gateway read it
    assert ask(full) == 7


WAYS = {"a pool": Database.open, "migrate": migrate, "the version": is_newest, "the roles": admit_towns}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(
    ("code", "database", "user"),
    [("database_missing", "nothing", "postgres"), ("database_role_missing", "postgres", "bandai_nobody")],
)
def test_what_is_missing_is_named_with_its_place(
    server: EmbeddedPostgres, way, code: str, database: str, user: str
) -> None:
    with pytest.raises(Unavailable) as failed:
        way(server.url(database, user))

    assert failed.value.code == code
    assert f"{user}@" in failed.value.ja
    assert failed.value.en.endswith(f"/{database}")
    assert failed.value.__cause__ is None


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_server_that_is_off_is_named_without_the_password(way) -> None:
    with pytest.raises(Unavailable) as failed:
        way("postgresql://clerk:open-sesame@127.0.0.1:1/bandai")

    assert failed.value.code == "database_unavailable"
    assert "clerk@127.0.0.1:1/bandai" in failed.value.ja
    assert "sesame" not in str(failed.value)


NO_URLS = [
    "postgresql://clerk:open/sesame@db/bandai",
    "postgresql://db:sesame/x",
    "sesame",
    "postgresql://%zsesame",
]


@pytest.mark.parametrize("url", NO_URLS)
def test_what_is_no_url_is_not_repeated(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        demand_without_secret(url, "--database")

    assert refused.value.code == "database_url_invalid"
    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://clerk:open-sesame@db/bandai",
        "postgresql://clerk@db/bandai?password=open-sesame",
        "host=db user=clerk password=open-sesame",
        "postgresql://clerk@db/bandai?sslpassword=open-sesame",
    ],
)
def test_a_url_with_a_password_is_refused_and_shown_without_it(url: str) -> None:
    with pytest.raises(CoinError) as refused:
        demand_without_secret(url, "--database")

    assert refused.value.code == "password_in_url"
    assert "sesame" not in str(refused.value) + shown(url)
