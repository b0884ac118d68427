"""The audit log: one row for each action of staff, never changed. It contains no key, PIN or personal data."""

from collections.abc import Mapping

from psycopg.types.json import Jsonb

from coin.database.database import Conn
from coin.database.ids import new_id


def record(
    connection: Conn,
    municipality_code: str,
    *,
    at_ms: int,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Write one row of the audit log, in the transaction of the action."""
    connection.execute(
        """INSERT INTO audit (municipality, id, at_ms, actor, action, subject, detail)
           VALUES (%s, %s, %s, %s, %s, %s, %s)""",
        [municipality_code, new_id(), at_ms, actor, action, subject, Jsonb(dict(detail or {}))],
    )
