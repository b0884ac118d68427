"""A shop's row has the hash of its bank account, which two staff have signed."""

from pathlib import Path

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.get_bind().exec_driver_sql((Path(__file__).parent / "0015_bank_hash.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("books are never rolled back")
