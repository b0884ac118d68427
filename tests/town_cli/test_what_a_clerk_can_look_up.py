"""What a clerk wants to see can be seen: shops, wallets, the audit log, a rules file, the version."""

import json
import re
import secrets
from pathlib import Path

import pytest
from office import Office
from typer.testing import CliRunner

from coin.qr.wallet_code import code_of
from coin.registry import wallets
from town_cli.commands.audit import ACTIONS
from town_cli.main import app
from wallet_cli.resident.main import app as wallet_app
from wallet_cli.till.main import app as till_app


def test_the_shops_are_listed_and_one_is_shown(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "shops.csv"

    listed = office.run("merchants", "list", "--csv", str(file))
    shown = office.run("merchants", "show", "2")
    told = json.loads(office.run("merchants", "show", "2", "--json").stdout)

    assert "000002" in listed.stdout
    assert "スーパーひばら" in file.read_text("utf-8-sig")
    assert all(fact in shown.stdout for fact in ("スーパーひばら", "SUPER HIBARA", told["address"]))
    assert "account" not in told
    assert office.run("merchants", "show", "999999").exit_code == 6


def test_a_bank_account_is_shown_only_when_asked_for_and_the_audit_log_says_so(office: Office) -> None:
    shown = office.run("merchants", "show", "3", "--bank")
    log = json.loads(office.run("audit", "log", "--last", "1", "--json").stdout)

    assert "口座番号" in shown.stdout
    assert [(row["action"], row["subject"]) for row in log["rows"]] == [
        ("read_bank_account", "merchant:000003")
    ]
    assert "口座番号" not in office.run("merchants", "show", "3").stdout


def test_a_wallet_is_found_by_its_code_and_its_address(office: Office) -> None:
    address = secrets.token_bytes(20)
    with office.home.open() as town, town.books() as books:
        wallets.register(books, address)
    office.run("charge", code_of(address), "2000", "--channel", "shokokai")

    by_code = json.loads(office.run("wallets", "show", code_of(address), "--json").stdout)
    by_address = json.loads(office.run("wallets", "show", "0x" + address.hex(), "--json").stdout)
    shown = office.run("wallets", "show", code_of(address)).stdout
    unknown = office.run("wallets", "show", code_of(secrets.token_bytes(20)))

    assert by_code == by_address
    assert (by_code["balance"], by_code["state"], len(by_code["charges"])) == (2_200, "good", 1)
    assert all(fact in shown for fact in (code_of(address), "2,200", "商工会"))
    assert (unknown.exit_code, "[holder_unknown]" in unknown.stderr) == (4, True)


def test_the_audit_log_has_words_and_opens_in_a_spreadsheet(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "audit.csv"
    office.run("tills", "create", "5", secrets.token_hex(4))

    shown = office.run("audit", "log", "--last", "3", "--csv", str(file)).stdout

    assert "レジの作成" in shown
    assert "レジの作成" in file.read_text("utf-8-sig")
    assert office.run("audit", "log", "--on", "2022-01-01").exit_code == 0


def test_every_action_of_the_audit_log_has_a_japanese_word(root: Path) -> None:
    found: set[str] = set()
    for folder in ("coin", "api", "town_cli"):
        for file in (root / folder).rglob("*.py"):
            found |= set(
                re.findall(r'(?:ACTION = |action=|_note\(books, actor, )"([a-z_]+)"', file.read_text("utf-8"))
            )

    assert found - {"transaction"} - set(ACTIONS) == set()


def test_a_rules_file_is_checked_without_a_town(tmp_path: Path) -> None:
    office = Office(tmp_path)
    file = tmp_path / "program.toml"
    office.run("init", str(file), "--demo")

    good = office.run("program", "check", str(file))
    told = json.loads(office.run("program", "check", str(file), "--json").stdout)
    file.write_text(file.read_text("utf-8").replace("rate_bps = 1000", "rate_bps = -1"), "utf-8")
    bad = office.run("program", "check", str(file))

    assert (good.exit_code, bad.exit_code) == (0, 3)
    assert "役場の窓口" in good.stdout
    assert told["channels"] == ["counter"]
    assert "premium.rate_bps" in bad.stderr
    assert not (tmp_path / "town").exists()


def test_a_placeholder_is_refused_where_real_people_will_call_it(tmp_path: Path) -> None:
    office = Office(tmp_path)
    file = tmp_path / "program.toml"
    assert office.run("init", str(file)).exit_code == 0

    checked = office.run("program", "check", str(file))
    deployed = office.run("deploy", str(file), "--node", "http://127.0.0.1:1")
    file.write_text(file.read_text("utf-8").replace("0242-00-0000", "0242-74-1211"), "utf-8")
    mended = office.run("program", "check", str(file))

    assert (checked.exit_code, deployed.exit_code, mended.exit_code) == (3, 3, 0)
    assert "help_desk.phone" in checked.stderr
    assert "0242-00-0000" in deployed.stderr


@pytest.mark.parametrize(("program", "name"), [(app, "town"), (wallet_app, "wallet"), (till_app, "till")])
def test_every_program_says_its_version(program, name: str) -> None:
    shown = CliRunner().invoke(program, ["--version"])

    assert shown.exit_code == 0
    assert re.fullmatch(rf"bandai-{name} \d+\.\d+\.\d+\n", shown.stdout)
