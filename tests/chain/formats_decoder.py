"""A second decoder of records: it reads the tables of docs/formats.md and knows nothing of ours."""

import re
from dataclasses import dataclass
from pathlib import Path

MANUAL = (Path(__file__).parents[2] / "docs" / "formats.md").read_text("utf-8")
ROW = re.compile(r"^\| ([0-9A-F]{2}) \| [^|]+ \| ([^|]+) \| (\d+) \|$", re.MULTILINE)
TWO = "first signer 20 · second signer 20 · nonceLow 2 · sig · sig"
ADDRESS = 20


@dataclass(frozen=True)
class Layout:
    """The fields of one kind, by the manual's names, and the length that it states."""

    fields: tuple[tuple[str, int], ...]
    length: int


def layouts() -> dict[str, Layout]:
    """Every kind of the manual."""
    rows = {kind: (text, int(length)) for kind, text, length in ROW.findall(MANUAL)}
    return {kind: Layout(_fields(text, rows), length) for kind, (text, length) in rows.items()}


def _fields(text: str, rows: dict[str, tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    same = re.match(r"as ([0-9A-F]{2})", text)
    if same:
        return _fields(rows[same[1]][0], rows)
    plain = re.sub(r" \([^)]*\)", "", text)
    plain = re.sub(r"\btwo$", TWO, plain)
    return tuple(_field(part) for part in plain.split(" · "))


def _field(part: str) -> tuple[str, int]:
    name, _, size = part.rpartition(" ")
    return (name, int(size)) if size.isdigit() else (part, 64)


def cut(record: bytes) -> list[tuple[str, bytes]]:
    """The fields of one record as bytes; what is left over stands under an empty name."""
    at, found = 1, []
    for name, size in layouts()[f"{record[0]:02X}"].fields:
        found.append((name, record[at : at + size]))
        at += size
    return [*found, ("", record[at:])]


def table(data: bytes) -> list[bytes]:
    """The addresses in the order of their positions."""
    count = int.from_bytes(data[:2], "big") + int.from_bytes(data[2:4], "big")
    assert len(data) == 4 + ADDRESS * count
    return [data[4 + ADDRESS * place : 24 + ADDRESS * place] for place in range(count)]
