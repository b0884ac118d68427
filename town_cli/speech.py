"""How commands speak: Japanese unless the locale is English, or one JSON object with `--json`.

Answers go to standard output; progress and errors to standard error.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from coin.errors import CoinError
from town_cli.exits import exit_number


def is_english() -> bool:
    """Whether the locale asks for English (LC_ALL, LC_MESSAGES, LANG, in this order)."""
    settings = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((value for value in settings if value), "ja").startswith("en")


def answer(ja: str, en: str, values: Mapping[str, Any], *, as_json: bool) -> None:
    """Print what a command found or did."""
    if as_json:
        sys.stdout.write(json.dumps(dict(values), ensure_ascii=False) + "\n")
    else:
        sys.stdout.write((en if is_english() else ja) + "\n")


def progress(ja: str, en: str) -> None:
    """Say that something long is going on."""
    sys.stderr.write("… " + (en if is_english() else ja) + "\n")


@contextmanager
def errors_as_sentences(*, as_json: bool) -> Iterator[None]:
    """Turn a named error into its sentence (or JSON) and its exit number."""
    try:
        yield
    except CoinError as error:
        if as_json:
            body = {"code": error.code, "field": error.field, "title": error.ja, "detail": error.en}
            sys.stderr.write(json.dumps(body, ensure_ascii=False) + "\n")
        else:
            sys.stderr.write(f"{error.en if is_english() else error.ja} [{error.code}]\n")
        raise SystemExit(exit_number(error)) from error
