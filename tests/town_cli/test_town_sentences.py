"""What `bandai-town` says to a clerk, each sentence once in Japanese and once in English.

Any other test of the commands asks for a code, an exit number, a field of `--json`, or a figure or a name in what is shown.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from office import Office
from typer.testing import Result

from coin.clock import FileClock, move_clock_to
from coin.errors import CoinError
from coin.registry import wallets
from town_cli.server.lock import lock_to_serve

LANGUAGES = ("ja_JP.UTF-8", "en_US.UTF-8")
Say = Callable[[str, str], str]
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def town(patient: Office, example: Path) -> Office:
    """Forty shops and nothing that waits."""
    assert patient.run("merchants", "import", str(example / "merchants.csv")).exit_code == 0
    assert patient.run("settle", "--now").exit_code == 0
    return patient


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def say(language: str) -> Say:
    return lambda ja, en: ja if language.startswith("ja") else en


@pytest.fixture
def run(town: Office, language: str) -> Run:
    return lambda *words: town.run(*words, language=language)


@pytest.fixture
def wallet(town: Office, language: str) -> str:
    address = language[:2].encode() * 10
    with town.home.open() as home, home.books() as books:
        wallets.register(books, address)
    return "0x" + address.hex()


def test_charging_settling_and_reconciling(run: Run, say: Say, wallet: str) -> None:
    run("settle", "--now")

    charged = run("charge", wallet, "5000", "--channel", "michinoeki", "--yes").stdout
    before = run("reconcile").stdout
    settled = run("settle", "--now").stdout
    nothing = run("settle").stdout
    after = run("reconcile").stdout

    assert charged.startswith(
        say("道の駅ばんだい: 5,000 円をチャージしました", "Roadside Station Bandai: charged 5,000 yen")
    )
    assert say("2023年3月31日まで", "until 2023-03-31") in charged
    assert before.startswith(say("差異 0 件、未了 1 件", "differences 0, open items 1"))
    assert say(": チェーンに未記録（bandai-town settle --now で記録）\n", ": not settled yet") in before
    assert say("1 束を締め、1 束がチェーンで確定しました。", "Sealed 1 batches; 1 were confirmed;") in settled
    assert nothing.startswith(say("記録するものはありません。", "Nothing is due;"))
    assert after.startswith(say("差異 0 件、未了 0 件", "differences 0, open items 0"))


def test_a_charge_that_is_refused(town: Office, run: Run, say: Say, wallet: str, language: str) -> None:
    slip = ("--channel", "shokokai", "--reference", language)
    run("charge", wallet, "1000", *slip)

    again = run("charge", wallet, "1000", *slip).stderr
    odd = run("charge", wallet, "1001", "--channel", "shokokai").stderr
    now_ms = FileClock(town.folder / "clock.json").now_ms()
    move_clock_to(town.folder / "clock.json", now_ms - 3 * 86_400_000)
    early = run("charge", wallet, "1000", "--channel", "shokokai").stderr
    move_clock_to(town.folder / "clock.json", now_ms)

    assert (
        say(
            f"伝票番号「{language}」のチャージは、この窓口でもう済んでいます。",
            "was charged at this channel before;",
        )
        in again
    )
    assert say("今回は何も入っていません。", "nothing was charged now.") in again
    assert say("チャージは 1,000 円単位、", "charges: steps of 1,000 yen,") in odd
    assert early.startswith(
        say(
            "チャージできるのは2022年7月22日から2023年3月31日までです。",
            "Charging is open from 2022-07-22 until 2023-03-31.",
        )
    )


def test_a_report(run: Run, say: Say) -> None:
    today = run("report").stdout
    base_date = run("report", "--on", "2022-03-31").stdout

    assert say("\n  利用者の残高 ", "\n  held by people ") in today
    assert say("\n  発行の合計 ", "\n  issued ") in today
    assert say("2022年3月31日の終わり。", "2022-03-31 at the end of the day;") in base_date
    assert say("基準日の未使用残高（コインだけ。", "Unused on the base date (coins only,") in base_date


def test_a_town_in_order(run: Run, say: Say) -> None:
    run("settle", "--now")

    *lines, end = run("doctor").stdout.splitlines()

    assert {line[:6].strip() for line in lines} == {say("[ 良 ]", "[ ok ]")}
    assert end.startswith(
        say(
            "問題はありません。ただし、この機械で bandai-town serve は動いていません。",
            "No problems. But bandai-town serve is not running on this machine:",
        )
    )


def test_tills_and_staff(run: Run, say: Say, language: str) -> None:
    made = run("tills", "create", "4", language).stdout
    shown = run("tills", "list").stdout
    run("staff", "create", language)
    again = run("staff", "create", language).stderr

    assert say("(15分以内に1回だけ使えます)", "(good once, within 15 minutes)") in made
    waits = say(r"端末なし  番号は \d\d:\d\d まで", r"no device  a code until \d\d:\d\d")
    assert re.search(rf"^000004  {language}  {waits}$", shown, re.MULTILINE)
    assert again.startswith(
        say(f"「{language}」の合言葉はもうあります。", f"There is a credential for {language} already.")
    )


def test_what_cannot_stand_in_a_rules_file(tmp_path: Path, run: Run, say: Say) -> None:
    file = tmp_path / "program.toml"

    code = run("init", str(file), "--code", "123").stderr
    romaji = run("init", str(file), "--romaji", "A NAME THAT IS TOO LONG").stderr
    name = run("init", str(file), "--name", "").stderr
    quoted = run("init", str(file), "--name", 'a"\nis_demo = true').stderr

    assert code.startswith(
        say(
            "--code: 全国地方公共団体コードを6桁の数字で書いてください。",
            "--code must be a local government code of six digits.",
        )
    )
    assert romaji.startswith(
        say("--romaji: 15文字以内で書いてください", "--romaji must have at most 15 characters")
    )
    assert name.startswith(say("--name: 空にはできません。", "--name must not be empty."))
    assert quoted.startswith(
        say("名前に引用符や制御文字は使えません。", "A name must not contain quotation marks")
    )


def test_a_wrong_line_of_a_rules_file(tmp_path: Path, run: Run, say: Say) -> None:
    file = tmp_path / "program.toml"
    run("init", str(file), "--demo")
    text = re.sub("(?m)^lifetime_s = .*$", "lifetime_s = 0", file.read_text("utf-8"))
    file.write_text(text, "utf-8")
    line = text.splitlines().index("lifetime_s = 0") + 1

    told = run("deploy", str(file)).stderr

    assert (
        say(
            f"program.toml {line}行目「checkout.lifetime_s」: 1 から 43,200 までの整数",
            f"program.toml line {line}, checkout.lifetime_s: must be an integer",
        )
        in told
    )


def test_a_passphrase_that_is_soon_guessed(tmp_path: Path, say: Say, language: str) -> None:
    rules = str(tmp_path / "program.toml")
    Office(tmp_path).run("init", rules, "--demo")

    told = Office(tmp_path).run("deploy", rules, passphrase="x", language=language).stderr

    assert told.startswith(
        say(
            "新しいパスフレーズは 8 文字以上にしてください。", "A new passphrase needs at least 8 characters."
        )
    )


def test_a_town_that_is_served_already(tmp_path: Path) -> None:
    with lock_to_serve(tmp_path) as serving:
        serving.announce_serving()
        with pytest.raises(CoinError) as refusal, lock_to_serve(tmp_path):
            pass

    assert refusal.value.ja.startswith("この町はもう動いています（プロセス ")
    assert refusal.value.en.startswith("This town is running already (process ")
