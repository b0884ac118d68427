"""Tables for a terminal, on which a Japanese character takes two columns. Source: Unicode Annex 11."""

import unicodedata
from collections.abc import Sequence

Cell = str | int


def table(headers: Sequence[str], rows: Sequence[Sequence[Cell]], *, indent: int = 2) -> list[str]:
    """Return lines with aligned columns: text to the left, integers to the right with thousands separators."""
    shown = [[f"{cell:,}" if isinstance(cell, int) else cell for cell in row] for row in rows]
    is_number = [bool(rows) and isinstance(rows[0][place], int) for place in range(len(headers))]
    widths = [max(map(width, column)) for column in zip(headers, *shown, strict=True)]
    return [
        (" " * indent + "  ".join(map(_padded, line, widths, is_number))).rstrip()
        for line in [list(headers), *shown]
    ]


def width(text: str) -> int:
    """Return how many columns of a terminal the text takes."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in text)


def wrapped(text: str, columns: int) -> list[str]:
    """Return the text in lines of so many columns: broken at spaces, or within a word that is longer than a line."""
    lines, line = [], ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if width(joined) <= columns:
            line = joined
            continue
        if line:
            lines.append(line)
        line = word
        while width(line) > columns:
            fits = next(at for at in range(len(line), 0, -1) if width(line[:at]) <= columns)
            lines.append(line[:fits])
            line = line[fits:]
    return [*lines, line] if line else lines


def _padded(text: str, columns: int, is_number: bool) -> str:
    space = " " * (columns - width(text))
    return space + text if is_number else text + space
