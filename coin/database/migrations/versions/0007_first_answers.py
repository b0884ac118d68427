"""The same message again gets its first answer: a record keeps the digest that was signed."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        (Path(__file__).parent / "0007_first_answers.sql").read_text(encoding="utf-8")
    )


def downgrade() -> None:
    raise NotImplementedError("books are never rolled back")
