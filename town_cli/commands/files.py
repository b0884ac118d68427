"""Files that a command writes for a person: checked before anything is done, and tables that a spreadsheet opens."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from coin.errors import InvalidInput

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def demand_writable(path: Path, field: str) -> None:
    """Check that a file can be written, before the deed that it tells of. Raises: InvalidInput (`file_unwritable`)."""
    try:
        with path.open("ab"):
            pass
    except OSError:
        raise _unwritable(path, field) from None


def write_file(path: Path, content: bytes, field: str) -> None:
    """Write a file. Raises: InvalidInput (`file_unwritable`)."""
    try:
        path.write_bytes(content)
    except OSError:
        raise _unwritable(path, field) from None


def write_table(path: Path, heads: Sequence[str], rows: Sequence[Sequence[str | int]]) -> None:
    """Write a CSV that a spreadsheet opens in Japanese, and in which no cell becomes a formula. Raises: as `write_file`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(heads)
    writer.writerows([[_harmless(cell) for cell in row] for row in rows])
    write_file(path, text.getvalue().encode("utf-8-sig"), "csv")


def _harmless(cell: str | int) -> str | int:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _unwritable(path: Path, field: str) -> InvalidInput:
    return InvalidInput(
        f"{path} に書けません。", f"{path} cannot be written.", field=field, code="file_unwritable"
    )
