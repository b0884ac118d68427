"""Ends a date that has passed: nobody signs, time does. Accepted only after a block at or past the date was read.

What is held under a date becomes the town's income (coins) or goes back to its fund (points). Source: docs/formats.md §3 (13).
"""

from coin import messages
from coin.clock import Clock
from coin.database.database import Conn
from coin.errors import Conflict, Rejected, Rejection
from coin.ledger.accounts import AccountClass, find_account
from coin.ledger.expiry import expire_lots
from coin.ledger.journal_head import numbering
from coin.ledger.posting import Posted, SignedRecord, post
from coin.records.kinds import Kind
from coin.registry import audit


def expire(
    connection: Conn,
    code: str,
    clock: Clock,
    expiry_s: int,
    *,
    chain_time_s: int,
    actor: str,
) -> Posted:
    """End a date once, and move what is held under it.

    Units:   chain_time_s: the time of the newest block that was read.
    Raises:  Rejected (`date_not_in_calendar`, `date_not_reached`); Conflict (`date_expired`), if it was ended before.
    Keeps:   I-01, I-05, I-06.
    """
    with numbering(connection, code, clock) as head:
        row = connection.execute(
            "SELECT expired_sequence FROM expiry_date WHERE municipality = %s AND expiry_s = %s",
            [head.code, expiry_s],
        ).fetchone()
        if row is None:
            raise Rejected(Rejection.DATE_NOT_IN_CALENDAR, field="expiry_s")
        if head.accepted_at_ms < expiry_s * 1000 or chain_time_s < expiry_s:
            raise Rejected(Rejection.DATE_NOT_REACHED, field="expiry_s")
        if row["expired_sequence"] is not None:
            raise Conflict(
                "この期限は処理済みです。",
                "This date was ended before.",
                field="expiry_s",
                code="date_expired",
            )
        record = SignedRecord(messages.Expire(expiry_s).words)
        posted = post(connection, head, kind=Kind.EXPIRE, actor=actor, record=record)
        income = find_account(connection, head.code, AccountClass.EXPIRED_INCOME, "")
        ended = expire_lots(connection, head, posted.operation, expiry_s, income)
        connection.execute(
            "UPDATE expiry_date SET expired_sequence = %s WHERE municipality = %s AND expiry_s = %s",
            [posted.sequence, head.code, expiry_s],
        )
    audit.record(
        connection,
        code,
        at_ms=posted.accepted_at_ms,
        actor=actor,
        action="expire",
        subject=f"date:{expiry_s}",
        detail={"sequence": posted.sequence, "amount": ended},
    )
    return posted
