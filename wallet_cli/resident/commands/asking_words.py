"""Asks for recovery words. They are shown while they are typed, because nobody can check twelve hidden words.

The sheet lies beside the screen anyway. A warning comes first: nobody else may see the screen.
"""

import sys

import typer

from coin.console import say
from coin.console.asking import no_terminal
from wallet_cli.common.commands.options import ask
from wallet_cli.resident.recovery import WORD_COUNT, split_words, unlisted_places


def ask_words(*, file_variable: str) -> str:
    """Ask for each word by its number on the sheet, and again for a word that is in no list. All words may be typed in one
    line.

    Raises:  InvalidInput (terminal_missing), if there is no terminal; typer.Abort after Ctrl-C.
    """
    typer.echo(
        say(
            "打った言葉は画面に出ます。ほかの人が画面を見ていないか、確かめてください。",
            "What you type is shown. See that nobody else looks at the screen.",
        ),
        err=True,
    )
    words: list[str] = []
    while len(words) < WORD_COUNT:
        words += split_words(_ask(len(words) + 1, file_variable))
        if places := unlisted_places(words):
            words = words[: places[0] - 1]
            typer.echo(
                say(
                    f"{places[0]}番目の言葉は一覧にありません。紙を見て、もう一度打ってください。",
                    f"Word {places[0]} is not in the list; look at the sheet and type it again.",
                ),
                err=True,
            )
    return " ".join(words)


def _ask(place: int, file_variable: str) -> str:
    hint = (
        say(
            "（全部を続けて打ってもかまいません。12語より多い紙は、続けて打ちます）",
            " (or all in one line, as more than 12 must be)",
        )
        if place == 1
        else ""
    )
    try:
        return ask(say(f"{place}番目の言葉{hint}", f"Word {place}{hint}"))
    except typer.Abort:
        if sys.stdin.isatty():
            raise
        raise no_terminal(file_variable) from None
