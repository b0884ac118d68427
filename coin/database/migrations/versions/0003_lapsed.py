"""Indexes by expiry for challenges, sessions and idempotency keys."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((Path(__file__).parent / "0003_lapsed.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("books are never rolled back")
