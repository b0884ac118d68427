"""Numbers as people type them."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

_WHOLE = re.compile(r"[¥\\]?([0-9]{1,18}|[0-9]{1,3}(?:,[0-9]{3}){1,5}) ?円?", re.ASCII)


def whole_number(least: int = 0) -> Callable[[Any], int]:
    """Return a parser for numbers as people type them, also in full width, with commas or with 円: for `parser=` of an
    argument."""

    def read(typed: Any) -> int:
        found = _WHOLE.fullmatch(unicodedata.normalize("NFKC", str(typed)).strip())
        number = int(found[1].replace(",", "")) if found else -1
        if number < least:
            raise ValueError(f"a whole number of {least} or more is needed")
        return number

    return read
