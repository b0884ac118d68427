"""The schema of the first release: tables, then the roles that processes connect as."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    for name in ("0001_first_release.sql", "0001_accept.sql", "0001_roles.sql"):
        op.get_bind().exec_driver_sql((Path(__file__).parent / name).read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("books are never rolled back")
