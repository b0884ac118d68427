"""The output of commands: text in the person's language, or one JSON object with `--json`, and progress of long jobs.

Results go to standard output, progress to standard error.
"""

import errno
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from coin.console.deeds import OutputLost, shown
from coin.console.speech import say, say_aside
from coin.errors import InvalidInput

Item = TypeVar("Item")


def answer(ja: str, en: str, values: Mapping[str, Any], *, as_json: bool) -> None:
    """Print the result of a command. Raises: as `write`."""
    write(_json(values) if as_json else say(ja, en))


def write(text: str) -> None:
    """Print a line of the result; when it is written, everything done so far counts as shown.

    Raises:  OutputLost, if standard output is closed, full or gone.
    """
    try:
        _print(text)
    except (OSError, ValueError) as error:
        _give_up_output()
        raise OutputLost(error) from None
    shown()


@contextmanager
def secret_first(*, as_json: bool) -> Iterator[Callable[[str, str, Mapping[str, Any]], None]]:
    """Yield a function that shows a secret inside the transaction that makes it: a secret that nobody has seen is not made.

    If the transaction fails after that, say that what was shown is void.
    """
    is_shown = False

    def show(ja: str, en: str, values: Mapping[str, Any]) -> None:
        nonlocal is_shown
        answer(ja, en, values, as_json=as_json)
        is_shown = True

    try:
        yield show
    except BaseException:
        if is_shown:
            progress(
                "表示したものは使えません。何も作られていません", "what was shown is void; nothing was made"
            )
        raise


def _print(text: str) -> None:
    if sys.stdout is None:  # closed before the program began
        raise OSError(errno.EBADF, "closed")
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def demand_showable(text: str) -> None:
    """Check that this terminal has the letters of a text that is shown only once.

    Raises:  InvalidInput (`letters_missing`).
    """
    if not _has_letters(text):
        raise InvalidInput(
            "この端末には日本語の文字が出ません。LANG=ja_JP.UTF-8 にするか、ファイルに書く指定を使ってください。",
            "This terminal has no Japanese letters; set LANG=ja_JP.UTF-8, or have it written to a file.",
            field="output",
            code="letters_missing",
        )


def keep_talking() -> None:
    """Let no letter stop a program: one that a terminal does not have is shown as its number, and typed bytes that are no
    letters are read as a letter that fits nowhere."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        with suppress(io.UnsupportedOperation):  # somebody has begun to read it
            sys.stdin.reconfigure(errors="replace")


def progress(ja: str, en: str) -> None:
    """Print a progress message."""
    say_aside(f"… {say(ja, en)}\n")


def counted(items: Iterable[Item], ja: str, en: str) -> Iterator[Item]:
    """Yield the items of a long job and print the progress: on a terminal in one line, else for the first and the last
    item."""
    everything = list(items)
    is_terminal = sys.stderr is not None and sys.stderr.isatty()
    for number, item in enumerate(everything, 1):
        if is_terminal or number in (1, len(everything)):
            start, end = ("\r", "") if is_terminal else ("", "\n")
            say_aside(f"{start}… {say(ja, en)} {number}/{len(everything)}{end}")
        yield item
    if is_terminal and everything:
        say_aside("\n")


def _json(values: Mapping[str, Any]) -> str:
    text = json.dumps(dict(values), ensure_ascii=False)
    return text if _has_letters(text) else json.dumps(dict(values))


def _has_letters(text: str) -> bool:
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _give_up_output() -> None:
    """Point standard output nowhere: the interpreter writes what is left at its end, and would fail there again."""
    with suppress(AttributeError, OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
