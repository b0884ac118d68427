"""merchants.csv is a file that grows: whoever imports it again adds what is new, and touches no registered shop unasked."""

import csv
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from office import PASSPHRASE, Office

from coin import messages
from coin.keystore import list_keystore
from coin.merchant_file import read_merchants
from coin.messages import MerchantStatus
from coin.operations.merchants import MerchantChange
from coin.operations.perform import perform
from coin.registry.books import Books
from coin.registry.merchants import by_number
from coin.registry.personal import open_personal_data
from coin.registry.signers import free_nonces
from coin.signatory import StaffPair
from coin.zengin import directory_day
from town_cli.desk.merchant_import import import_rows
from town_cli.desk.shop_keys import shop_keys

FIRST = 701


@pytest.fixture(scope="module")
def file(office: Office, example: Path) -> Path:
    """Two shops that are registered."""
    path = office.folder / "again.csv"
    with (example / "merchants.csv").open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))[:2]
    write(path, [{**row, "number": str(FIRST + place)} for place, row in enumerate(rows)])
    assert office.run("merchants", "import", str(path)).exit_code == 0
    return path


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def changed(file: Path, **cells: str) -> Path:
    """The file with other cells in the line of its first shop."""
    with file.open(encoding="utf-8") as source:
        first, *others = csv.DictReader(source)
    write(file.with_name("changed.csv"), [{**first, **cells}, *others])
    return file.with_name("changed.csv")


def everything(office: Office) -> dict[str, Any]:
    """What an import may touch: shops, journal, encrypted rows, and the keys on the disk."""
    with office.home.open() as town, town.database.transaction() as connection:
        found = {
            name: connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()
            for name in ("merchant", "operation", "personal_data")
        }
    return found | {"keys": sorted(path.name for path in office.home.keyring.folder.iterdir())}


def shop(office: Office, number: int) -> dict[str, Any]:
    with office.home.open() as town, town.database.transaction() as connection:
        row = connection.execute("SELECT * FROM merchant WHERE number = %s", [number]).fetchone()
        assert row is not None
        personal = open_personal_data(office.home.personal_key_path)
        account = personal.get(connection, town.municipality.code, f"merchant:{number:06d}")
        written = connection.execute(
            "SELECT action FROM audit WHERE subject = %s ORDER BY id", [f"merchant:{number:06d}"]
        ).fetchall()
    return {**row, **account, "audit": [item["action"] for item in written]}


def close(office: Office, number: int) -> None:
    """Two staff close the shop."""
    pair = StaffPair(
        office.home.keyring.key("staff-1", PASSPHRASE), office.home.keyring.key("staff-2", PASSPHRASE)
    )
    with office.home.open() as town, town.database.transaction() as connection:
        nonce = next(free_nonces(connection, town.municipality.code, pair.first.address))
        kept = by_number(Books(connection, town.municipality, town.clock), number)
        draft = messages.Merchant(
            kept.address, number, MerchantStatus.CLOSED, kept.facts_hash, pair.first.address, nonce
        )
        signatures = pair.sign(town.municipality.domain, draft)
        message = MerchantChange(*draft.values, signatures=signatures)
        perform(Books(connection, town.municipality, town.clock), message, actor="test")


@pytest.fixture
def before(office: Office, file: Path) -> Iterator[dict[str, Any]]:
    return everything(office)


def test_the_same_file_again_changes_no_key_no_account_and_no_record(
    office: Office, file: Path, before: dict[str, Any]
) -> None:
    again = office.run("merchants", "import", str(file), "--json")

    assert {"registered": 0, "updated": 0, "unchanged": 2}.items() <= json.loads(again.stdout).items()
    assert everything(office) == before


def test_the_same_file_from_a_mac_changes_nothing_and_names_the_day_of_the_directory(
    office: Office, file: Path
) -> None:
    before = everything(office)
    decomposed = file.with_name("mac.csv")
    decomposed.write_text(unicodedata.normalize("NFD", file.read_text("utf-8")), "utf-8")

    result = office.run("merchants", "import", str(decomposed), "--json")

    said = json.loads(result.stdout)
    assert (said["unchanged"], said["directory"], said["doubts"]) == (2, directory_day().isoformat(), [])
    assert everything(office) == before


def test_a_registered_shop_at_a_branch_that_is_gone_does_not_stop_the_others(
    office: Office, file: Path
) -> None:
    newer = new_shop(office, file, 731, branch_code="990", branch_name="あたらしい支店")
    known = office.run("merchants", "import", str(newer), "--json")
    with newer.open(encoding="utf-8") as left, file.open(encoding="utf-8") as right:
        gone, other = next(iter(csv.DictReader(left))), next(iter(csv.DictReader(right)))
    write(newer, [{**gone, "branch_name": ""}, {**other, "number": "732", "address": ""}])

    result = office.run("merchants", "import", str(newer), "--json")

    assert json.loads(known.stdout)["doubts"] == [
        {"line": 2, "field": "branch_code", "code": "branch_unknown"}
    ]
    assert [json.loads(result.stdout)[key] for key in ("registered", "unchanged")] == [1, 1]


def test_a_line_more_registers_one_shop_and_leaves_the_others(office: Office, file: Path) -> None:
    address = shop(office, FIRST)["address"]
    with file.open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    write(file.with_name("more.csv"), [*rows, {**rows[0], "number": str(FIRST + 9), "name_ja": "新しい店"}])

    more = office.run("merchants", "import", str(file.with_name("more.csv")), "--json")

    assert {"registered": 1, "updated": 0, "unchanged": 2}.items() <= json.loads(more.stdout).items()
    assert shop(office, FIRST)["address"] == address
    assert shop(office, FIRST + 9)["name"] == "新しい店"


def test_a_registered_shop_with_other_contents_is_refused_by_line_and_column_and_no_value_is_shown(
    office: Office, file: Path, before: dict[str, Any]
) -> None:
    result = office.run("merchants", "import", str(changed(file, account_number="7654321")))

    assert result.exit_code == 3
    assert re.search(r"changed\.csv 2\D.*account_number.*--update", result.stderr)
    assert "[invalid_file]" in result.stderr
    assert "7654321" not in result.output
    assert everything(office) == before


def test_an_update_changes_name_and_bank_account_keeps_the_key_and_is_written_down(
    office: Office, file: Path
) -> None:
    old = shop(office, FIRST)
    wanted = changed(file, account_number="7654321")
    assert office.run("merchants", "import", str(wanted), "--update").exit_code == 0
    alone = shop(office, FIRST)
    wanted = changed(file, name_ja="名前を変えた店", account_number="7654322")

    updated = office.run("merchants", "import", str(wanted), "--update", "--yes", "--json")

    new = shop(office, FIRST)
    assert {"registered": 0, "updated": 1, "unchanged": 1}.items() <= json.loads(updated.stdout).items()
    assert (new["name"], new["account_number"]) == ("名前を変えた店", "7654322")
    assert len({row["bank_hash"] for row in (old, alone, new)}) == 3
    assert new["address"] == old["address"]
    assert new["audit"][len(old["audit"]) :] == ["change_merchant", "write_bank_account"] * 2
    assert office.run("settle", "--now").exit_code == 0
    assert office.run("reconcile").exit_code == 0


def test_an_account_that_moved_without_a_second_person_is_named_as_a_difference(
    office: Office, file: Path
) -> None:
    """Somebody who owns the database and has the office's key of personal data writes an account of their own."""
    subject, personal = f"merchant:{FIRST:06d}", open_personal_data(office.home.personal_key_path)
    with office.home.open() as town, town.database.transaction() as connection:
        kept = personal.get(connection, town.municipality.code, subject)
        personal.put(connection, town.municipality.code, subject, {**kept, "account_number": "7777777"})

    compared = json.loads(office.run("reconcile", "--json").stdout)
    with office.home.open() as town, town.database.transaction() as connection:
        personal.put(connection, town.municipality.code, subject, kept)

    named = [(item["subject"], item["id"], item["field"]) for item in compared["differences"]]
    assert named == [("merchant", FIRST, "bank_account")]


@pytest.mark.slow
def test_a_closed_shop_stays_closed_whatever_its_line_says(office: Office, file: Path) -> None:
    close(office, FIRST + 1)
    with file.open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    write(file.with_name("closed.csv"), [{**rows[1], "name_ja": "閉じた店"}])

    assert office.run("merchants", "import", str(file.with_name("closed.csv")), "--update").exit_code == 0

    assert shop(office, FIRST + 1)["name"] == "閉じた店"
    assert shop(office, FIRST + 1)["is_open"] is False


def test_shops_that_are_refused_leave_no_key_behind(office: Office, file: Path) -> None:
    with file.open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    taken = "0x" + shop(office, FIRST)["address"].hex()
    new = [{**rows[0], "number": "711", "address": ""}, {**rows[0], "number": "712", "address": taken}]
    write(file.with_name("taken.csv"), new)
    before = everything(office)

    result = office.run("merchants", "import", str(file.with_name("taken.csv")))

    assert result.exit_code == 4
    assert everything(office) == before


def new_shop(office: Office, file: Path, number: int, **cells: str) -> Path:
    """A file with one shop that is new and brings no key."""
    with file.open(encoding="utf-8") as source:
        row = next(iter(csv.DictReader(source)))
    write(file.with_name("new.csv"), [{**row, "number": str(number), "address": "", **cells}])
    return file.with_name("new.csv")


def test_shops_that_the_books_do_not_take_leave_no_key_behind(office: Office, file: Path) -> None:
    before = everything(office)
    office.as_owner("ALTER TABLE merchant ADD CONSTRAINT none_today CHECK (number <> 721)")

    result = office.run("merchants", "import", str(new_shop(office, file, 721)))
    office.as_owner("ALTER TABLE merchant DROP CONSTRAINT none_today")

    assert result.exit_code != 0
    assert everything(office) == before


def register_and_stop(office: Office, file: Path) -> None:
    """As the command does, stopped by Ctrl-C in the moment after the commit."""
    staff = StaffPair(
        office.home.keyring.key("staff-1", PASSPHRASE), office.home.keyring.key("staff-2", PASSPHRASE)
    )
    personal = open_personal_data(office.home.personal_key_path)
    with office.home.open() as town:
        rows = read_merchants(file, town.municipality.program)
        with shop_keys(town.books, office.home.keyring, PASSPHRASE, rows) as addresses:
            with town.books() as books:
                import_rows(books, staff, personal, rows, addresses, actor="test")
            raise KeyboardInterrupt


def test_a_key_stays_if_its_shop_is_registered_and_the_command_fails_after_that(
    office: Office, file: Path
) -> None:
    before = everything(office)["keys"]

    with pytest.raises(KeyboardInterrupt):
        register_and_stop(office, new_shop(office, file, 722))

    (kept,) = set(everything(office)["keys"]) - set(before)
    assert list_keystore(office.home.keyring.folder / kept)[0].address == shop(office, 722)["address"]


@pytest.mark.slow
def test_a_shop_gets_another_key_only_if_its_line_names_it_and_an_update_is_asked_for(
    office: Office, file: Path
) -> None:
    with file.open(encoding="utf-8") as source:
        row = next(iter(csv.DictReader(source)))
    registered = shop(office, FIRST)
    wanted = "0x" + "5c" * 20
    line = {**row, "name_ja": registered["name"], "account_number": registered["account_number"]}
    write(file.with_name("key.csv"), [{**line, "address": wanted}])

    unasked = office.run("merchants", "import", str(file.with_name("key.csv")))
    before = shop(office, FIRST)["address"]
    asked = office.run("merchants", "import", str(file.with_name("key.csv")), "--update")

    assert (unasked.exit_code, asked.exit_code) == (3, 0)
    assert re.search(r"key\.csv 2\D.*address", unasked.stderr)
    assert before == registered["address"]
    assert shop(office, FIRST)["address"].hex() == "5c" * 20
    assert office.run("settle", "--now").exit_code == 0
    assert office.run("reconcile").exit_code == 0


def test_an_update_shows_each_change_before_and_after_and_asks(
    office: Office, file: Path, before: dict[str, Any]
) -> None:
    other = changed(file, name_ja="名前が変わった店")
    was = shop(office, FIRST)["name"]

    refused = office.run("merchants", "import", str(other), "--update", answers="いいえ\n")
    nobody = office.run("merchants", "import", str(other), "--update", answers="")
    same = everything(office)
    agreed = office.run("merchants", "import", str(other), "--update", "--yes", answers="")
    back = office.run("merchants", "import", str(file), "--update", "--yes")

    assert (refused.exit_code, nobody.exit_code, agreed.exit_code, back.exit_code) == (130, 130, 0, 0)
    assert f"店名: {was} → 名前が変わった店" in refused.stderr
    assert same == before
