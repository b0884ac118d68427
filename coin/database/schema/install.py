"""Installs the SQL files beside this one: functions, the ladder, roles with their grants, and policies.

`migrate` calls it after the migrations, in the same transaction. Everything here is idempotent: functions are replaced, rows
of the ladder corrected, grants given again. Tables are not changed here, but by migrations.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

from coin.database.schema.names import filled_in
from coin.errors import Rejection

_FOLDER = Path(__file__).parent


def tables() -> str:
    """Return the SQL of the present tables, for a database made without migrations."""
    return _read("tables.sql")


def town_roles() -> str:
    """Return the SQL that makes a role for each town with books."""
    return _read("town_roles.sql")


@cache
def present() -> str:
    """Return everything that is installed, as one text, without the tables."""
    functions = [
        _read(f"functions/{name}")
        for name in sorted(path.name for path in (_FOLDER / "functions").glob("*.sql"))
    ]
    return "\n".join([*functions, _ladder(), _read("roles.sql"), _read("policies.sql"), town_roles()])


def install(connection: psycopg.Connection[Any]) -> None:
    """Install everything in the connection's transaction, and store its mark in the database."""
    connection.execute(present().encode())
    connection.execute(f"COMMENT ON TABLE rejection IS '{mark()}'".encode())


def mark() -> str:
    """Return the mark of a database with everything installed: a hash of the text."""
    return hashlib.sha256(present().encode()).hexdigest()


MARK_OF_DATABASE = "SELECT obj_description(to_regclass('rejection'), 'pg_class')"


def _read(name: str) -> str:
    return filled_in((_FOLDER / name).read_text(encoding="utf-8"))


def _ladder() -> str:
    """Return the rows of the ladder. Numbers are never reused, so rows are never deleted."""
    rows = ", ".join(f"({rung.value}, '{rung.code}')" for rung in Rejection)
    return (
        f"INSERT INTO rejection (reason, code) VALUES {rows}"  # noqa: S608  (our own enum)
        " ON CONFLICT (reason) DO UPDATE SET code = excluded.code WHERE rejection.code <> excluded.code;"
    )
