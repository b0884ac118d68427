"""Opens expiry dates: two staff assign a date to one of the four lanes. Source: docs/formats.md §1, §3 (12)."""

from collections.abc import Iterator
from dataclasses import dataclass

from coin import messages
from coin.clock import is_jst_midnight
from coin.errors import Rejected, Rejection
from coin.formats import LANE_REST_S, LANES, MAX_CALENDAR_VERSION, TIMES_END_S
from coin.ledger.posting import Posted
from coin.operations.operation import Case, Entry, Operation, Signing
from coin.records.kinds import Kind
from coin.registry.books import Books
from coin.signatures import Signature


@dataclass(frozen=True, slots=True)
class _Facts:
    """The dates of the calendar so far, and those of the requested lane."""

    dates: frozenset[int]
    in_lane: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OpenDate(messages.Calendar, Operation[_Facts]):
    """Opens a date in an empty lane, or in one whose old date ended ten days ago with nothing held under it."""

    KIND = Kind.CALENDAR
    ACTION = "open_date"
    signatures: tuple[Signature, ...]

    def signing(self) -> Signing:
        """Two staff; a nonce of the first."""
        return Signing(self.signatures, self.nonce)

    def facts(self, case: Case) -> _Facts:
        """Return the calendar."""
        rows = case.books.connection.execute(
            "SELECT expiry_s, lane, replaced_sequence FROM expiry_date WHERE municipality = %s",
            [case.head.municipality_code],
        ).fetchall()
        in_lane = [row for row in rows if row["lane"] == self.lane and row["replaced_sequence"] is None]
        return _Facts(frozenset(row["expiry_s"] for row in rows), tuple(row["expiry_s"] for row in in_lane))

    def refusals(self, case: Case, facts: _Facts) -> Iterator[Rejected]:
        """Yield the rejections: of the date, of its time, then of its lane."""
        if (
            not 0 <= self.lane < LANES
            or not is_jst_midnight(self.expiry_s)
            or self.expiry_s in facts.dates
            or len(facts.dates) >= MAX_CALENDAR_VERSION
            or self.expiry_s >= TIMES_END_S
        ):
            yield Rejected(Rejection.DATE_INVALID, field="expiry_s")
        if self.expiry_s * 1000 <= case.head.accepted_at_ms:
            yield Rejected(Rejection.DATE_PASSED, field="expiry_s")
        for old_s in facts.in_lane:
            is_resting = case.head.accepted_at_ms < (old_s + LANE_REST_S) * 1000
            if is_resting or _is_held(case.books, old_s):
                yield Rejected(Rejection.LANE_OCCUPIED, field="lane")

    def remember(self, case: Case, facts: _Facts, posted: Posted, digest: bytes) -> Entry:  # noqa: ARG002
        """Store the new date, and that it replaced the old one of its lane."""
        case.books.connection.execute(
            """UPDATE expiry_date SET replaced_sequence = %s
               WHERE municipality = %s AND lane = %s AND replaced_sequence IS NULL""",
            [posted.sequence, case.head.municipality_code, self.lane],
        )
        case.books.connection.execute(
            "INSERT INTO expiry_date (municipality, expiry_s, lane, opened_sequence) VALUES (%s, %s, %s, %s)",
            [case.head.municipality_code, self.expiry_s, self.lane, posted.sequence],
        )
        return Entry(f"date:{self.expiry_s}", {"lane": self.lane})


def _is_held(books: Books, expiry_s: int) -> bool:
    row = books.connection.execute(
        "SELECT 1 FROM balance WHERE municipality = %s AND expiry_s = %s AND amount > 0 LIMIT 1",
        [books.municipality_code, expiry_s],
    ).fetchone()
    return row is not None
