"""Reads and parses files that people give, and text that others wrote.

Decides that whatever stands in it, the answer is a value or an error that its caller can name: Python's parsers run out of
recursion on deep nesting (or out of the machine's stack, after a library has raised the limit of recursion), and refuse a
number of more than 4,300 digits with an error of another kind.
"""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from coin.errors import InvalidInput

MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 100
_NEVER_TOO_DEEP = 500  # brackets, however they are nested
_SIGNS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+|[\[\]{}]', re.DOTALL)


def read_file(path: Path, most_bytes: int = MAX_FILE_BYTES) -> bytes:
    """Read a whole file that is not larger than files of its kind ever are.

    Raises:  OSError; InvalidInput (file_too_large).
    """
    with path.open("rb") as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        most_mib = most_bytes // 1024**2
        raise InvalidInput(
            f"ファイルが大きすぎます（{most_mib} MB まで）: {path}",
            f"The file is too large (at most {most_mib} MB): {path}",
            field=path.name,
            code="file_too_large",
        )
    return content


def typed_path(path: Path) -> Path:
    """Return a path with `~` as the person's home; as it was typed, if nobody has that name: then there is no such file."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def parse_json(text: str | bytes) -> Any:
    """Parse JSON.

    Raises:  ValueError, also for nesting that is too deep and a number that is too long.
    """
    demand_shallow(text)
    return json.loads(text)


def demand_shallow(text: str | bytes) -> None:
    """Check that JSON is not nested deeper than anything that we read.

    Raises:  ValueError, also for bytes that are not UTF-8.
    """
    text = text if isinstance(text, str) else text.decode("utf-8")
    if text.count("[") + text.count("{") <= _NEVER_TOO_DEEP:
        return
    depth = 0
    for sign in _SIGNS.findall(text):
        depth += (sign in ("[", "{")) - (sign in ("]", "}"))
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")


def parse_toml(text: str) -> dict[str, Any]:
    """Parse TOML.

    Raises:  ValueError: TOMLDecodeError with the line, where there is one.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
