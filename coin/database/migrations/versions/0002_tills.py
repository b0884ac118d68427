"""Pairing codes for tills, and an index for a shop's recent checkouts."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((Path(__file__).parent / "0002_tills.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("books are never rolled back")
