"""Rows of the books as typed values."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from psycopg.rows import class_row

from coin.database.database import Conn

Row = TypeVar("Row")
Key = Mapping[str, object]


def rows(conn: Conn, row: type[Row], query: str, key: Key) -> Iterator[Row]:
    """Return the rows of a query as dataclasses, each column in the field of its name."""
    return iter(conn.cursor(row_factory=class_row(row)).execute(query.encode(), key))
