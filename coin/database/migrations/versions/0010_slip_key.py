"""Each town gets a secret under which the numbers of its slips become references."""

import secrets
from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql((Path(__file__).parent / "0010_slip_key.sql").read_text(encoding="utf-8"))
    for (code,) in connection.exec_driver_sql("SELECT code FROM municipality").fetchall():
        key = secrets.token_bytes(32)
        connection.exec_driver_sql("INSERT INTO slip_key (municipality, secret) VALUES (%s, %s)", (code, key))


def downgrade() -> None:
    raise NotImplementedError("books are never rolled back")
