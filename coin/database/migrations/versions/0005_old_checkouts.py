"""An index for old checkouts, by their end."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        (Path(__file__).parent / "0005_old_checkouts.sql").read_text(encoding="utf-8")
    )


def downgrade() -> None:
    raise NotImplementedError("books are never rolled back")
