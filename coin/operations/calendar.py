"""Opens expiry dates: two staff put a date into one of the four lanes. Source: docs/formats.md §1, §3 (12)."""

from dataclasses import dataclass

from coin import messages
from coin.clock import Clock, is_jst_midnight
from coin.database.database import Conn
from coin.errors import Rejected, Rejection
from coin.ledger.journal_head import Head, numbering
from coin.ledger.posting import Posted, post
from coin.operations.signed import check_record, demand_two_staff
from coin.program import MAX_LIVE_DATES
from coin.program.rules import LANE_REUSE_DELAY_S
from coin.records.kinds import Kind
from coin.registry import audit, signers
from coin.registry.municipality import Municipality
from coin.signatures import Signature

_MAX_VERSION = 4095
_MAX_EXPIRY_S = (1 << 40) - 1


@dataclass(frozen=True, slots=True)
class OpenDate(messages.Calendar):
    """A Calendar message with the two signatures of staff."""

    signatures: tuple[Signature, ...]


def open_date(
    connection: Conn, municipality: Municipality, clock: Clock, message: OpenDate, *, actor: str
) -> Posted:
    """Open a date in a lane that is empty, or whose old date ended ten days ago with nothing held under it.

    Raises:  Rejected; then nothing changed.
    """
    _, record = check_record(municipality, message, message.signatures)
    with numbering(connection, municipality.code, clock) as head:
        first = demand_two_staff(connection, municipality, message.signatures, message.nonce)
        _demand_free_lane(connection, head, message)
        posted = post(connection, head, kind=Kind.CALENDAR, actor=actor, record=record)
        signers.use_nonce(connection, head.code, first, message.nonce)
        _write(connection, head.code, message, posted)
    audit.record(
        connection,
        municipality.code,
        at_ms=posted.accepted_at_ms,
        actor=actor,
        action="open_date",
        subject=f"date:{message.expiry_s}",
        detail={"sequence": posted.sequence, "lane": message.lane},
    )
    return posted


def _demand_free_lane(connection: Conn, head: Head, message: OpenDate) -> None:
    dates = connection.execute(
        "SELECT expiry_s, lane, replaced_sequence FROM expiry_date WHERE municipality = %s", [head.code]
    ).fetchall()
    is_known = any(row["expiry_s"] == message.expiry_s for row in dates)
    if (
        not 0 <= message.lane < MAX_LIVE_DATES
        or not is_jst_midnight(message.expiry_s)
        or is_known
        or len(dates) >= _MAX_VERSION
        or message.expiry_s > _MAX_EXPIRY_S
    ):
        raise Rejected(Rejection.DATE_INVALID, field="expiry_s")
    if message.expiry_s * 1000 <= head.accepted_at_ms:
        raise Rejected(Rejection.DATE_PASSED, field="expiry_s")
    olds = [
        row["expiry_s"] for row in dates if row["lane"] == message.lane and row["replaced_sequence"] is None
    ]
    for old_s in olds:
        if head.accepted_at_ms < (old_s + LANE_REUSE_DELAY_S) * 1000 or _is_held(connection, head, old_s):
            raise Rejected(Rejection.LANE_OCCUPIED, field="lane")


def _is_held(connection: Conn, head: Head, expiry_s: int) -> bool:
    row = connection.execute(
        "SELECT 1 FROM balance WHERE municipality = %s AND expiry_s = %s AND amount > 0 LIMIT 1",
        [head.code, expiry_s],
    ).fetchone()
    return row is not None


def _write(connection: Conn, code: str, message: OpenDate, posted: Posted) -> None:
    connection.execute(
        """UPDATE expiry_date SET replaced_sequence = %s
           WHERE municipality = %s AND lane = %s AND replaced_sequence IS NULL""",
        [posted.sequence, code, message.lane],
    )
    connection.execute(
        "INSERT INTO expiry_date (municipality, expiry_s, lane, opened_sequence) VALUES (%s, %s, %s, %s)",
        [code, message.expiry_s, message.lane, posted.sequence],
    )
