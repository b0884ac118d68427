"""Brings a database to the newest schema; the only way a schema changes."""

from pathlib import Path

from alembic import command
from alembic.config import Config

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(url: str, to: str = "head") -> None:
    """Apply every migration up to `to` that `url` lacks, as the owner of the schema, in one transaction.

    Units:  `url` is libpq's; the user must be allowed to create tables and roles.
    """
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["url"] = url.replace("postgresql://", "postgresql+psycopg://", 1)
    command.upgrade(config, to)
