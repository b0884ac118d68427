"""Brings a database to the newest schema; the only way a schema changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool
from sqlalchemy.exc import OperationalError

from coin.database.database import unavailable

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(url: str, to: str = "head") -> None:
    """Apply every migration up to `to` that `url` lacks, as the owner of the schema, in one transaction.

    Units:   `url` is libpq's; the user must be allowed to create tables and roles.
    Raises:  Unavailable (`database_unavailable`).
    """
    config = _config()
    config.attributes["url"] = _for_sqlalchemy(url)
    with _named_if_away():
        command.upgrade(config, to)


def is_newest(url: str) -> bool:
    """Whether the database has every migration that this release knows, and no other.

    Raises:  Unavailable (`database_unavailable`).
    """
    engine = create_engine(_for_sqlalchemy(url), poolclass=pool.NullPool)
    with _named_if_away(), engine.connect() as connection:
        applied = MigrationContext.configure(connection).get_current_heads()
    return set(applied) == set(ScriptDirectory.from_config(_config()).get_heads())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    return config


def _for_sqlalchemy(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


@contextmanager
def _named_if_away() -> Iterator[None]:
    try:
        yield
    except OperationalError:
        raise unavailable() from None  # its text holds the URL, and that may hold a password
