"""`bandai-till` does for a cashier what its help says, against the real gateway, and says what is wrong."""

import json
import os
import pty
import re
import select
import stat
import subprocess
import sys
import threading
import time

import pytest
import zxingcpp
from ansi import screen
from PIL import Image
from typer.testing import CliRunner

from bandai_client import Key, Recent, Till
from coin.errors import Rejected, Unavailable
from coin.office import credentials
from tests.patience import HANG_S, wait_until
from tests.worlds.other_side import CHECKOUT, NOW_MS, TOWN, checkout, receipt
from wallet_cli.resident.camera import read_picture
from wallet_cli.till import display, waiting
from wallet_cli.till import main as till_main
from wallet_cli.till.commands.checkouts import say_that_the_line_is_cut
from wallet_cli.till.home import TillHome
from wallet_cli.till.sales import judge


class Cashier:
    """Somebody at a shop's terminal, with a till's folder of their own."""

    def __init__(self, line, home):
        self.line = line
        self.home = home

    def run(self, *arguments, typed=None):
        environment = {"BANDAI_TILL_HOME": str(self.home)}
        return CliRunner().invoke(till_main.app, list(map(str, arguments)), input=typed, env=environment)

    def ask(self, *arguments):
        """Run a command with --json and read each line of its answer."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    def refused(self, *arguments, typed=None):
        """Run a command that must fail; give its exit number and the code of its error."""
        result = self.run(*arguments, typed=typed)
        return result.exit_code, re.search(r"\[(\w+)\]$", result.stderr.strip()).group(1)

    def code(self, label="レジ 2"):
        """The town makes a till and reads its code out."""
        town = self.line.town
        with town.books() as books:
            _, made = credentials.open_till(books, 1, label, actor="clerk")
        return made

    def pair(self, label="レジ 2"):
        result = self.run("pair", self.code(label).text, "--gateway", self.line.url)
        assert result.exit_code == 0, result.output

    def revoke(self, label="レジ 2"):
        """The town ends the credential of a till."""
        with self.line.town.books() as books:
            [row] = books.connection.execute(
                """SELECT c.id FROM credential c JOIN till t USING (municipality)
                   WHERE t.id = c.till AND t.label = %s AND c.revoked_at_ms IS NULL""",
                [label],
            ).fetchall()
            credentials.revoke(books, row["id"], actor="clerk")

    def customer(self, coins=10_000):
        """Somebody who waits for the picture at the counter and pays it."""
        wallet = self.line.wallet("hana")
        wallet.register()
        self.line.town.charge("hana", coins)

        def pay():
            picture = self.home / "code.png"
            wait_until(lambda: shown(picture))
            wallet.pay(shown(picture))

        thread = threading.Thread(target=pay)
        thread.start()
        return thread


def shown(picture):
    """The code on the customer's display; None, if it shows none."""
    if not picture.exists():
        return None
    codes = zxingcpp.read_barcodes(Image.open(picture))
    return codes[0].text if codes else None


@pytest.fixture
def cashier(line, tmp_path):
    return Cashier(line, tmp_path / "till")


@pytest.fixture
def paired(cashier):
    cashier.pair()
    return cashier


def test_a_code_typed_in_any_way_makes_the_device_a_till_and_shows_no_credential(cashier):
    code = cashier.code().text
    typed = code.lower().replace("-", "  ").replace("1", "l").replace("0", "o").translate(FULL_WIDTH)

    result = cashier.run("pair", "--gateway", cashier.line.url, typed=typed + "\n")

    kept = TillHome(cashier.home).paired()
    assert "商店1" in result.stdout
    assert "レジ 2" in result.stdout
    assert kept.credential.startswith("bandai_till_")
    assert kept.credential not in result.output + repr(kept)
    assert {stat.S_IMODE(file.stat().st_mode) for file in cashier.home.iterdir()} == {0o600}


FULL_WIDTH = str.maketrans({chr(letter): chr(letter + 0xFEE0) for letter in range(ord("a"), ord("m"))})


def test_a_used_code_and_what_is_no_code_are_told_apart(cashier):
    code = cashier.code().text
    cashier.run("pair", code, "--gateway", cashier.line.url)

    assert cashier.refused("pair", code, "--gateway", cashier.line.url) == (5, "pairing_code_invalid")
    assert cashier.refused("pair", "1234", "--gateway", cashier.line.url) == (3, "pairing_code_malformed")


def test_the_paid_amount_stands_large_on_the_screen_after_the_receipt_was_verified(paired):
    customer = paired.customer()

    result = paired.run("new", 1_250)

    customer.join()
    assert result.exit_code == 0, result.output
    asked, amount, told = result.stdout.partition(display.large(1_250, columns=80))
    assert re.search("商店1 .*1,250", asked)
    assert amount
    assert "1,250" in told
    assert paired.line.town.shop_balance(1) == 1_250


def test_a_program_reads_the_opening_and_the_end_as_two_lines_of_json(paired):
    customer = paired.customer()

    opened, paid = paired.ask("new", 300, "--reference", "席3")

    customer.join()
    assert (opened["status"], opened["amount"]) == ("open", 300)
    assert (paid["status"], paid["receipt"]["checkout"]) == ("paid", opened["checkout"])


def test_the_screen_the_png_and_the_svg_say_the_same(paired, tmp_path):
    shown = paired.run("new", 500, "--no-wait", "--save", tmp_path / "counter").stdout

    drawn = shown[: shown.index("商店1")].rstrip("\n")
    on_screen = [found.text for found in zxingcpp.read_barcodes(screen(drawn, "dark"))]
    assert on_screen == [read_picture((tmp_path / "counter.png").read_bytes())]
    assert on_screen == [found.text for found in zxingcpp.read_barcodes(draw_svg(tmp_path / "counter.svg"))]


def draw_svg(file):
    text = file.read_text("utf-8")
    side = int(re.search(r'viewBox="0 0 (\d+)', text).group(1))
    picture = Image.new("L", (side, side), 255)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1", text):
        picture.paste(0, (int(x), int(y), int(x) + int(width), int(y) + 1))
    return picture.resize((side * 4, side * 4), Image.Resampling.NEAREST)


def test_a_payment_is_taken_once_whichever_program_of_the_till_asks(paired):
    opened = paired.ask("new", 300, "--no-wait")[0]
    paired.customer().join()

    first = paired.run("wait", opened["checkout"])
    second = paired.refused("wait", opened["checkout"])

    assert first.exit_code == 0
    assert second == (8, "receipt_taken")


def test_a_payment_at_one_till_is_not_taken_at_another(paired, tmp_path):
    other = Cashier(paired.line, tmp_path / "other till")
    other.pair("レジ 3")
    opened = paired.ask("new", 300, "--no-wait")[0]
    paired.customer().join()

    assert other.refused("wait", opened["checkout"]) == (8, "receipt_of_other_till")
    assert [item["is_taken"] for item in other.ask("recent")[0]["items"]] == [None]
    assert paired.run("wait", opened["checkout"]).exit_code == 0


def test_a_folder_that_was_damaged_is_named(paired):
    for name, content in (("till.json", "{}"), ("town.json", '{"gateway": 5}'), ("town.json", "no json")):
        kept = (paired.home / name).read_text()
        (paired.home / name).write_text(content)
        assert paired.refused("new", 300) == (3, "file_malformed")
        (paired.home / name).write_text(kept)


def test_after_a_lost_network_the_last_minutes_show_what_was_paid_and_what_nobody_has_seen(paired):
    wallet = paired.line.wallet("hana")
    wallet.register()
    paired.line.town.charge("hana", 10_000)
    seen, unseen, unpaid = (paired.ask("new", yen, "--no-wait")[0] for yen in (100, 200, 300))
    for opened in (seen, unseen):
        wallet.pay(opened["qr"])
    paired.run("wait", seen["checkout"])

    [items] = [answer["items"] for answer in paired.ask("recent")]
    shown = paired.run("recent").stdout

    told = {item["amount"]: (item["status"], item.get("is_taken")) for item in items}
    assert told == {100: ("paid", True), 200: ("paid", False), 300: ("open", None)}
    words = {line.split()[1]: line.split()[2] for line in shown.splitlines()[1:4]}
    assert words.keys() == {"100", "200", "300"}
    assert len(set(words.values())) == 3
    assert "bandai-till wait" in shown
    assert unpaid["checkout"] in shown


def test_a_receipt_that_the_town_did_not_sign_is_no_payment_in_the_last_minutes(side, cashier):
    home = TillHome(cashier.home)
    honest = checkout("", {}) | {"status": "paid"}
    payment = {"from": "", "to": honest["merchant"]["address"], "checkout": CHECKOUT, "value": 1250}
    real = receipt(payment, b"\x01" * 32)
    forged = real | {"signature": "0x" + Key.create().sign(bytes(32)).hex()}
    other = receipt(payment | {"value": 1}, b"\x01" * 32)
    cashier.pair()

    with side.gateway() as gateway:
        assert gateway.town == TOWN
        judged = [
            judge(
                gateway.town,
                home,
                Recent.read(
                    {
                        "checkout": honest | {"payment": {"receipt": one}},
                        "till": "レジ 2",
                        "opened_at": NOW_MS,
                    }
                ),
            ).status
            for one in (real, forged, other)
        ]

    assert judged == ["paid", "receipt_wrong", "receipt_wrong"]


def test_an_amount_that_nobody_pays_in_time_ends_with_1_and_no_receipt(paired):
    opened = paired.ask("new", 300, "--no-wait")[0]
    paired.line.town.clock.advance_ms(603_000)

    result = paired.run("wait", opened["checkout"], "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout) == {"checkout": opened["checkout"], "status": "expired"}


def test_the_display_shows_no_code_after_a_refused_a_paid_and_a_cancelled_checkout(paired):
    display_of = paired.home / "code.png"
    svg = paired.home / "code.svg"
    opened = paired.ask("new", 300, "--no-wait")[0]
    before = shown(display_of)

    assert paired.refused("new", 10_000_000) == (4, "payment_limit")
    refused = shown(display_of), "<path" in svg.read_text()
    customer = paired.customer()
    assert paired.run("new", 400).exit_code == 0
    customer.join()
    paid = shown(display_of), "<path" in svg.read_text()
    later = paired.ask("new", 500, "--no-wait")[0]
    paired.run("cancel", opened["checkout"])
    kept = shown(display_of)
    paired.run("cancel", later["checkout"])

    assert before == opened["qr"]
    assert refused == paid == (None, False)
    assert kept == later["qr"]
    assert shown(display_of) is None
    assert display_of.stat().st_mode & 0o044


def test_a_cancelled_checkout_ends_the_wait_and_a_paid_one_is_not_cancelled(paired):
    opened, paid = (paired.ask("new", yen, "--no-wait")[0] for yen in (300, 400))
    wallet = paired.line.wallet("hana")
    wallet.register()
    paired.line.town.charge("hana", 10_000)
    receipt = wallet.pay(paid["qr"]).receipt

    [ended] = paired.ask("cancel", opened["checkout"].lower())
    waited = paired.run("wait", opened["checkout"], "--json")

    assert (ended["status"], ended["amount"]) == ("cancelled", 300)
    assert (waited.exit_code, json.loads(waited.stdout)["status"]) == (1, "cancelled")
    with pytest.raises(Rejected):
        wallet.pay(opened["qr"])
    assert paired.refused("cancel", paid["checkout"]) == (8, "checkout_paid")
    [taken] = paired.ask("wait", paid["checkout"])
    assert taken["receipt"] == receipt.as_json()


def test_a_place_that_cannot_be_written_is_named_before_anything_is_opened(paired, tmp_path):
    assert paired.refused("new", 300, "--save", tmp_path / "no" / "where") == (3, "invalid_input")
    assert paired.line.town.rows("SELECT id FROM checkout") == []


def test_a_device_that_is_no_till_or_is_one_no_more_is_told_so(cashier):
    assert cashier.refused("new", 300) == (6, "till_missing")
    cashier.pair()
    cashier.revoke()

    assert cashier.refused("new", 300) == (5, "credential_invalid")


def test_a_credential_that_others_can_read_is_not_used(paired):
    (paired.home / "till.json").chmod(0o644)

    assert paired.refused("new", 300) == (3, "till_open_to_others")


def test_a_till_waits_through_a_network_that_is_away_and_says_so_once(side, wallet, monkeypatch, capsys):
    monkeypatch.setattr(waiting, "_AGAIN_S", 0.0)
    with side.gateway(now_ms=lambda: NOW_MS) as gateway:
        till = Till(gateway, "secret-of-the-till")
        opened = till.open_checkout(1250)
        paid = wallet.pay(opened.qr_text)
        [accepted] = side.accepted.values()
        state = {"status": "paid", "payment": {"receipt": accepted["receipt"]}}
        side.change = lambda path, answer: answer | state if path.startswith("/v1/checkouts/") else answer
        lost = iter([True] * 10)
        side.lose_request = lambda _: next(lost, False)

        receipt = waiting.wait_patiently(till, gateway, opened, say_that_the_line_is_cut)

    assert receipt == paid.receipt
    assert capsys.readouterr().err.count("\n") == 1


def test_a_till_gives_up_when_the_time_is_over_and_nobody_answers(side, monkeypatch):
    monkeypatch.setattr(waiting, "_AGAIN_S", 0.0)
    times = iter(range(NOW_MS, NOW_MS + 3_600_000, 60_000))
    with side.gateway(now_ms=lambda: next(times)) as gateway:
        till = Till(gateway, "secret-of-the-till")
        opened = till.open_checkout(1250)
        side.lose_request = lambda _: True

        with pytest.raises(Unavailable):
            waiting.wait_patiently(till, gateway, opened, say_that_the_line_is_cut)


def test_in_a_terminal_the_code_has_its_own_colours_and_the_bell_rings(paired):
    customer = paired.customer()

    shown = in_a_terminal(paired, "new", "980")

    customer.join()
    assert "\x1b[38;5;231;48;5;16m" in shown
    assert "\a" in shown
    assert all(row in shown for row in display.large(980, columns=80).splitlines())


def in_a_terminal(cashier, *words):
    """Run the program on a pseudo-terminal, in English, and give everything it wrote there."""
    ours, its = pty.openpty()
    environment = os.environ | {
        "BANDAI_TILL_HOME": str(cashier.home),
        "LC_ALL": "en_US.UTF-8",
        "TERM": "xterm",
    }
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "wallet_cli.till", *words], stdout=its, stderr=its, env=environment
    )
    os.close(its)
    written, end_s = b"", time.monotonic() + HANG_S
    while time.monotonic() < end_s:
        if not select.select([ours], [], [], 0.2)[0]:
            continue
        try:
            written += os.read(ours, 65_536)
        except OSError:  # the terminal is closed: it has ended
            break
    os.close(ours)
    assert process.wait(HANG_S) == 0, written.decode()
    return written.decode()
