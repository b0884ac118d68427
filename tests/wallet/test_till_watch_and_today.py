"""`bandai-till watch` rings once for each payment of the shop, and `today` has the day's list, sums and table."""

import csv
import json
import threading

import pytest
from test_till_commands import Cashier

from bandai_client import Told
from coin.clock import jst_date
from coin.office import credentials
from coin.qr.text import Static, build
from tests.patience import HANG_S, wait_until
from wallet_cli.till.announcing import announce
from wallet_cli.till.day import read_day
from wallet_cli.till.home import TillHome

STICKER = build(
    Static(municipality="074071", merchant_number=1, sticker_version=0, name="SHOP", city="BANDAI")
)


@pytest.fixture
def paired(line, tmp_path):
    cashier = Cashier(line, tmp_path / "till")
    cashier.pair()
    return cashier


@pytest.fixture
def payer(paired):
    wallet = paired.line.wallet("hana")
    wallet.register()
    paired.line.town.charge("hana", 20_000)
    return wallet


def home(cashier):
    return TillHome(cashier.home)


def watched(cashier, *, rounds):
    """Run `watch` until the credential is revoked, doing one thing after the other while it runs; its lines of JSON."""
    results = []
    runner = threading.Thread(target=lambda: results.append(cashier.run("watch", "--json")), daemon=True)
    runner.start()
    for act in rounds:
        number = act().receipt.sequence
        wait_until(lambda number=number: home(cashier).announced == number)
    cashier.revoke()
    rounds[0]()  # wakes it
    runner.join(HANG_S)
    assert results[0].exit_code == 5, results[0].output
    return [json.loads(line) for line in results[0].stdout.splitlines()]


def test_each_payment_rings_once_also_the_stickers_and_a_restart_rings_only_what_is_new(paired, payer):
    home(paired).keep_announced(0)
    at_till = paired.ask("new", 300, "--no-wait", "--reference", "席3 田中様")[0]

    told = watched(paired, rounds=[lambda: payer.pay(STICKER, 100), lambda: payer.pay(at_till["qr"])])
    with paired.line.town.books() as books:
        _, code = credentials.renew_pairing(books, 1, "レジ 2", actor="clerk")
    paired.run("pair", code.text, "--gateway", paired.line.url)
    again = watched(paired, rounds=[lambda: payer.pay(STICKER, 500)])

    assert [(one["amount"], one["till"], one["reference"], one["rings"]) for one in told] == [
        (100, None, None, True),
        (300, "レジ 2", "席3 田中様", True),
    ]
    assert [one["amount"] for one in again] == [100, 500]  # what came while nobody watched, and the new one
    numbers = [one["sequence"] for one in told + again]
    assert len(set(numbers)) == len(numbers) == 4


def test_only_one_watch_runs_for_a_till(paired):
    with home(paired).only_watch():
        assert paired.refused("watch") == (8, "till_watched")


def told_of(till):
    page, _ = till.payments()
    return [Told(paid, is_genuine=True) for paid in page]


@pytest.fixture
def till(paired):
    return home(paired).till(paired.line.gateway)


def test_what_rings_is_genuine_new_to_this_till_and_just_happened(paired, payer, till):
    opened = paired.ask("new", 300, "--no-wait")[0]
    payer.pay(opened["qr"])
    payer.pay(STICKER, 100)
    sticker, own = told_of(till)
    paired.run("wait", opened["checkout"])
    now_ms = sticker.paid.receipt.accepted_at_ms

    first, second = (announce(home(paired), till, sticker, now_ms=now_ms) for _ in range(2))
    shown = announce(home(paired), till, own, now_ms=now_ms)
    forged = announce(home(paired), till, Told(sticker.paid, is_genuine=False), now_ms=now_ms)

    assert [one.rings for one in (first, second, shown, forged)] == [True, False, False, False]
    assert home(paired).announced == own.paid.receipt.sequence
    assert forged.as_json()["is_genuine"] is False
    assert not any("100" in line for line in forged.lines())


def test_a_payment_of_some_time_ago_is_a_line_and_no_bell(paired, payer, till):
    payer.pay(STICKER, 100)
    [told] = told_of(till)

    late = announce(home(paired), till, told, now_ms=told.paid.receipt.accepted_at_ms + 600_001)

    assert not late.rings
    assert len(late.lines()) == 1


def test_today_has_the_days_payments_and_their_sums_and_no_other_day(paired, payer, tmp_path):
    payer.pay(STICKER, 100)
    paired.line.town.clock.advance_ms(86_400_000)
    opened = paired.ask("new", 300, "--no-wait", "--reference", "=1+1 伝票17")[0]
    payer.pay(opened["qr"])
    payer.pay(STICKER, 250)
    file = tmp_path / "day.csv"

    [today] = paired.ask("today", "--csv", file)
    [yesterday] = paired.ask("today", "--date", "2022-07-22")
    shown = paired.run("today").stdout

    assert (today["date"], today["count"], today["total"]) == ("2022-07-23", 2, 550)
    assert today["coins"] + today["points"] == 550
    assert {(one["till"], one["count"], one["total"]) for one in today["tills"]} == {
        (None, 1, 250),
        ("レジ 2", 1, 300),
    }
    assert [one["amount"] for one in yesterday["items"]] == [100]
    assert all(part in shown for part in ("550", "250", "300", "=1+1 伝票17"))
    assert file.stat().st_mode & 0o077 == 0
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
    assert [row[2] for row in rows[1:]] == ["300", "250"]
    assert [row[6] for row in rows[1:]] == ["'=1+1 伝票17", ""]  # no spreadsheet takes it for a formula
    assert paired.refused("today", "--csv", file) == (3, "invalid_input")


def test_a_day_of_many_pages_is_whole(paired, payer, till, monkeypatch):
    monkeypatch.setattr("api.routes.shop_payments.PAGE", 2)
    paid = [payer.pay(STICKER, 100 + number).receipt for number in range(5)]

    day = read_day(till, jst_date(paid[0].accepted_at_ms))

    assert [one.receipt for one in day.payments] == paid
