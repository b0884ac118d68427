"""Staff hand out credentials, see who has one, and take one back: it stops working at once."""

import json

import pytest
from office import Office

from coin.errors import Unauthorized
from coin.registry import sessions


def log_in(office: Office, secret: str) -> None:
    with office.home.open() as town, town.database.transaction() as connection:
        sessions.open_by_credential(connection, town.municipality, town.clock, secret)


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


def test_the_list_shows_whose_each_is_and_no_secret(office: Office) -> None:
    made = json.loads(office.run("staff", "create", "監査委員", "--json").stdout)

    shown = office.run("credentials", "list")

    assert "監査委員" in shown.stdout
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
    [("not-an-id", 3, "credential"), ("00000000-0000-0000-0000-000000000000", 5, "credential_unknown")],
)
def test_what_is_no_credential_is_named(office: Office, wrong: str, number: int, code: str) -> None:
    result = office.run("credentials", "revoke", wrong, "--json")

    assert result.exit_code == number
    assert code in result.stderr
