"""Sentences in the person's language, and exit codes.

Japanese unless the locale is English. Results go to standard output, everything else to standard error.
"""

import json
import os
import sys
from contextlib import suppress

from coin.errors import (
    CoinError,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    Rejected,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)

DONE = 0
WRONG_USE = 2
OTHER = 9
NOT_SHOWN = 10  # something was done, and its answer could not be shown
INTERRUPTED = 130  # the shell's exit code for a program that Ctrl-C has ended
PIPE_CLOSED = 141  # the same for a program whose reader has gone
EXIT_NUMBERS: tuple[tuple[type[CoinError], int], ...] = (
    (InvalidInput, 3),
    (Rejected, 4),
    (Unauthorized, 5),
    (Forbidden, 5),
    (NotFound, 6),
    (Unavailable, 7),
    (TooManyRequests, 7),
    (Conflict, 8),
)


def is_english() -> bool:
    """Return whether the locale asks for English (LC_ALL, LC_MESSAGES, LANG, in this order), or the terminal has no
    Japanese letters."""
    if not _has_japanese():
        return True
    settings = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((value for value in settings if value), "ja").startswith("en")


def _has_japanese() -> bool:
    try:
        "あ".encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def say(ja: str, en: str) -> str:
    """Return the sentence in the person's language."""
    return en if is_english() else ja


def exit_number(error: CoinError) -> int:
    """Return the exit code of a command for this error."""
    return next((number for kind, number in EXIT_NUMBERS if isinstance(error, kind)), OTHER)


def refuse(error: CoinError, *, as_json: bool) -> None:
    """Print an error: one sentence with its stable code, or one JSON object."""
    field = harmless(error.field) if error.field is not None else None
    body = {"code": error.code, "field": field, "title": harmless(error.ja), "detail": harmless(error.en)}
    told = say(harmless(error.ja), harmless(error.en))
    text = json.dumps(body, ensure_ascii=False) if as_json else f"{told} [{error.code}]"
    say_aside(text + "\n")


def say_aside(text: str) -> None:
    """Write on standard error, if that works; what a command does never depends on it."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()


def harmless(text: str) -> str:
    """Return the text with control characters and changes of direction escaped, because the text of a file is not ours."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\u3000" else letter.encode("unicode_escape").decode()
        for letter in text
    )
