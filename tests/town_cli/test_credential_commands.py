"""Staff hand out credentials, see who has one, and take one back: it stops working at once."""

import json
import re

import pytest
from office import Office

from coin.clock import jst_datetime
from coin.errors import Unauthorized
from coin.office import credentials
from coin.registry import sessions


def log_in(office: Office, secret: str) -> None:
    with office.home.open() as town, town.books() as books:
        sessions.open_by_credential(books, secret)


def listed(office: Office) -> dict[str, dict[str, object]]:
    found = json.loads(office.run("credentials", "list", "--json").stdout)["credentials"]
    return {item["id"]: item for item in found}


def test_a_credential_of_staff_logs_in_until_it_is_revoked(office: Office) -> None:
    made = json.loads(office.run("staff", "create", "会計課の端末", "--json").stdout)
    log_in(office, made["credential"])

    revoked = office.run("credentials", "revoke", made["id"])

    assert revoked.exit_code == 0
    with pytest.raises(Unauthorized):
        log_in(office, made["credential"])
    assert listed(office)[made["id"]]["revoked_at_ms"] is not None


def test_two_live_credentials_of_staff_never_look_alike_in_the_list(office: Office) -> None:
    made = json.loads(office.run("staff", "create", "窓口の端末1", "--json").stdout)

    again = office.run("staff", "create", "窓口の端末１")
    office.run("credentials", "revoke", made["id"])
    after = office.run("staff", "create", "窓口の端末1")

    assert again.exit_code == 8
    assert "[staff_exists]" in again.stderr
    assert after.exit_code == 0
    assert sum(item["label"].startswith("窓口の端末") for item in listed(office).values()) == 2


def test_whose_a_credential_is_stands_in_no_table_in_clear(office: Office) -> None:
    made = json.loads(office.run("staff", "create", "佐藤花子の端末", "--json").stdout)

    with office.home.open() as town, town.database.transaction() as connection:
        tables = connection.execute(
            """SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
               AND has_table_privilege(oid, 'SELECT')"""
        ).fetchall()
        everything = repr(
            [connection.execute(f"SELECT * FROM {row['relname']}").fetchall() for row in tables]
        )

    assert listed(office)[made["id"]]["label"] == "佐藤花子の端末"
    assert made["id"] in everything
    assert "佐藤" not in everything
    assert "佐藤".encode().hex() not in everything


def paired(office: Office, code: str) -> tuple[str, str]:
    with office.home.open() as town, town.books() as books:
        _, made = credentials.pair_till(books, code.replace("-", ""))
    return str(made.credential.id), made.secret


def test_a_tills_code_pairs_a_device_whose_credential_no_person_saw(office: Office) -> None:
    made = office.run("tills", "create", "2", "レジ1")
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", made.stdout).group()
    credential, secret = paired(office, code)
    log_in(office, secret)

    assert secret not in made.stdout
    assert listed(office)[credential]["merchant"] == 2


def test_a_new_code_for_a_till_replaces_its_device_and_an_unknown_till_is_named(office: Office) -> None:
    first = json.loads(office.run("tills", "create", "3", "レジ1", "--json").stdout)
    old, _ = paired(office, first["pairing_code"])

    second = json.loads(office.run("tills", "pair", "3", "レジ1", "--json").stdout)
    new, _ = paired(office, second["pairing_code"])

    assert second["till"] == first["till"]
    assert listed(office)[old]["revoked_at_ms"] is not None
    assert listed(office)[new]["revoked_at_ms"] is None
    assert office.run("tills", "pair", "3", "レジ9").exit_code == 6


def test_the_tills_are_listed_with_their_devices_and_waiting_codes(office: Office) -> None:
    first = json.loads(office.run("tills", "create", "4", "front", "--json").stdout)
    office.run("tills", "create", "4", "back")
    paired(office, first["pairing_code"])

    shown = [line for line in office.run("tills", "list").stdout.splitlines() if line.startswith("000004")]
    told = json.loads(office.run("tills", "list", "--json").stdout)["tills"]

    here = {item["label"]: item for item in told if item["merchant"] == 4}
    assert {label: item["is_paired"] for label, item in here.items()} == {"front": True, "back": False}
    assert {label: item["code_until_ms"] is None for label, item in here.items()} == {
        "front": True,
        "back": False,
    }
    until = f"{jst_datetime(here['back']['code_until_ms']):%H:%M}"
    assert {line.split()[1]: until in line for line in shown} == {"front": False, "back": True}


def test_the_list_shows_whose_each_is_and_no_secret(office: Office) -> None:
    made = json.loads(office.run("staff", "create", "auditor", "--json").stdout)

    shown = office.run("credentials", "list")

    assert "auditor" in shown.stdout
    assert made["credential"] not in shown.stdout
    assert made["credential"] not in json.dumps(listed(office))
    assert listed(office)[made["id"]]["kind"] == "staff"


def test_each_change_leaves_an_audit_row_without_the_secret(office: Office) -> None:
    made = json.loads(office.run("staff", "create", "窓口", "--json").stdout)
    office.run("credentials", "revoke", made["id"])

    with office.home.open() as town, town.database.transaction() as connection:
        rows = connection.execute(
            "SELECT action, actor, detail::text AS detail FROM audit WHERE subject = %s ORDER BY id",
            [made["id"]],
        ).fetchall()

    assert [row["action"] for row in rows] == ["staff_admitted", "credential_revoked"]
    assert all(row["actor"].startswith("bandai-town") for row in rows)
    assert made["credential"] not in str(rows)


@pytest.mark.parametrize(
    ("wrong", "number", "code"),
    [("not-an-id", 3, "credential"), ("00000000-0000-0000-0000-000000000000", 6, "credential_unknown")],
)
def test_what_is_no_credential_is_named(office: Office, wrong: str, number: int, code: str) -> None:
    result = office.run("credentials", "revoke", wrong, "--json")

    assert result.exit_code == number
    assert code in result.stderr
