"""What the commands say: Japanese, or English where the locale says so; amounts, dates, and how a command ends."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from coin import clock
from coin.console import say, written
from coin.console.asking import ask_secret
from coin.console.groups import ending
from coin.errors import InvalidInput

EXITS = (
    "終了コード: 0 完了、1 支払われなかった、2 使い方、3 入力、4 支払いの拒否、"
    "5 パスワード・権限、6 見つからない、7 通信、8 すでにある、9 その他",
    "Exit codes: 0 done, 1 not paid, 2 usage, 3 input, 4 refused by a rule, "
    "5 password or right, 6 not found, 7 no answer, 8 there already, 9 other",
)
NOT_PAID = 1
MOVEMENTS = {
    "top_up": ("チャージ", "charge"),
    "payment": ("支払い", "payment"),
    "send": ("送付", "send"),
    "expiry": ("失効", "expiry"),
    "other": ("その他", "other"),
}
COUNTERPARTS = {
    "merchant": ("加盟店", "shop"),
    "cash": ("窓口", "channel"),
    "point_expense": ("特典", "bonus"),
    "holder": ("相手", "wallet"),
}
KINDS = {"coin": ("コイン", "coins"), "point": ("ポイント", "points")}


JsonOption = Annotated[bool, typer.Option("--json", help=say("プログラム向けの出力", "output for programs"))]


def closing(*examples: str) -> str:
    """What every help ends with: examples, and what the exit numbers mean."""
    return ending(EXITS, *examples)


def show(as_json: bool, answer: Mapping[str, Any], lines: Sequence[str]) -> None:
    """Print what a command found or did, and do not keep it waiting in a buffer."""
    typer.echo(json.dumps(dict(answer), ensure_ascii=False) if as_json else "\n".join(lines))


def ask(question: str) -> str:
    """Ask the person; on standard error, since standard output is the answer's alone, which a program may read."""
    return str(typer.prompt(question, err=True))


def agrees(question: str) -> bool:
    """Ask for a yes, on standard error; anything else is a no."""
    given = typer.prompt(f"{question} [y/N]", default="", show_default=False, err=True)
    return str(given).strip().lower() in ("y", "yes", "はい", "ｙ")


def secret(variable: str, question: str, *, twice: bool = False) -> str:
    """Give what `given_secret` gives, or ask.

    Raises: InvalidInput (secret_file_unreadable); as `ask_secret`.
    """
    given = given_secret(variable)
    return ask_secret(question, file_variable=f"{variable}_FILE", twice=twice) if given is None else given


def given_secret(variable: str) -> str | None:
    """Give what a variable holds, or the file that `<variable>_FILE` names, or None if neither is set.

    Never an option: every user of a machine can read the words of a command.
    Raises: InvalidInput (secret_file_unreadable).
    """
    if given := os.environ.get(variable):
        return given
    file = os.environ.get(f"{variable}_FILE")
    if not file:
        return None
    try:
        return Path(file).read_text("utf-8").rstrip("\r\n")
    except (OSError, ValueError):
        raise InvalidInput(
            f"{variable}_FILE のファイルが読めません: {file}",
            f"The file of {variable}_FILE cannot be read: {file}",
            field=f"{variable}_FILE",
            code="secret_file_unreadable",
        ) from None


def yen(amount_yen: int) -> str:
    """Write an amount for people."""
    return say(f"{amount_yen:,}円", f"{amount_yen:,} yen")


def last_day(expiry_s: int) -> str:
    """Write the last day on which value can be used; it ends at the midnight after."""
    day = written(clock.last_day(expiry_s))
    return say(f"{day}まで", f"until {day}")


def movement_name(what: str) -> str:
    """Name a movement of a history."""
    ja, en = MOVEMENTS.get(what, (what, what))
    return say(ja, en)


def counterpart_name(kind: str, reference: str, name: str | None = None) -> str:
    """Name who stood on the other side of a movement; a name is the gateway's word, and its number stays beside it."""
    ja, en = COUNTERPARTS.get(kind, ("", ""))
    numbered = f"{say(ja, en)} {reference}".strip()
    return say(f"{name}（{numbered}）", f"{name} ({numbered})") if name else numbered


def kind_name(kind: str) -> str:
    """Name a kind of value."""
    ja, en = KINDS.get(kind, (kind, kind))
    return say(ja, en)
