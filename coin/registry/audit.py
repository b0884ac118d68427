"""The audit log: one row for each action of staff, never changed. It contains no key, PIN or personal data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from coin.clock import jst_midnight_s
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


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One action of staff."""

    at_ms: int
    actor: str
    action: str
    subject: str
    detail: Mapping[str, object]


def rows(connection: Conn, municipality_code: str, *, last: int, day: date | None = None) -> list[AuditRow]:
    """Return the last rows, of one day in Japan or of all time, oldest first."""
    since_ms = 0 if day is None else jst_midnight_s(day) * 1000
    until_ms = 1 << 62 if day is None else jst_midnight_s(day + timedelta(days=1)) * 1000
    query = """SELECT at_ms, actor, action, subject, detail FROM audit
               WHERE municipality = %s AND at_ms >= %s AND at_ms < %s ORDER BY id DESC LIMIT %s"""
    with connection.cursor(row_factory=class_row(AuditRow)) as found:
        return found.execute(query, [municipality_code, since_ms, until_ms, last]).fetchall()[::-1]
