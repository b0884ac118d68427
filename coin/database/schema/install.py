"""Installs what the files beside this one say: functions, the ladder, roles with their grants, and policies.

Decides what `migrate` does after the tables are as they should be. Everything here can be done again: a function is
replaced, a row of the ladder put right, a grant given anew, in the transaction of the upgrade. Refuses to know tables:
those change by migrations.
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
    """Return the tables as they are now, for a database that is made from the present alone."""
    return _read("tables.sql")


def town_roles() -> str:
    """Return a role for each town that has books."""
    return _read("town_roles.sql")


@cache
def present() -> str:
    """Return all that is installed, as one text, without the tables."""
    functions = [
        _read(f"functions/{name}")
        for name in sorted(path.name for path in (_FOLDER / "functions").glob("*.sql"))
    ]
    return "\n".join([*functions, _ladder(), _read("roles.sql"), _read("policies.sql"), town_roles()])


def install(connection: psycopg.Connection[Any]) -> None:
    """Install all of it in the connection's transaction, and mark the database with what was installed."""
    connection.execute(present().encode())
    connection.execute(f"COMMENT ON TABLE rejection IS '{mark()}'".encode())


def mark() -> str:
    """Return what a database says that has all of it: a hash of the text."""
    return hashlib.sha256(present().encode()).hexdigest()


MARK_OF_DATABASE = "SELECT obj_description(to_regclass('rejection'), 'pg_class')"


def _read(name: str) -> str:
    return filled_in((_FOLDER / name).read_text(encoding="utf-8"))


def _ladder() -> str:
    """Return the rows of the ladder; a number is never used again, so none is ever taken away."""
    rows = ", ".join(f"({rung.value}, '{rung.code}')" for rung in Rejection)
    return (
        f"INSERT INTO rejection (reason, code) VALUES {rows}"  # noqa: S608  (our own enum)
        " ON CONFLICT (reason) DO UPDATE SET code = excluded.code WHERE rejection.code <> excluded.code;"
    )
