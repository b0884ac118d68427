"""What the wallet says to a resident, each sentence once in Japanese and once in English.

Any other test of the wallet asks for a code, an exit number, a field of `--json`, or a figure or a name in what is shown.
"""

from dataclasses import replace

import httpx
import pypdfium2
import pytest
from test_commands import STICKER, Resident

from bandai_client import Counterpart, Gateway, Movement
from coin.errors import CoinError
from tests.worlds.other_side import NOW_MS, TOWN
from wallet_cli.resident.camera import read_picture
from wallet_cli.resident.keystore import Keystore
from wallet_cli.resident.recovery import WordList, key_from_words, new_recovery_words
from wallet_cli.resident.sheet import Sheet
from wallet_cli.resident.wording import last_day, movement_lines

LANGUAGES = ("ja_JP.UTF-8", "en_US.UTF-8")
PASSWORD = "a good password"


@pytest.fixture(params=LANGUAGES)
def say(request, monkeypatch):
    """Choose, as the commands do, the sentence of the language in which they run now."""
    monkeypatch.setenv("LC_ALL", request.param)
    return lambda ja, en: ja if request.param.startswith("ja") else en


@pytest.fixture
def resident(line, tmp_path):
    return Resident(line, tmp_path / "wallet")


def test_paying(resident, say):
    resident.begin(coins=1_000)

    no = resident.run("pay", STICKER, "--amount", 300, typed="n\n")
    yes = resident.run("pay", STICKER, "--amount", 300, typed="y\n")

    assert say("商店1 に 300円 を支払いますか", "Pay 300 yen to 商店1") in no.output
    assert say("支払いをやめました。", "Not paid.") in no.output
    assert (
        say(
            "支払いました: 300円（コイン 200円、ポイント 100円）",
            "Paid: 300 yen (coins 200 yen, points 100 yen)",
        )
        in yes.stdout
    )
    assert say("お店: 商店1\n", "Shop: 商店1\n") in yes.stdout


def test_paying_a_sticker_without_an_amount(resident, say):
    resident.begin(coins=1_000)

    refused = resident.run("pay", STICKER, "--yes")

    assert "--amount 500" in refused.stderr
    assert say("このコードには金額がありません。", "This code has no amount") in refused.stderr


def test_a_history(say):
    shop, somebody = Counterpart("merchant", "000001", "商店1"), Counterpart("holder", "0x12", None)
    one = Movement("payment", -200, NOW_MS, (shop,), None, {})
    other = Movement("send", 1_000, NOW_MS, (somebody,), None, {})

    lines = list(movement_lines([one, other]))

    at = say("2022年7月22日 12:00", "2022-07-22 12:00")
    assert lines == [
        f"{at}  -200  {say('支払い  商店1（加盟店 000001）', 'payment  商店1 (shop 000001)')}",
        f"{at}  +1,000  {say('送金  相手 0x12', 'send  wallet 0x12')}",
    ]


def test_the_last_day_of_value(say):
    assert last_day(1_656_774_000) == say("2022年7月2日まで", "until 2022-07-02")  # 2022-07-03 00:00 in Japan


def test_restoring(resident, say):
    words = new_recovery_words(WordList.JAPANESE).split()
    typed = "\n".join([" ".join(words[:4]), "あいこくしよん", *words[4:], ""])

    done = resident.run("restore", "--gateway", resident.line.url, typed=typed)

    key = key_from_words(" ".join(words))
    assert done.stderr.startswith(say("打った言葉は画面に出ます。", "What you type is shown."))
    assert say(": 5番目の言葉は一覧にありません。", ": Word 5 is not in the list") in done.stderr
    assert say(": 12番目の言葉:", ": Word 12:") in done.stderr
    assert say(f"戻しました: {key}", f"Restored: {key}") in done.stdout


KNOWN_WORDS = "test test test test test test test test test test test junk"


@pytest.mark.parametrize(
    ("words", "ja", "en"),
    [
        ("", "復元の言葉は 12 語です（いま 0 語）。", "There are 12 recovery words, not 0;"),
        (
            "test " * 12,
            "言葉はどれも一覧にありますが、組み合わせが正しくありません。順番か、どれかの言葉が紙と違います。",
            "Each word is in the list, but together they are wrong:",
        ),
        (
            KNOWN_WORDS.replace("junk", "磐梯"),
            "一覧にない言葉があります: 12番目。",
            "Not in the list: word 12;",
        ),
        ("磐梯 " * 12, "どの言葉も一覧にありません。", "None of the words is in a list;"),
    ],
)
def test_words_that_are_wrong(words, ja, en):
    with pytest.raises(CoinError) as refusal:
        key_from_words(words)

    assert refusal.value.ja.startswith(ja)
    assert refusal.value.en.startswith(en)


def test_a_sheet(tmp_path, say):
    file = tmp_path / "words.pdf"

    Sheet("磐梯町", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", KNOWN_WORDS).write(file)

    text = pypdfium2.PdfDocument(file)[0].get_textpage().get_text_range()
    assert say("だれにも見せない", "Show it to nobody") in text


def test_a_wrong_password_and_a_key_that_is_not_there(tmp_path):
    path = tmp_path / "keys.json"
    store = Keystore.create(path, PASSWORD)

    with pytest.raises(CoinError) as wrong:
        Keystore.open(path, PASSWORD + "!")
    with pytest.raises(CoinError) as unknown:
        store.get("second")

    assert (wrong.value.ja, wrong.value.en) == ("パスワードが違います。", "The password is wrong.")
    assert (unknown.value.ja, unknown.value.en) == (
        "鍵のファイルに「second」の鍵がありません。",
        "The keystore has no key named second.",
    )


def test_where_no_wallet_is(resident, say):
    told = resident.run("address").stderr

    assert told.startswith(
        say(
            "ウォレットがまだありません。最初に bandai-wallet create を実行してください。",
            "There is no wallet yet; run bandai-wallet create first.",
        )
    )


def test_a_picture_without_a_code():
    with pytest.raises(CoinError) as refusal:
        read_picture(b"no picture")

    assert (
        refusal.value.ja
        == "QRコードを読み取れません。コードが大きく、まっすぐに写るように、もう一度写してください。"
    )
    assert (
        refusal.value.en == "The picture has no QR code that can be read; take it again, closer and straight."
    )


def test_a_gateway_that_is_not_there(side, wallet):
    side.lose_request = lambda _: True

    with pytest.raises(CoinError) as refusal:
        wallet.balance()

    assert refusal.value.ja.startswith("サーバーにつながりません。通信と URL（")
    assert refusal.value.en == "The gateway at http://town.test does not answer (ConnectError)."


def test_what_another_town_has_differently():
    other = replace(TOWN, receipt_key=bytes(20), domain=replace(TOWN.domain, verifying_contract=b"\x01" * 20))

    assert TOWN.differences(replace(TOWN, receipt_key=bytes(20))) == ("受領証の鍵", "receipts key")
    assert TOWN.differences(other) == ("コントラクト、受領証の鍵", "contract, receipts key")


def test_a_problem_of_the_gateway_is_said_in_its_own_words():
    problem = {"code": "some_code", "title": "金額が違います。", "detail": "Wrong amount."}
    transport = httpx.MockTransport(lambda _: httpx.Response(422, json=problem))
    gateway = Gateway("", client=httpx.Client(transport=transport, base_url="http://town.test"))

    with pytest.raises(CoinError) as told:
        gateway.get("/v1/x")

    assert (told.value.ja, told.value.en) == (problem["title"], problem["detail"])
