"""What the till says to a cashier, each sentence once in Japanese and once in English.

Any other test of the till asks for a code, an exit number, a field of `--json`, or a figure or a name in what is shown.
"""

import pytest
from test_till_commands import Cashier

from coin.errors import InvalidInput
from wallet_cli.till.commands.checkouts import say_that_the_line_is_cut
from wallet_cli.till.sales import Sale, sale_lines
from wallet_cli.till.waiting import read_checkout_id

ID = "01J9ZK5V6QWERTY0123456789A"
NOON_MS = 1_658_458_800_000  # 2022-07-22 12:00 in Japan


@pytest.fixture(params=["ja_JP.UTF-8", "en_US.UTF-8"])
def say(request, monkeypatch):
    """Choose, as the commands do, the sentence of the language in which they run now."""
    monkeypatch.setenv("LC_ALL", request.param)
    return lambda ja, en: ja if request.param.startswith("ja") else en


def test_a_day_at_the_counter(line, tmp_path, say):
    cashier = Cashier(line, tmp_path / "till")

    paired = cashier.run("pair", cashier.code("A").text, "--gateway", line.url).stdout
    customer = cashier.customer()
    paid = cashier.run("new", 1_250).stdout
    customer.join()
    opened = cashier.ask("new", 300, "--no-wait")[0]
    line.town.clock.advance_ms(603_000)
    lapsed = cashier.run("wait", opened["checkout"]).stdout

    assert paired.startswith(
        say(
            "この端末は「商店1」の「A」になりました。\n町の指紋: ",
            "This device is now till A of 商店1.\nThe town's fingerprint: ",
        )
    )
    assert say("\n商店1  お会計 1,250円  （", "\n商店1  1,250 yen  (until ") in paid
    assert say("\n支払い完了  1,250円  ", "\nPAID  1,250 yen  ") in paid
    assert lapsed == say("時間切れです。支払われていません。\n", "It has expired and was not paid.\n")


def test_the_last_sales(say):
    sales = [
        Sale(ID, 100, "A", NOON_MS, "paid", bytes(32), is_taken=True),
        Sale(ID, 200, "A", NOON_MS, "paid", bytes(32), is_taken=False),
        Sale(ID, 300, None, NOON_MS, "open"),
        Sale(ID, 400, "A", NOON_MS, "expired"),
        Sale(ID, 500, "A", NOON_MS, "receipt_wrong"),
    ]

    day, *lines = sale_lines(sales)

    assert day == say("2022年7月22日", "2022-07-22")
    assert lines == [
        f"12:00:00        100  {say('支払い済', 'paid     ')}  A  {ID}",
        f"12:00:00        200  {say('未確認　', 'NOT TAKEN')}  A  {ID}",
        f"12:00:00        300  {say('お待ち　', 'open     ')}  {say('ステッカー', 'sticker')}  {ID}",
        f"12:00:00        400  {say('時間切れ', 'expired  ')}  A  {ID}",
        f"12:00:00        500  {say('偽の受領証！', 'RECEIPT NOT REAL')}  A  {ID}",
    ]


def test_a_line_that_is_cut(capsys, say):
    say_that_the_line_is_cut()

    told = say("通信が切れました。つなぎ直しています…\n", "The connection is lost; trying again…\n")
    assert capsys.readouterr().err == told


def test_what_is_no_id_of_a_checkout():
    with pytest.raises(InvalidInput) as refusal:
        read_checkout_id("zzz")

    assert refusal.value.ja == "お会計の番号は英数字26文字です。bandai-till recent で確かめてください。"
    assert refusal.value.en == "The id of a checkout has 26 letters and digits; bandai-till recent shows it."
