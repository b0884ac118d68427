"""Who did what: one row for each action of staff, never changed. No key, PIN or personal datum stands in one."""

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
    """Write one row of the audit log, in the transaction of what it tells about."""
    connection.execute(
        """INSERT INTO audit (municipality, id, at_ms, actor, action, subject, detail)
           VALUES (%s, %s, %s, %s, %s, %s, %s)""",
        [municipality_code, new_id(), at_ms, actor, action, subject, Jsonb(dict(detail or {}))],
    )
