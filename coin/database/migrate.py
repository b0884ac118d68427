"""Brings a database to the newest schema; the only way a schema changes."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(url: str, to: str = "head") -> None:
    """Apply every migration up to `to` that `url` lacks, as the owner of the schema, in one transaction.

    Units:  `url` is libpq's; the user must be allowed to create tables and roles.
    """
    config = _config()
    config.attributes["url"] = _for_sqlalchemy(url)
    command.upgrade(config, to)


def is_newest(url: str) -> bool:
    """Whether the database has every migration that this release knows, and no other."""
    engine = create_engine(_for_sqlalchemy(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        applied = MigrationContext.configure(connection).get_current_heads()
    return set(applied) == set(ScriptDirectory.from_config(_config()).get_heads())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    return config


def _for_sqlalchemy(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
