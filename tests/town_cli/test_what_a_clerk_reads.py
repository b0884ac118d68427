"""What `charge`, `settle`, `reconcile` and `report` show is what a clerk needs: names, amounts, what is left to do."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from office import Office

from api.app import build_app
from api.gateway import Gateway as Server
from bandai_client import Gateway, Key, Wallet
from coin.console import written_in_both
from coin.console.tables import table, width
from coin.keystore import read_key_file
from coin.qr.text import Static, build
from coin.registry import wallets
from tests.served import serving

STICKER = build(
    Static(municipality="074071", merchant_number=2, sticker_version=1, name="SUPER HIBARA", city="BANDAI")
)

SHOP, CHANNEL = "スーパーひばら", "道の駅ばんだい"  # as the rules and the list of shops name them
FORGED = """UPDATE journal SET amount = amount {} WHERE kind = 'coin'
    AND credit = (SELECT account FROM merchant WHERE number = 2)"""


@pytest.fixture(scope="module")
def busy(patient: Office, example: Path) -> Office:
    """Forty shops; somebody charged 5,000 and paid 1,250 at スーパーひばら, which is not settled yet."""
    assert patient.run("merchants", "import", str(example / "merchants.csv")).exit_code == 0
    assert patient.run("settle", "--now").exit_code == 0
    key = Key.create()
    with patient.home.open() as town, town.books() as books:
        wallets.register(books, key.address)
    charged = patient.run("charge", str(key), "5000", "--channel", "michinoeki")
    last_day = written_in_both(date(2023, 3, 31))[0]
    assert all(shown in charged.stdout for shown in (CHANNEL, "5,000", "500", last_day))
    with patient.home.open() as town:
        receipts = read_key_file(patient.home.receipts_key_path)
        server = Server.assemble(town.database, town.municipality, town.clock, receipts)
        with serving(build_app(server)) as url, Gateway(url) as gateway:
            Wallet(gateway, key, device="test").pay(STICKER, 1_250)
    return patient


def counts(text: str) -> list[str]:
    """How many differences and open items the first line of `reconcile` names."""
    return re.findall("[0-9]+", text)[:2]


def row(text: str, name: str) -> list[str]:
    """The cells of the line in which a name stands."""
    return next(line.split() for line in text.splitlines() if name in line)


def test_reconcile_names_what_is_open_and_what_to_do_and_then_that_nothing_is(busy: Office) -> None:
    told = json.loads(busy.run("reconcile", "--json").stdout)
    before = busy.run("reconcile")
    settled = busy.run("settle", "--now", "--json")
    after = busy.run("reconcile")

    assert (before.exit_code, after.exit_code) == (1, 0)
    assert (told["differences"], len(told["open_items"])) == ([], 1)
    assert counts(before.stdout) == ["0", "1"]
    assert "bandai-town settle --now" in before.stdout
    assert json.loads(settled.stdout) == {"sealed": 1, "confirmed": 1, "unconfirmed": 0}
    assert counts(after.stdout) == ["0", "0"]
    assert row(after.stdout, CHANNEL) == [CHANNEL, "5,000"]


def test_settle_says_that_nothing_is_due(busy: Office) -> None:
    busy.run("settle", "--now")

    said = busy.run("settle", "--json")

    assert said.exit_code == 0
    assert json.loads(said.stdout) == {"sealed": 0, "confirmed": 0, "unconfirmed": 0}


def test_the_report_shows_each_shop_by_name_with_coins_and_points_apart(busy: Office) -> None:
    japanese = busy.run("report").stdout
    english = busy.run("report", language="en_US.UTF-8").stdout

    assert row(japanese, SHOP) == ["000002", SHOP, "750", "500", "0", "1,250"]
    assert row(english, "SUPER HIBARA")[-4:] == ["750", "500", "0", "1,250"]
    held, *_, issued = [cells[1:] for cells in map(str.split, japanese.splitlines()[3:8])]
    assert held == ["4,250", "0", "4,250"]
    assert issued == ["5,000", "500", "5,500"]
    assert row(japanese, "8,999,500")[1:] == ["9,000,000", "500", "8,999,500"]
    assert "000003" not in japanese


def test_the_report_of_a_day_that_is_over_shows_that_day_and_one_that_is_to_come_is_refused(
    busy: Office,
) -> None:
    before = busy.run("report", "--on", "2022-03-31")
    future = busy.run("report", "--on", "2022-09-30")

    assert row(before.stdout, CHANNEL) == [CHANNEL, "0", "0"]
    assert written_in_both(date(2022, 3, 31))[0] in before.stdout
    assert (future.exit_code, "[date_in_future]" in future.stderr) == (3, True)


def test_the_report_for_programs_has_the_same_figures(busy: Office) -> None:
    figures = json.loads(busy.run("report", "--json").stdout)

    shop = next(item for item in figures["merchants"] if item["number"] == 2)
    assert {item["kind"]: item["received"] for item in shop["totals"]} == {"coin": 750, "point": 500}
    assert figures["cash"]["michinoeki"] == 5_000
    assert figures["funds"][0]["given"] == 500


def test_a_difference_is_named_in_words_with_the_shop_and_both_figures(busy: Office) -> None:
    busy.run("settle", "--now")
    busy.as_owner(FORGED.format("+ 1"))

    found = busy.run("reconcile")
    busy.as_owner(FORGED.format("- 1"))

    assert found.exit_code == 1
    assert row(found.stdout, f"({SHOP})")[-2:] == ["1251", "1250"]
    assert busy.run("reconcile").exit_code == 0


def test_columns_stand_below_each_other_whatever_letters_are_in_them() -> None:
    lines = table(["店", "yen"], [["スーパーひばら", 1_250], ["A", 7], ["ｶﾅ", 30]])

    assert len({width(line) for line in lines}) == 1
    assert lines[1].endswith("1,250")
