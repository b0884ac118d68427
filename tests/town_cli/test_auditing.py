"""An auditor's folder holds no secret and no personal data; with it books, chain and records are compared, and nothing is written."""

import json
from pathlib import Path

import psycopg
import pytest
from office import Office

from coin.database.place import as_role
from town_cli.server.folder import Home

HIDDEN = {
    "credential",
    "pairing",
    "session",
    "session_challenge",
    "personal_data",
    "idempotency_key",
    "slip_key",
    "till",  # its label can be a name; the auditor reads the other columns
}


@pytest.fixture(scope="module")
def audit(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the town has made for its auditor."""
    folder = tmp_path_factory.mktemp("auditor") / "audit"
    made = office.run("auditor", str(folder), "--json")
    assert made.exit_code == 0, made.stderr
    return folder


def test_the_folder_holds_rules_pin_and_places_and_nothing_secret(office: Office, audit: Path) -> None:
    files = {path.name: path.read_text("utf-8") for path in audit.iterdir()}
    town = json.loads((office.home.folder / "town.json").read_text("utf-8"))
    theirs = json.loads(files["town.json"])

    assert set(files) == {"program.toml", "town.json"}
    assert files["program.toml"] == office.home.program_path.read_text("utf-8")
    assert theirs["pinned"] == town["pinned"]
    assert "user=bandai_auditor" in theirs["database_url"]
    assert theirs["database_owner_url"] is None
    assert all(path.stat().st_mode & 0o007 == 0 for path in (audit, audit / "town.json"))


def test_the_auditor_reconciles_as_the_town_does_but_for_what_only_personal_data_prove(
    office: Office, audit: Path
) -> None:
    mine = json.loads(office.run("reconcile", "--json").stdout)
    theirs = json.loads(office.run("reconcile", "--json", "--home", str(audit)).stdout)

    assert 0 < theirs.pop("compared") <= mine.pop("compared")
    assert theirs == mine


@pytest.mark.parametrize("words", [("report", "--json"), ("report",)])
def test_the_auditor_sees_what_the_town_sees(office: Office, audit: Path, words: tuple[str, ...]) -> None:
    mine = office.run(*words)
    theirs = office.run(*words, "--home", str(audit))

    assert (theirs.exit_code, theirs.stdout) == (mine.exit_code, mine.stdout), theirs.stderr


def test_what_writes_is_refused_for_want_of_a_key_or_a_right(
    office: Office, audit: Path, example: Path
) -> None:
    address = "0x" + "11" * 20
    attempts = [
        ("charge", address, "1000", "--channel", "shokokai", "--reference", "x1"),
        ("merchants", "import", str(example / "merchants.csv")),
        ("settle", "--now"),
        ("tills", "create", "1", "x"),
        ("migrate",),
        ("serve",),
    ]

    refused = {words[0]: office.run(*words, "--home", str(audit)) for words in attempts}

    assert {name for name, result in refused.items() if result.exit_code == 0} == set()
    assert {name for name, result in refused.items() if "Traceback" in result.output} == set()
    assert "[database_right_missing]" in refused["tills"].stderr


def test_the_role_writes_no_table_and_reads_no_person_and_no_secret(office: Office, audit: Path) -> None:
    url = Home(audit).parts(Home(audit).program()).url
    with psycopg.connect(url, autocommit=True) as auditor:
        rows = auditor.execute(
            """SELECT relname, has_table_privilege(oid, 'SELECT'),
                      has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
               FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"""
        ).fetchall()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            auditor.execute("CREATE TABLE mine ()")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            auditor.execute("SET ROLE bandai_app")

    assert {name for name, is_read, _ in rows if not is_read} == HIDDEN
    assert [name for name, _, is_written in rows if is_written] == []
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(as_role(url, "postgres", passfile="/dev/null"))


def test_a_folder_in_use_and_a_node_with_a_credential_are_refused(
    office: Office, audit: Path, tmp_path: Path
) -> None:
    again = office.run("auditor", str(audit))
    secret = office.run("auditor", str(tmp_path / "new"), "--node", "https://node.example/v3/open-sesame")

    assert (again.exit_code, secret.exit_code) == (8, 3)
    assert "[folder_in_use]" in again.stderr
    assert "[node_has_credential]" in secret.stderr
    assert "sesame" not in secret.output
    assert not (tmp_path / "new").exists()
