"""Asks a person, and for secrets: never on standard output, and never where the typed text would be visible."""

import getpass
import sys
import unicodedata
import warnings

import typer

from coin.console.speech import say, say_aside
from coin.errors import InvalidInput


def ask(question: str) -> str:
    """Ask a question on standard error, because standard output is for the result, which a program may read."""
    while True:
        if given := _line(question):
            return given


def agrees(question: str) -> bool:
    """Ask for a confirmation on standard error; anything but yes means no."""
    return unicodedata.normalize("NFKC", _line(f"{question} [y/N]")).lower() in ("y", "yes", "はい")


def _line(question: str) -> str:
    """Return the line that was typed. typer's own prompt writes a blank on standard output, which may be full or a file.

    Raises:  typer.Abort, if nobody is there.
    """
    say_aside(f"{question}: ")
    line = sys.stdin.readline() if sys.stdin is not None else ""
    if not line:
        raise typer.Abort
    return line.strip()


def ask_secret(question: str, *, file_variable: str, twice: bool = False) -> str:
    """Ask for a secret without showing it; on standard error, because standard output is for the result.

    Raises:  InvalidInput (answers_differ), if the two answers differ; InvalidInput (terminal_missing), if there is no
             terminal: programs name a file with the secret in the variable `file_variable`.
    """
    given = _hidden(question, file_variable)
    if twice and _hidden(say("確認のため、もう一度", "Once more"), file_variable) != given:
        raise InvalidInput(
            "2回の入力が違います。もう一度やり直してください。",
            "The two entries differ; please start again.",
            code="answers_differ",
        )
    return given


def _hidden(question: str, file_variable: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)  # it would show the typed text
        try:
            return str(typer.prompt(question, hide_input=True, err=True))
        except getpass.GetPassWarning:
            sys.stderr.write("\n")
            raise no_terminal(file_variable) from None


def no_terminal(file_variable: str) -> InvalidInput:
    """Return the error for a question without a terminal; it says how a program names a file with the answer."""
    return InvalidInput(
        f"尋ねる端末がありません。人のいない機械では、環境変数 {file_variable} に、答えを書いたファイルの場所を入れてください。",
        f"There is no terminal for questions; name a file with the answer in {file_variable}.",
        field=file_variable,
        code="terminal_missing",
    )
