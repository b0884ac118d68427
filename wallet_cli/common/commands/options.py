"""Options, questions and answers that the commands of wallet and till share."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from bandai_client import gateway_url
from coin.console import say
from coin.console.asking import agrees, ask, ask_secret
from coin.console.groups import ending
from coin.console.output import answer as show_answer
from wallet_cli.common.given import given_secret

__all__ = [
    "EXITS",
    "NOT_PAID",
    "GatewayOption",
    "JsonOption",
    "YesOption",
    "agrees",
    "ask",
    "closing",
    "secret",
    "show",
]

EXITS = (
    "終了コード: 0 完了、1 支払われなかった、2 使い方、3 入力、4 支払いの拒否、"
    "5 パスワード・権限、6 見つからない、7 通信、8 すでにある、9 その他、10 済んだが表示できない",
    "Exit codes: 0 done, 1 not paid, 2 usage, 3 input, 4 refused by a rule, "
    "5 password or right, 6 not found, 7 no answer, 8 there already, 9 other, 10 done but not shown",
)
NOT_PAID = 1

JsonOption = Annotated[bool, typer.Option("--json", help=say("プログラム向けの出力", "output for programs"))]
YesOption = Annotated[bool, typer.Option("--yes", help=say("確認しない", "do not ask"))]
GatewayOption = Annotated[
    str, typer.Option("--gateway", parser=gateway_url, help=say("町のサーバーの URL", "the town's gateway"))
]
FingerprintOption = Annotated[
    str | None,
    typer.Option(
        help=say(
            "町の指紋。ステッカーや町の紙のとおりに", "the town's fingerprint, as a sticker or a sheet has it"
        )
    ),
]


def closing(*examples: str) -> str:
    """Return the end of a command's help: examples, and the meaning of the exit codes."""
    return ending(EXITS, *examples)


def show(as_json: bool, answer: Mapping[str, Any], lines: Sequence[str]) -> None:
    """Print the result of a command, without buffering. Raises: as `write`."""
    text = "\n".join(lines)
    show_answer(text, text, answer, as_json=as_json)


def secret(variable: str, question: str, *, twice: bool = False) -> str:
    """Return the secret from `given_secret`, or ask for it.

    Raises:  as `given_secret` and `ask_secret`.
    """
    given = given_secret(variable)
    return ask_secret(question, file_variable=f"{variable}_FILE", twice=twice) if given is None else given
