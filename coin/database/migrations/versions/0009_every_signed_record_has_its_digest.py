"""Every signed record has its digest, so that the same message stands in the journal once."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        (Path(__file__).parent / "0009_every_signed_record_has_its_digest.sql").read_text(encoding="utf-8")
    )


def downgrade() -> None:
    raise NotImplementedError("books are never rolled back")
