"""What the wallet and the till say to somebody who errs for the first time: what was wrong, and what to do next."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from bandai_client import Gateway, Till, gateway_url
from coin.console import written
from coin.errors import InvalidInput, Unavailable
from coin.qr import picture
from wallet_cli.resident import main
from wallet_cli.till import main as till_main
from wallet_cli.till.sales import Sale, sale_lines
from wallet_cli.till.waiting import read_checkout_id

PASSWORD = "a good password"


def run(app, *words, **environment):
    settings = {"LC_ALL": "ja_JP.UTF-8", "BANDAI_WALLET_PASSWORD": PASSWORD, **environment}
    return CliRunner().invoke(app, list(map(str, words)), env=settings)


@pytest.fixture
def home(line, tmp_path):
    """A wallet's folder, not registered yet."""
    place = tmp_path / "wallet"
    made = run(main.app, "create", "--gateway", line.url, "--home", place)
    assert made.exit_code == 0, made.output
    return place


@pytest.mark.parametrize("typed", ["coin.example.jp", "", "http://", "ftp://coin.example.jp", "町"])
def test_what_is_no_url_is_not_called_a_server_that_is_away(typed, tmp_path):
    for app, words in ((main.app, ["create"]), (till_main.app, ["pair", "7Q4M-V0XH-2KTB"])):
        told = run(app, *words, "--gateway", typed, "--home", tmp_path)

        assert told.exit_code == 3
        assert "https://coin.example.jp" in told.stderr
        assert "[gateway_url_malformed]" in told.stderr


def test_an_address_is_the_same_however_a_keyboard_capitalises_it():
    assert gateway_url("Https://Coin.Example.jp/") == "https://coin.example.jp"


@pytest.mark.parametrize(
    "url", ["https://hana:hidden@coin.example.jp", "https://coin.example.jp?hidden", "https://a.jp#hidden"]
)
def test_an_address_with_more_than_a_place_is_refused_and_not_repeated(home, url):
    told = run(main.app, "create", "--gateway", url, "--home", home)

    assert "[gateway_url_malformed]" in told.stderr
    assert "hidden" not in told.stderr


def test_a_slash_at_the_end_names_the_same_gateway(line, home):
    assert gateway_url(" https://coin.example.jp/ ") == "https://coin.example.jp"
    again = run(main.app, "create", "--gateway", line.url + "/", "--home", home, "--key", "second")

    assert again.exit_code == 0, again.output


def test_a_server_that_is_away_is_named_without_what_stands_before_its_name():
    with (
        Gateway("http://hana:hidden@127.0.0.1:9", waits_s=()) as gateway,
        pytest.raises(Unavailable, match=r"http://127\.0\.0\.1:9") as refusal,
    ):
        gateway.get("/v1/municipality")

    assert "hidden" not in str(refusal.value)


def test_a_short_password_leaves_no_folder_behind(line, tmp_path):
    place = tmp_path / "wallet"

    told = run(main.app, "create", "--gateway", line.url, "--home", place, BANDAI_WALLET_PASSWORD="short")

    assert told.exit_code == 3
    assert not place.exists()


def test_create_says_what_comes_next_and_so_does_a_wallet_that_nobody_knows(line, home, tmp_path):
    made = run(main.app, "create", "--gateway", line.url, "--home", tmp_path / "other")
    unknown = run(main.app, "balance", "--home", home)

    assert "bandai-wallet register" in made.stdout
    assert unknown.exit_code == 6
    assert "bandai-wallet register" in unknown.stderr
    assert "[wallet_unknown]" in unknown.stderr


def test_a_wrong_password_is_one_sentence(home):
    told = run(main.app, "balance", "--home", home, BANDAI_WALLET_PASSWORD="another one")

    assert told.exit_code == 5
    assert told.stderr.endswith("[passphrase_wrong]\n")
    assert told.stderr.count("\n") == 1


def test_where_no_wallet_is_address_says_so_as_every_command_does(tmp_path):
    assert "[wallet_missing]" in run(main.app, "address", "--home", tmp_path).stderr


@pytest.mark.parametrize(
    "content",
    [{"receipt": 5}, {"receipt": None}, {}, {"receipt": {"amount": 1}}, {"receipt": {"merchant": "0x12"}}],
)
def test_a_file_that_is_no_receipt_is_called_that(content, home, tmp_path):
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(content), encoding="utf-8")

    told = run(main.app, "receipt", file, "--home", home)

    assert told.exit_code == 3
    assert str(file) in told.stderr
    assert "[file_malformed]" in told.stderr


def test_a_picture_that_is_not_there_is_named(home):
    told = run(main.app, "pay", "chekout.png", "--home", home)

    assert "「chekout.png」" in told.stderr
    assert "[qr_unreadable]" in told.stderr


def test_who_was_paid_stands_beside_how_much(line, home, tmp_path):
    run(main.app, "register", "--home", home)
    address = json.loads(run(main.app, "address", "--home", home, "--json").stdout)["main"]
    line.town.register("hana")
    line.town.charge("hana", 1_000)
    line.wallet("hana").send(bytes.fromhex(address[2:]), 1_000)
    photo = tmp_path / "photo.png"
    photo.write_bytes(picture.png(Till(line.gateway, line.credential).open_checkout(300).qr_text))

    paid = run(main.app, "pay", photo, "--yes", "--home", home)

    assert "300" in paid.stdout
    assert "商店1" in paid.stdout


def test_the_last_minutes_around_midnight_stand_under_two_days(monkeypatch):
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    midnight_ms = 1_658_847_600_000  # 2022-07-27 00:00 in Japan
    sales = [
        Sale("01J9ZK5V6QWERTY0123456789A", 300, "レジ1", at_ms, "open")
        for at_ms in (midnight_ms + 1_000, midnight_ms - 1_000)
    ]

    lines = [line.split()[0] for line in sale_lines(sales)]

    days = [written(date(2022, 7, day)) for day in (27, 26)]
    assert lines == [days[0], "00:00:01", days[1], "23:59:59"]


@pytest.mark.parametrize("typed", ["", "zzz", "../../municipality", "お会計"])
def test_what_is_no_id_of_a_checkout_is_refused_before_anybody_is_asked(typed):
    with pytest.raises(InvalidInput, match="26") as refusal:
        read_checkout_id(typed)

    assert refusal.value.code == "checkout_id_malformed"


def test_the_id_of_a_checkout_may_be_in_full_width_or_small():
    assert read_checkout_id(" 01j9zk5v6q－ＷＥＲＴＹ0123456789a") == "01J9ZK5V6QWERTY0123456789A"
