"""A check that every journal line has a known code."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        (Path(__file__).parent / "0006_journal_codes.sql").read_text(encoding="utf-8")
    )


def downgrade() -> None:
    raise NotImplementedError("books are never rolled back")
