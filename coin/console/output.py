"""The output of commands: text in the person's language, or one JSON object with `--json`, and progress of long jobs.

Results go to standard output, progress to standard error.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from coin.console.speech import say

Item = TypeVar("Item")


def answer(ja: str, en: str, values: Mapping[str, Any], *, as_json: bool) -> None:
    """Print the result of a command."""
    sys.stdout.write((json.dumps(dict(values), ensure_ascii=False) if as_json else say(ja, en)) + "\n")
    sys.stdout.flush()


def progress(ja: str, en: str) -> None:
    """Print a progress message."""
    sys.stderr.write(f"… {say(ja, en)}\n")
    sys.stderr.flush()


def counted(items: Iterable[Item], ja: str, en: str) -> Iterator[Item]:
    """Yield the items of a long job and print the progress: on a terminal in one line, else for the first and the last
    item."""
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
