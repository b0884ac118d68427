"""Whose a credential of staff is stands with the personal data."""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        (Path(__file__).parent / "0014_whose_credentials.sql").read_text(encoding="utf-8")
    )


def downgrade() -> None:
    raise NotImplementedError("books are never rolled back")
