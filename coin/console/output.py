"""How commands answer: in the person's language, or one JSON object with `--json`; what takes long says how far it is.

Answers go to standard output; progress to standard error.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from coin.console.speech import say

Item = TypeVar("Item")


def answer(ja: str, en: str, values: Mapping[str, Any], *, as_json: bool) -> None:
    """Print what a command found or did."""
    sys.stdout.write((json.dumps(dict(values), ensure_ascii=False) if as_json else say(ja, en)) + "\n")
    sys.stdout.flush()


def progress(ja: str, en: str) -> None:
    """Say that something long is going on."""
    sys.stderr.write(f"… {say(ja, en)}\n")
    sys.stderr.flush()


def counted(items: Iterable[Item], ja: str, en: str) -> Iterator[Item]:
    """Hand out the items of a long job and say which one it is: on one line of a terminal, else first and last."""
    everything = list(items)
    is_terminal = sys.stderr.isatty()
    for number, item in enumerate(everything, 1):
        if is_terminal or number in (1, len(everything)):
            start, end = ("\r", "") if is_terminal else ("", "\n")
            sys.stderr.write(f"{start}… {say(ja, en)} {number}/{len(everything)}{end}")
            sys.stderr.flush()
        yield item
    if is_terminal and everything:
        sys.stderr.write("\n")
