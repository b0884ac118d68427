"""Every command of wallet and till that acts, with an output that does not take its answer: it is said aside, and stands once."""

import os
import secrets
from pathlib import Path

import pytest
import typer

from bandai_client import Till
from coin.console import NOT_SHOWN
from coin.messages import checksum_address
from coin.office import credentials
from tests.broken_output import ASCII, CLOSED, FULL, Ended, run_into
from tests.worlds.real_line import Line
from wallet_cli.resident import main as wallet_main
from wallet_cli.resident.home import Home
from wallet_cli.resident.keystore import Keystore
from wallet_cli.till import main as till_main
from wallet_cli.till.commands.group import opened_till
from wallet_cli.till.home import TillHome

APPS = {"bandai-wallet": wallet_main.app, "bandai-till": till_main.app}
LOOKING = {
    *(
        f"bandai-wallet {name}"
        for name in ("address", "balance", "code", "history", "receipt", "receipts", "verify")
    ),
    "bandai-till recent",
    "bandai-till today",
}
KINDS = (FULL, CLOSED, ASCII)


class Person:
    """Somebody with a wallet and a till, and an output that breaks."""

    def __init__(self, line: Line, folder: Path) -> None:
        self.line, self.folder = line, folder
        self.environment = {
            "LC_ALL": "ja_JP.UTF-8",
            "BANDAI_WALLET_HOME": str(folder / "wallet"),
            "BANDAI_TILL_HOME": str(folder / "till"),
            "BANDAI_WALLET_PASSWORD": "a good password",
        }

    def run(self, kind: str, program: str, *words: str) -> Ended:
        return run_into(kind, APPS[program], list(words), self.environment)

    def do(self, program: str, *words: str) -> None:
        ended = self.run(ASCII, program, *words)
        assert ended.number == 0, ended.told

    def wallet(self, coins: int = 0) -> str:
        """A registered wallet with coins."""
        self.do("bandai-wallet", "create", "--gateway", self.line.url, "--words", "english")
        self.do("bandai-wallet", "register")
        [entry] = Keystore.list(Home(self.folder / "wallet").keystore)
        if coins:
            self.line.town.register("hana")
            self.line.town.charge("hana", coins)
            self.line.wallet("hana").send(entry.address, coins)
        return "0x" + entry.address.hex()

    def till(self) -> None:
        self.do("bandai-till", "pair", self.code(), "--gateway", self.line.url)

    def code(self) -> str:
        with self.line.town.books() as books:
            _, made = credentials.open_till(books, 1, secrets.token_hex(4), actor="clerk")
        return made.text

    def keys(self) -> int:
        store = Home(self.folder / "wallet").keystore
        return len(Keystore.list(store)) if store.exists() else 0


@pytest.fixture
def person(line: Line, tmp_path: Path) -> Person:
    return Person(line, tmp_path)


def told_apart(kind: str, ended: Ended, named: str) -> None:
    """What was done is in the answer, or aside under its number."""
    assert "Traceback" not in ended.told
    if kind == ASCII:
        assert (ended.number, named in ended.shown) == (0, True)
    else:
        assert (ended.number, named in ended.told) == (NOT_SHOWN, True)
        assert "もう一度実行しないでください。" in ended.told


def test_every_command_is_known_to_act_or_to_look() -> None:
    tested = {"create", "restore", "register", "pay", "cancel", "gateway"}
    acting = {f"bandai-wallet {name}" for name in tested}
    acting |= {f"bandai-till {name}" for name in ("pair", "new", "wait", "cancel", "watch", "gateway")}
    found = {
        f"{program} {name}" for program, app in APPS.items() for name in typer.main.get_command(app).commands
    }

    assert found == acting | LOOKING


@pytest.mark.parametrize("kind", KINDS)
def test_a_payment_is_named_by_its_number_and_was_made_once(person: Person, kind: str) -> None:
    person.wallet(coins=1_000)
    code = Till(person.line.gateway, person.line.credential).open_checkout(300).qr_text

    ended = person.run(kind, "bandai-wallet", "pay", code, "--yes")

    [receipt] = (person.folder / "wallet" / "receipts").iterdir()
    told_apart(kind, ended, receipt.stem)
    assert person.line.town.shop_balance(1) == 300


def test_an_old_receipt_that_comes_back_is_no_payment_made_now(person: Person) -> None:
    person.wallet(coins=1_000)
    code = Till(person.line.gateway, person.line.credential).open_checkout(300).qr_text
    assert person.run(ASCII, "bandai-wallet", "pay", code, "--yes").number == 0
    [receipt] = (person.folder / "wallet" / "receipts").iterdir()
    receipt.unlink()

    ended = person.run(FULL, "bandai-wallet", "receipts")

    assert receipt.exists()
    assert (ended.number, "[output_lost]" in ended.told) == (3, True)
    assert receipt.stem not in ended.told


@pytest.mark.parametrize("kind", [FULL, CLOSED])
def test_words_that_nobody_saw_belong_to_no_key(person: Person, kind: str) -> None:
    ended = person.run(kind, "bandai-wallet", "create", "--gateway", person.line.url)

    assert ended.number in (3, 141)
    assert person.keys() == 0


def test_words_that_the_terminal_has_no_letters_for_belong_to_no_key(person: Person) -> None:
    words = ("create", "--gateway", person.line.url, "--words", "japanese")

    ended = person.run(ASCII, "bandai-wallet", *words)

    assert (ended.number, ended.shown) == (3, "")
    assert "[letters_missing]" in ended.told
    assert person.keys() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_wallet_whose_words_are_on_a_sheet_is_named(person: Person, kind: str) -> None:
    sheet = person.folder / "words.txt"

    ended = person.run(kind, "bandai-wallet", "create", "--gateway", person.line.url, "--sheet", str(sheet))

    [entry] = Keystore.list(Home(person.folder / "wallet").keystore)
    told_apart(kind, ended, checksum_address(entry.address))
    assert checksum_address(entry.address) in sheet.read_text("utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_a_cancel_is_told(person: Person, kind: str) -> None:
    person.wallet()

    told_apart(
        kind,
        person.run(kind, "bandai-wallet", "cancel"),
        "Cancelled" if kind == ASCII else "取り消しました。",
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_restored_and_a_registered_wallet_are_named(person: Person, kind: str) -> None:
    person.environment["BANDAI_WALLET_WORDS"] = " ".join(["abandon"] * 11 + ["about"])

    restored = person.run(kind, "bandai-wallet", "restore", "--gateway", person.line.url)
    registered = person.run(kind, "bandai-wallet", "register")

    [entry] = Keystore.list(Home(person.folder / "wallet").keystore)
    told_apart(kind, restored, checksum_address(entry.address))
    told_apart(kind, registered, checksum_address(entry.address) if kind != ASCII else "Registered")


@pytest.mark.parametrize("kind", KINDS)
def test_a_device_that_became_a_till_is_named_and_its_credential_kept(person: Person, kind: str) -> None:
    ended = person.run(kind, "bandai-till", "pair", person.code(), "--gateway", person.line.url)

    told_apart(kind, ended, TillHome(person.folder / "till").paired().label)


def test_a_code_is_not_used_up_where_a_till_cannot_be_kept(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = person.code()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    person.run(ASCII, "bandai-till", "pair", "0000-0000-0000", "--gateway", person.line.url)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        refused = person.run(ASCII, "bandai-till", "pair", code, "--gateway", person.line.url)
    person.do("bandai-till", "pair", code, "--gateway", person.line.url)

    assert refused.number == 3
    assert "[place_unusable]" in refused.told


@pytest.mark.parametrize("kind", KINDS)
def test_a_checkout_and_its_payment_are_named_and_stay(person: Person, kind: str) -> None:
    person.wallet(coins=1_000)
    person.till()

    opened = person.run(kind, "bandai-till", "new", "300", "--no-wait")
    with opened_till(person.folder / "till") as (_, till, _):
        [item] = till.recent()
    person.do("bandai-wallet", "pay", str(person.folder / "till" / "code.png"), "--yes")
    paid = person.run(kind, "bandai-till", "wait", item.checkout.id)
    recent = person.run(ASCII, "bandai-till", "recent").shown

    told_apart(kind, opened, item.checkout.id)
    told_apart(kind, paid, item.checkout.id if kind != ASCII else "300")
    assert item.checkout.id in recent


@pytest.mark.parametrize("kind", KINDS)
def test_a_gateway_that_was_changed_is_named(person: Person, kind: str) -> None:
    person.wallet()
    person.till()
    moved = person.line.url.replace("127.0.0.1", "localhost")

    for program in APPS:
        told_apart(kind, person.run(kind, program, "gateway", moved, "--yes"), moved)
