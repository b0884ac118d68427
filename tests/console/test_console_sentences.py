"""What the commands of all three programs say in the same words, each sentence once in Japanese and once in English.

Any other test asks for the code in brackets, the number at the end, or the word that the person typed.
"""

import errno
import io
import sys
from datetime import date

import pytest
import typer
from typer.testing import CliRunner

from coin.clock import jst_datetime
from coin.console import written, written_in_both
from coin.console.asking import ask
from coin.console.output import keep_talking
from coin.console.places import unusable_place
from town_cli.main import app as town
from wallet_cli.resident.main import app as wallet
from wallet_cli.till.main import app as till

JA, EN = "ja_JP.UTF-8", "en_US.UTF-8"
MOMENT_MS = 1_658_451_900_000  # 2022-07-22 10:05 in Japan
WRONG_USE = (
    (town, "tills create", "「加盟店番号」がありません。", "Missing argument 'merchant'."),
    (wallet, "create", "「--gateway」がありません。", "Missing option '--gateway'."),
    (till, "new five", "「金額」の値が正しくありません。1 以上の整数で", "Invalid value for 'amount'"),
    (
        till,
        "recent --minutes 90",
        "「--minutes」の値が正しくありません。1 以上 60 以下の整数で",
        "Invalid value for '--minutes'",
    ),
    (
        wallet,
        "create --gateway https://x.example --words latin",
        "「--words」の値が正しくありません。japanese、english のどれかです。",
        "Invalid value for '--words'",
    ),
    (town, "report --zip", "--zip という指定はありません。", "No such option: --zip."),
    (till, "new -5", "-5 のようなマイナスの数は使えません。", "No such option: -5."),
    (wallet, "blance", "使い方が違います。「blance」という命令はありません。", "No such command 'blance'."),
)


def told(app: typer.Typer, typed: str, language: str) -> str:
    return CliRunner().invoke(app, typed.split(), env={"LC_ALL": language}).output


@pytest.mark.parametrize(("app", "typed", "ja", "en"), WRONG_USE, ids=lambda item: str(item)[:20])
def test_wrong_use(app: typer.Typer, typed: str, ja: str, en: str) -> None:
    assert told(app, typed, JA).startswith(ja)
    assert told(app, typed, EN).startswith(en)


@pytest.mark.parametrize(
    ("language", "usage", "option"),
    [(JA, "使い方: ", "この説明を表示します。"), (EN, "Usage: ", "Show this message and exit.")],
)
def test_the_frame_of_a_help(language: str, usage: str, option: str) -> None:
    shown = told(town, "tills create --help", language)

    assert shown.startswith(usage)
    assert option in shown


def test_a_full_disk() -> None:
    full = unusable_place(OSError(errno.ENOSPC, "No space left"))

    assert full is not None
    assert full.ja == "書き込めません: ディスクがいっぱいです。空きを作ってください。"
    assert full.en == "Nothing can be written: the disk is full. Make room first."


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [(JA, "2022年7月2日", "2022年7月22日 10:05"), (EN, "2022-07-02", "2022-07-22 10:05")],
)
def test_a_day_and_a_moment(monkeypatch: pytest.MonkeyPatch, language: str, day: str, moment: str) -> None:
    monkeypatch.setenv("LC_ALL", language)

    assert written(date(2022, 7, 2)) == day
    assert written(jst_datetime(MOMENT_MS)) == moment
    assert day in written_in_both(date(2022, 7, 2))


def test_typed_bytes_that_are_no_letters_are_read_as_a_letter_that_fits_nowhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\x83\x8f\n"), "utf-8"))

    keep_talking()

    assert ask("?") == "\ufffd\ufffd"


@pytest.mark.parametrize(("app", "typed"), [(wallet, "address"), (till, "recent")])
def test_the_folder_of_nobody_is_one_that_is_not_there(app: typer.Typer, typed: str) -> None:
    ended = CliRunner().invoke(app, [typed, "--home", "~nobody-has-this-name/here"], env={"LC_ALL": JA})

    assert ended.exit_code == 6, ended.output
    assert "_missing]" in ended.output
