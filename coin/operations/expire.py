"""Ends an expiry date that has passed; nobody signs. It is accepted only after a block at or past the date was read.

The value under the date becomes the town's income (coins) or returns to its fund (points). Source: docs/formats.md §3 (13).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from coin import messages
from coin.errors import CoinError, Conflict, Rejected, Rejection
from coin.ledger.accounts import AccountClass, find_account
from coin.ledger.expiry import expire_lots
from coin.ledger.posting import Posted
from coin.operations.operation import Case, Entry, Operation
from coin.records.kinds import Kind


@dataclass(frozen=True, slots=True)
class _Facts:
    """Whether the date is in the calendar, and whether it was ended already."""

    is_known: bool
    is_ended: bool


@dataclass(frozen=True, slots=True)
class EndDate(messages.Expire, Operation[_Facts]):
    """Ends a date once, and moves the value under it.

    Units:   chain_time_s: the time of the newest block that was read.
    Keeps:   I-01, I-05, I-06.
    """

    KIND = Kind.EXPIRE
    ACTION = "expire"
    chain_time_s: int

    def signing(self) -> None:
        """Nobody."""

    def facts(self, case: Case) -> _Facts:
        """Return the date's row of the calendar."""
        row = case.books.connection.execute(
            "SELECT expired_sequence FROM expiry_date WHERE municipality = %s AND expiry_s = %s",
            [case.head.municipality_code, self.expiry_s],
        ).fetchone()
        return _Facts(row is not None, row is not None and row["expired_sequence"] is not None)

    def refusals(self, case: Case, facts: _Facts) -> Iterator[CoinError]:
        """Yield the rejections: an unknown date, one that has not passed by the clock and on the chain, one that was ended
        already."""
        if not facts.is_known:
            yield Rejected(Rejection.DATE_NOT_IN_CALENDAR, field="expiry_s")
        if case.head.accepted_at_ms < self.expiry_s * 1000 or self.chain_time_s < self.expiry_s:
            yield Rejected(Rejection.DATE_NOT_REACHED, field="expiry_s")
        if facts.is_ended:
            yield Conflict(
                "この期限は処理済みです。",
                "This date was ended already.",
                field="expiry_s",
                code="date_expired",
            )

    def remember(self, case: Case, facts: _Facts, posted: Posted, digest: bytes) -> Entry:  # noqa: ARG002
        """Expire all lots in one statement, and store that the date has ended."""
        connection = case.books.connection
        income = find_account(connection, case.head.municipality_code, AccountClass.EXPIRED_INCOME, "")
        ended = expire_lots(connection, case.head, posted.operation, self.expiry_s, income)
        connection.execute(
            "UPDATE expiry_date SET expired_sequence = %s WHERE municipality = %s AND expiry_s = %s",
            [posted.sequence, case.head.municipality_code, self.expiry_s],
        )
        return Entry(f"date:{self.expiry_s}", {"amount": ended})
