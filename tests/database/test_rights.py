"""No process of a town can do what is not its to do, no login becomes the superuser, and an administrator is told what to type."""

import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from api.settings import Settings
from coin.database.database import Database
from coin.database.embedded import EmbeddedPostgres
from coin.database.migrate import is_newest, migrate
from coin.database.place import OWNER, PROCESSES, as_role, role_of, with_password
from coin.database.rights import demand_rights, demand_weak, excessive_powers
from coin.database.town_role import admit_towns
from coin.errors import Forbidden, InvalidInput, Unavailable
from tests.private_files import write_secret

CODE = "074071"
ROLE = f"bandai_{CODE}"
BOOKS = "bandai_books"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A server on which nobody has been yet."""
    server = EmbeddedPostgres(tmp_path / "pg", settings={"fsync": "off"})
    server.start()
    yield server
    server.destroy()


def as_superuser(server: EmbeddedPostgres, *statements: str, database: str = "postgres") -> None:
    with psycopg.connect(server.url(database), autocommit=True) as superuser:
        for statement in statements:
            superuser.execute(statement.encode())


# ------------------------------------------------------------------ the embedded server


def test_only_the_file_beside_the_data_makes_a_superuser_also_of_data_that_trusted_everybody(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    server.stop()
    (server.home / "data" / "pg_hba.conf").write_text("local all all trust\n")
    for file in server.home.glob("*.pgpass"):
        file.unlink()
    server.start()
    as_superuser(server, "CREATE ROLE bandai_app LOGIN")
    with psycopg.connect(server.url(user="bandai_app")) as ours:
        assert ours.execute("SELECT current_user").fetchone() == ("bandai_app",)

    wrong = write_secret(tmp_path / "wrong", "*:*:*:postgres:open-sesame\n")
    for file in (Path("/dev/null"), wrong):
        with pytest.raises(Unavailable) as refused:
            Database.open(as_role(server.url(user="bandai_app"), "postgres", passfile=str(file)))
        assert refused.value.code == "database_password_wrong"
        assert "sesame" not in str(refused.value)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url(user="pg_monitor"))
    [kept] = server.home.glob("*.pgpass")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert kept.read_text().strip().rpartition(":")[2] not in server.url()


# ------------------------------------------------------------------ what a process can do


def test_the_role_of_our_processes_can_do_nothing_forbidden_and_the_owner_much(
    owner_url: str, app_url: str
) -> None:
    assert excessive_powers(app_url, CODE) == []
    found = excessive_powers(owner_url, CODE)

    assert {"DELETE FROM chain_effect", "UPDATE journal", "CREATE ROLE", "SET ROLE bandai_app"} <= set(found)
    with pytest.raises(Forbidden) as refused:
        demand_weak(owner_url, CODE)
    assert refused.value.code == "database_role_strong"
    assert excessive_powers(app_url, CODE) == []  # nothing of it was kept


def test_who_can_become_a_stronger_role_is_found(owner_url: str, app_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("CREATE ROLE bandai_friend LOGIN IN ROLE bandai_app")
        found = excessive_powers(as_role(app_url, "bandai_friend"), CODE)
        owner.execute("DROP ROLE bandai_friend")

    assert found == ["SET ROLE bandai_app"]


# ------------------------------------------------------------------ what an administrator types


def owner_without_rights(server: EmbeddedPostgres) -> str:
    as_superuser(server, "CREATE ROLE bandai_owner LOGIN", f"CREATE DATABASE {BOOKS} OWNER bandai_owner")
    return server.url(BOOKS, "bandai_owner")


def test_an_owner_who_may_make_no_roles_is_told_the_sql_and_goes_on_after_it(
    server: EmbeddedPostgres,
) -> None:
    url = owner_without_rights(server)

    with pytest.raises(Forbidden) as told:
        demand_rights(url, CODE)
    lines = [line.strip() for line in told.value.ja.splitlines()[1:]]
    assert lines == [line.strip() for line in told.value.en.splitlines()[1:]]
    as_superuser(server, *(line for line in lines if not line.startswith("\\")), database=BOOKS)

    demand_rights(url, CODE)
    migrate(url)
    admit_towns(url, CODE)
    town_url = server.url(BOOKS, ROLE)
    assert told.value.code == "database_rights"
    assert f"CREATE ROLE {ROLE} LOGIN;" in lines
    assert is_newest(town_url)
    assert excessive_powers(town_url, CODE) == []


def test_an_owner_who_may_make_roles_needs_nobody_and_a_stranger_migrates_nothing(
    server: EmbeddedPostgres,
) -> None:
    url = owner_without_rights(server)
    as_superuser(server, "ALTER ROLE bandai_owner CREATEROLE", "CREATE ROLE bandai_stranger LOGIN")

    demand_rights(url, CODE)
    migrate(url)
    admit_towns(url, CODE)
    with psycopg.connect(url) as owner:
        owner.execute("ALTER TABLE alembic_version RENAME TO away")
    stranger = server.url(BOOKS, "bandai_stranger")
    with pytest.raises(Forbidden) as refused:
        migrate(stranger)

    assert refused.value.code == "database_rights"
    assert not is_newest(stranger)
    assert excessive_powers(server.url(BOOKS, ROLE), CODE) == []


# ------------------------------------------------------------------ passwords


URL = "postgresql://bandai_074071@db.example:5432/bandai"


@pytest.mark.parametrize("login", [PROCESSES, OWNER])
def test_a_password_comes_by_file_or_variable(tmp_path: Path, login) -> None:
    file = write_secret(tmp_path / "password", "\ufeffopen sesame\n")

    by_file = with_password(URL, login, {login.file: str(file)})
    by_variable = with_password(URL, login, {login.variable: "open sesame"})

    assert by_file == by_variable
    assert psycopg.conninfo.conninfo_to_dict(by_file)["password"] == "open sesame"
    assert with_password(URL, login, {}) == URL
    assert role_of(by_file) == ROLE


def test_a_password_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = write_secret(tmp_path / "password", "open sesame")
    file.chmod(0o644)

    with pytest.raises(InvalidInput, match="chmod 600"):
        with_password(URL, PROCESSES, {PROCESSES.file: str(file)})


def test_the_settings_of_a_process_show_no_password() -> None:
    settings = Settings.from_environment(
        {
            "BANDAI_DATABASE_URL": URL,
            PROCESSES.variable: "open sesame",
            "BANDAI_PROGRAM": "program.toml",
            "BANDAI_RECEIPT_KEY_FILE": "receipts.key",
        }
    )

    assert "sesame" in settings.database_url
    assert "sesame" not in repr(settings)
