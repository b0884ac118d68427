"""Every statement of ours names the municipality once for each table that it touches, so that no town is forgotten in a join."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

NOT_A_TOWNS = {"rejection", "alembic_version", "municipality"}


def texts(path: Path) -> Iterator[str]:
    """The texts in a file of Python or SQL."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".sql":
        yield source
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))


@pytest.fixture
def touched(owner_url: str) -> re.Pattern[str]:
    """Where a statement touches a table that has a municipality."""
    with psycopg.connect(owner_url) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    names = "|".join(sorted({name for (name,) in rows} - NOT_A_TOWNS))
    return re.compile(rf"\b(?:FROM|JOIN|UPDATE|INTO)\s+(?:{names})\b")


def test_no_statement_forgets_the_municipality_of_a_table(touched: re.Pattern[str], root: Path) -> None:
    files = [path for folder in ("coin", "api", "town_cli", "demo") for path in (root / folder).rglob("*.py")]
    files += (root / "coin" / "database" / "schema" / "functions").glob("*.sql")

    found = [
        (str(path.relative_to(root)), text, len(touched.findall(text)))
        for path in files
        for text in texts(path)
    ]

    assert sum(count for _, _, count in found) > 200
    assert [(path, text) for path, text, count in found if text.count("municipality") < count] == []
