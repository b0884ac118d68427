"""What commands say, in the person's language, and the number with which they end.

Japanese unless the locale is English. Answers go to standard output; whatever else is said, to standard error.
"""

import json
import os
import sys

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
INTERRUPTED = 130  # the shell's own number for a program that Ctrl-C ended
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
    """Return whether the locale asks for English (LC_ALL, LC_MESSAGES, LANG, in this order)."""
    settings = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((value for value in settings if value), "ja").startswith("en")


def say(ja: str, en: str) -> str:
    """Choose the sentence."""
    return en if is_english() else ja


def exit_number(error: CoinError) -> int:
    """Return the number with which a command ends that met this error."""
    return next((number for kind, number in EXIT_NUMBERS if isinstance(error, kind)), OTHER)


def refuse(error: CoinError, *, as_json: bool) -> None:
    """Print what is wrong: one sentence with its stable code, or one JSON object."""
    field = harmless(error.field) if error.field is not None else None
    body = {"code": error.code, "field": field, "title": harmless(error.ja), "detail": harmless(error.en)}
    told = say(harmless(error.ja), harmless(error.en))
    text = json.dumps(body, ensure_ascii=False) if as_json else f"{told} [{error.code}]"
    sys.stderr.write(text + "\n")


def harmless(text: str) -> str:
    """Return the text with what a terminal would obey (a control character, a change of direction) written out: files come from elsewhere."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\u3000" else letter.encode("unicode_escape").decode()
        for letter in text
    )
