"""A shop can cancel a checkout, and what it writes on one stands with the personal data."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((Path(__file__).parent / "0011_cancelled.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("books are never rolled back")
