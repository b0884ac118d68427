"""`bandai-wallet` does for a resident what its help says, against the real gateway, and says what is wrong."""

import json
import os
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from bandai_client import Till, Wallet
from coin.qr import picture
from coin.qr.text import Static, build
from tests.private_files import write_secret
from wallet_cli.resident import main
from wallet_cli.resident.home import Home
from wallet_cli.resident.keystore import Keystore

PASSWORD = "磐梯山の宝 2022"
STICKER = build(
    Static(municipality="074071", merchant_number=1, sticker_version=0, name="SHOP", city="BANDAI")
)


class Resident:
    """Somebody at a terminal, with a wallet's folder of their own."""

    def __init__(self, line, home):
        self.line = line
        self.home = home
        self.password = PASSWORD

    def run(self, *arguments, typed=None):
        """Run a command and give its result."""
        environment = {
            "BANDAI_WALLET_HOME": str(self.home),
            "BANDAI_WALLET_PASSWORD": self.password,
            "BANDAI_WALLET_WORDS": None,
        }
        return CliRunner().invoke(main.app, list(map(str, arguments)), input=typed, env=environment)

    def ask(self, *arguments, typed=None):
        """Run a command with --json and read its answer."""
        result = self.run(*arguments, "--json", typed=typed)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout.splitlines()[-1])  # the runner repeats there what was typed

    def begin(self, coins=0):
        """Create and register a wallet; somebody gives it coins."""
        made = self.ask("create", "--gateway", self.line.url)
        self.ask("register")
        if coins:
            self.line.town.register("hana")
            self.line.town.charge("hana", coins)
            self.line.wallet("hana").send(bytes.fromhex(made["address"][2:]), coins)
        return made

    def refused(self, *arguments, typed=None):
        """Run a command that must fail; give the code of its error."""
        result = self.run(*arguments, typed=typed)
        assert result.exit_code >= 3, result.output
        return re.search(r"\[(\w+)\]$", result.stderr.strip()).group(1)


@pytest.fixture
def resident(line, tmp_path):
    return Resident(line, tmp_path / "wallet")


@pytest.fixture
def till(line):
    return Till(line.gateway, line.credential)


def test_a_code_in_a_picture_is_paid_after_the_name_and_the_amount_were_shown(resident, till, tmp_path):
    resident.begin(coins=10_000)
    photo = tmp_path / "photo.png"
    photo.write_bytes(picture.png(till.open_checkout(1_250).qr_text))

    result = resident.run("pay", photo, typed="y\n")

    for said in (result.stderr, result.stdout):  # the question, and then the answer
        assert "商店1" in said
        assert "1,250" in said
    assert resident.line.town.shop_balance(1) == 1_250
    assert resident.ask("balance")["balance"] == 10_000 - 1_250


def test_a_no_pays_nothing_and_exits_with_1(resident, till):
    resident.begin(coins=1_000)

    result = resident.run("pay", till.open_checkout(300).qr_text, typed="n\n")

    assert result.exit_code == 1
    assert resident.line.town.shop_balance(1) == 0


def test_a_script_pays_a_sticker_with_yes_and_reads_the_receipt_as_json(resident):
    resident.begin(coins=1_000)

    answer = resident.ask("pay", STICKER, "--amount", 300, "--yes")

    assert (answer["paid"], answer["amount"], answer["receipt"]["amount"]) == (True, 300, 300)
    assert [item["amount"] for item in resident.ask("history", "--last", "1")["items"]] == [-300]


def test_a_code_is_read_from_standard_input(resident, till):
    resident.begin(coins=1_000)

    answer = resident.ask("pay", "-", "--yes", typed=till.open_checkout(200).qr_text + "\n")

    assert answer["amount"] == 200


def test_the_history_names_what_happened_and_with_whom(resident, till):
    resident.begin(coins=1_000)
    resident.ask("pay", till.open_checkout(200).qr_text, "--yes")

    items = resident.ask("history")["items"]
    paid, received = resident.run("history").stdout.splitlines()

    assert [(item["what"], item["amount"]) for item in items] == [("payment", -200), ("send", 1_000)]
    assert re.search(r" \d\d:\d\d +-200 .*商店1.*000001", paid)
    assert re.search(r" \d\d:\d\d +\+1,000 .*0x", received)


def test_the_kept_receipt_is_real_and_a_changed_one_is_not(resident, till, tmp_path):
    resident.begin(coins=1_000)
    answer = resident.ask("pay", till.open_checkout(200).qr_text, "--yes")
    [kept] = (resident.home / "receipts").iterdir()
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(answer["receipt"] | {"amount": 2}))

    assert resident.ask("receipt", kept)["is_real"] is True
    assert resident.refused("receipt", changed) == "receipt_wrong"
    assert kept.stat().st_mode & 0o077 == 0


def test_a_wallet_comes_back_from_its_words_with_its_money(resident, line, tmp_path):
    made = resident.begin(coins=1_000)
    found_again = Resident(line, tmp_path / "new phone")

    restored = found_again.ask("restore", "--gateway", line.url, typed=made["words"] + "\n")

    assert restored["address"] == made["address"]
    assert found_again.ask("balance")["balance"] == 1_000


def test_after_a_forgotten_password_restore_goes_on_and_the_receipts_come_back(resident, till):
    made = resident.begin(coins=1_000)
    resident.ask("pay", till.open_checkout(200).qr_text, "--yes")
    before = (resident.home / "keys.json").read_bytes()
    [receipt] = (resident.home / "receipts").iterdir()
    kept = json.loads(receipt.read_text("utf-8"))
    receipt.unlink()
    resident.password = "a new one 2022"

    no = resident.refused("restore", "--gateway", resident.line.url, typed="n\n")
    unchanged = (resident.home / "keys.json").read_bytes()
    answer = resident.ask("restore", "--gateway", resident.line.url, typed="y\n" + made["words"] + "\n")

    [aside] = resident.home.glob("keys.2*.json")
    assert (no, unchanged) == ("passphrase_wrong", before)
    assert (answer["address"], answer["receipts"], answer["kept_aside"]) == (made["address"], 1, str(aside))
    assert aside.read_bytes() == before
    assert json.loads(receipt.read_text("utf-8")) == kept
    assert resident.ask("balance")["balance"] == 800
    assert resident.ask("receipts") == {"receipts": 0}


def test_a_password_is_asked_for_twice_when_it_is_new_and_the_answer_stays_readable(resident, line):
    resident.password = None

    made = resident.ask("create", "--gateway", line.url, typed=f"{PASSWORD}\n{PASSWORD}\n")

    assert resident.ask("register", typed=PASSWORD + "\n") == {"address": made["address"]}
    assert resident.refused("balance", typed="another one\n") == "passphrase_wrong"


def test_two_different_passwords_make_nothing(resident, line):
    resident.password = None

    told = resident.refused("create", "--gateway", line.url, typed=f"{PASSWORD}\n{PASSWORD}x\n")

    assert told == "answers_differ"
    assert not resident.home.exists()


@pytest.mark.parametrize(
    ("typed", "is_paid"), [("y\n", True), ("はい\n", True), ("\n", False), ("maybe\n", False)]
)
def test_only_a_yes_pays(resident, till, typed, is_paid):
    resident.begin(coins=1_000)

    result = resident.run("pay", till.open_checkout(300).qr_text, typed=typed)

    assert (result.exit_code == 0) is is_paid
    assert (resident.line.town.shop_balance(1) == 300) is is_paid


def test_a_password_in_a_file_is_used_and_one_that_cannot_be_read_is_named(
    resident, line, tmp_path, monkeypatch
):
    file = write_secret(tmp_path / "password", PASSWORD + "\n")
    made = resident.begin()
    resident.password = None
    monkeypatch.setenv("BANDAI_WALLET_PASSWORD_FILE", str(file))

    assert resident.ask("register") == {"address": made["address"]}
    file.unlink()
    assert resident.refused("register") == "secret_file_unreadable"


def test_no_command_takes_a_secret_as_an_option():
    shown = "".join(
        CliRunner().invoke(main.app, [name, "--help"]).stdout for name in ("create", "restore", "pay")
    )

    assert "--password" not in shown


def test_a_sheet_that_cannot_be_written_makes_no_wallet(resident, line, tmp_path):
    sheet = tmp_path / "sheet.txt"
    sheet.write_text("something of mine")

    assert resident.refused("create", "--gateway", line.url, "--sheet", sheet) == "invalid_input"
    assert not Home(resident.home).keystore.exists()
    assert sheet.read_text() == "something of mine"


def test_a_second_create_does_not_replace_the_first_key(resident, line):
    first = resident.begin()

    assert resident.refused("create", "--gateway", line.url) == "conflict"
    assert resident.ask("address")["main"] == first["address"].lower()


def test_a_wrong_password_and_a_missing_wallet_are_told_apart(resident, tmp_path):
    resident.begin()
    resident.password = "not this one"

    assert resident.refused("balance") == "passphrase_wrong"
    resident.home = tmp_path / "nowhere"
    assert resident.refused("balance") == "wallet_missing"


def test_text_that_is_neither_code_nor_picture_is_refused(resident):
    resident.begin()

    assert resident.refused("pay", "https://example.jp", "--yes") == "qr_unreadable"
    assert resident.refused("pay", STICKER, "--yes") == "amount_missing"
    assert resident.refused("pay", STICKER[:-1] + "0", "--amount", 1, "--yes") == "qr_crc_wrong"


def test_a_refusal_of_the_ladder_keeps_its_code_and_no_receipt(resident, till):
    resident.begin(coins=1_000)

    assert resident.refused("pay", till.open_checkout(5_000).qr_text, "--yes") == "insufficient_balance"
    assert not (resident.home / "receipts").exists()


def test_a_payment_left_in_doubt_by_a_crash_is_not_paid_a_second_time(resident, till, line):
    made = resident.begin(coins=1_000)
    home, checkout = Home(resident.home), till.open_checkout(400)
    key = Keystore.open(home.keystore, PASSWORD).get("main")
    crashing = home.wallet(line.gateway, key)
    authorization = crashing.authorize(checkout.merchant.address, 400, checkout.id)
    crashing._outstanding.add(authorization)
    Wallet(line.gateway, key).submit(authorization)  # it arrived, and the program ended before the answer

    told = resident.refused("pay", till.open_checkout(400).qr_text, "--yes")

    assert told == "earlier_payment_accepted"
    assert line.town.shop_balance(1) == 400
    assert len(list((resident.home / "receipts").iterdir())) == 1
    assert not list(resident.home.glob("outstanding*"))
    assert made["address"]


@pytest.mark.parametrize("has_arrived", [True, False])
def test_the_next_command_says_first_what_became_of_a_payment_without_an_answer(
    resident, till, line, has_arrived
):
    resident.begin(coins=1_000)
    home, checkout = Home(resident.home), till.open_checkout(400)
    key = Keystore.open(home.keystore, PASSWORD).get("main")
    lost = home.wallet(line.gateway, key)
    authorization = lost.authorize(checkout.merchant.address, 400, checkout.id)
    lost._outstanding.add(authorization)
    if has_arrived:
        Wallet(line.gateway, key).submit(authorization)

    told = resident.run("balance")
    cancelled = resident.ask("cancel")

    assert told.exit_code == 0
    assert ("400" in told.stderr, "cancel" in told.stderr) == (True, not has_arrived)
    assert cancelled == {"cancelled": True}
    assert resident.ask("balance")["balance"] == (600 if has_arrived else 1_000)
    assert len(list(resident.home.glob("receipts/*"))) == int(has_arrived)
    assert resident.run("balance").stderr == ""


def test_a_wallet_of_one_town_is_not_given_to_another(resident, line, tmp_path):
    resident.begin()
    file = resident.home / "town.json"
    content = json.loads(file.read_text())
    content["town"]["receipt_key"]["address"] = "0x" + "12" * 20
    file.write_text(json.dumps(content))

    assert resident.refused("balance") == "town_changed"
    assert resident.refused("create", "--gateway", line.url, "--key", "second") == "town_changed"


@pytest.mark.parametrize(("lang", "is_english"), [("ja_JP.UTF-8", False), ("en_US.UTF-8", True)])
def test_an_error_is_one_line_in_the_persons_language_with_its_code_and_exit_status(
    tmp_path, lang, is_english
):
    environment = os.environ | {
        "LANG": lang,
        "LC_ALL": lang,
        "PYTHONUTF8": "1",
        "BANDAI_WALLET_HOME": str(tmp_path),
        "BANDAI_WALLET_PASSWORD": PASSWORD,
    }

    done = subprocess.run(
        [sys.executable, "-m", "wallet_cli.resident", "balance"],
        env=environment,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 6
    assert done.stderr.isascii() is is_english
    assert done.stderr.strip().endswith("[wallet_missing]")
    assert done.stderr.count("\n") == 1
