"""What `charge`, `settle`, `reconcile` and `report` say is what a clerk needs: names, amounts, what is left to do."""

import json
from pathlib import Path

import pytest
from office import Office

from api.app import build_app
from api.gateway import Gateway as Server
from bandai_client import Gateway, Key, Wallet
from coin.console.tables import table, width
from coin.keystore import read_key_file
from coin.qr.text import Static, build
from coin.registry import wallets
from tests.served import serving

STICKER = build(
    Static(municipality="074071", merchant_number=2, sticker_version=1, name="SUPER HIBARA", city="BANDAI")
)

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
    assert "道の駅ばんだい: 5,000 円をチャージしました" in charged.stdout
    assert "2023年3月31日まで" in charged.stdout
    with patient.home.open() as town:
        receipts = read_key_file(patient.home.receipts_key_path)
        server = Server.assemble(town.database, town.municipality, town.clock, receipts)
        with serving(build_app(server)) as url, Gateway(url) as gateway:
            Wallet(gateway, key, device="test").pay(STICKER, 1_250)
    return patient


def row(text: str, name: str) -> list[str]:
    """The cells of the line in which a name stands."""
    return next(line.split() for line in text.splitlines() if name in line)


def test_reconcile_names_what_is_open_and_what_to_do_and_then_that_nothing_is(busy: Office) -> None:
    before = busy.run("reconcile")
    english = busy.run("reconcile", language="en_US.UTF-8")
    settled = busy.run("settle", "--now")
    after = busy.run("reconcile")

    assert (before.exit_code, after.exit_code) == (1, 0)
    assert before.stdout.startswith("差異 0 件、未了 1 件")
    assert "チェーンに未記録(bandai-town settle --now で記録)" in before.stdout
    assert "not settled yet" in english.stdout
    assert "1 束がチェーンで確定しました" in settled.stdout
    assert after.stdout.startswith("差異 0 件、未了 0 件")
    assert row(after.stdout, "道の駅ばんだい") == ["道の駅ばんだい", "5,000"]


def test_settle_says_that_nothing_is_due(busy: Office) -> None:
    busy.run("settle", "--now")

    said = busy.run("settle")

    assert said.exit_code == 0
    assert "記録するものはありません" in said.stdout


def test_the_report_shows_each_shop_by_name_with_coins_and_points_apart(busy: Office) -> None:
    japanese = busy.run("report").stdout
    english = busy.run("report", language="en_US.UTF-8").stdout

    assert row(japanese, "スーパーひばら") == ["000002", "スーパーひばら", "750", "500", "0", "1,250"]
    assert row(english, "SUPER HIBARA")[-4:] == ["750", "500", "0", "1,250"]
    assert row(japanese, "利用者の残高") == ["利用者の残高", "4,250", "0", "4,250"]
    assert row(japanese, "発行の合計") == ["発行の合計", "5,000", "500", "5,500"]
    assert row(japanese, "チャージ特典") == ["チャージ特典", "9,000,000", "500", "8,999,500"]
    assert "慧日寺前食堂" not in japanese


def test_the_report_of_a_day_that_is_over_shows_that_day_and_one_that_is_to_come_is_refused(
    busy: Office,
) -> None:
    before = busy.run("report", "--on", "2022-03-31")
    future = busy.run("report", "--on", "2022-09-30")

    assert row(before.stdout, "道の駅ばんだい") == ["道の駅ばんだい", "0", "0"]
    assert "2022年3月31日の終わり" in before.stdout
    assert "基準日の未使用残高" in before.stdout
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
    assert row(found.stdout, "(スーパーひばら)")[-2:] == ["1251", "1250"]
    assert busy.run("reconcile").exit_code == 0


def test_columns_stand_below_each_other_whatever_letters_are_in_them() -> None:
    lines = table(["店", "yen"], [["スーパーひばら", 1_250], ["A", 7], ["ｶﾅ", 30]])

    assert len({width(line) for line in lines}) == 1
    assert lines[1].endswith("1,250")
