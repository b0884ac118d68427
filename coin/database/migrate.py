"""Upgrades a database to the newest schema; nothing else changes a schema.

Tables change by migrations (`migrations/versions/`), each applied once. Then functions, the ladder, roles, grants and
policies are installed from `schema/`, in the same transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, pool
from sqlalchemy.exc import OperationalError, ProgrammingError

from coin.database.place import not_connected
from coin.database.rights import not_allowed
from coin.database.schema.install import MARK_OF_DATABASE, install, mark

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(url: str, to: str = "head") -> None:
    """Apply every migration up to `to` that `url` lacks, as the owner of the schema; then install the functions and the
    rest.

    Everything is one transaction. A database that has it all is left alone: others may be working in it, and what is
    installed locks every table.

    Units:   `url` is a libpq URL; its user must be allowed to create tables and roles.
    Raises:  Unavailable; Forbidden (`database_rights`), if the user lacks a right: then nothing has changed.
    """
    if to == "head" and is_newest(url):
        return
    config = _config()
    with _named_if_away(url), _named_if_forbidden(url), _engine(url).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        if to == "head":
            install(cast("psycopg.Connection[Any]", connection.connection.driver_connection))


def is_newest(url: str) -> bool:
    """Return whether the database has exactly the migrations and the installed functions of this release; `url` is anybody's.

    Raises:  Unavailable (`database_unavailable`).
    """
    try:
        with _named_if_away(url), _engine(url).connect() as connection:
            applied = MigrationContext.configure(connection).get_current_heads()
            installed = connection.exec_driver_sql(MARK_OF_DATABASE).scalar()
    except ProgrammingError as error:
        if not isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            raise
        return False  # books that this role may not read are not installed for it
    return set(applied) == set(ScriptDirectory.from_config(_config()).get_heads()) and installed == mark()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    return config


def _engine(url: str) -> Engine:
    return create_engine(
        "postgresql+psycopg://", creator=partial(psycopg.connect, url), poolclass=pool.NullPool
    )


@contextmanager
def _named_if_forbidden(url: str) -> Iterator[None]:
    try:
        yield
    except (ProgrammingError, psycopg.errors.InsufficientPrivilege) as error:
        cause = error.orig if isinstance(error, ProgrammingError) else error
        if not isinstance(cause, psycopg.errors.InsufficientPrivilege):
            raise
        raise not_allowed(url, str(cause.diag.message_primary)) from None


@contextmanager
def _named_if_away(url: str) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise not_connected(error.orig or error, url) from None
    except psycopg.OperationalError as error:
        raise not_connected(error, url) from None
