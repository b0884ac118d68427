"""Quotas per caller and day, and indexes to sweep out what strangers can make."""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((Path(__file__).parent / "0013_quotas.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("books are never rolled back")
