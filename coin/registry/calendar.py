"""The dates of the rules that are not open yet: in which lane each can be opened, and from when.

Decides the order (by the first issue) and the lane (the one that is free first). Opens nothing, because two staff sign. The
rules were refused unless every date finds a lane before it is needed. Source: docs/formats.md §1.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from coin.formats import LANE_REST_S, LANES
from coin.program import IssuedDate
from coin.registry.books import Books


@dataclass(frozen=True, slots=True)
class WaitingDate:
    """A date that is not open: its lane, when that is free, and whether value is held there that nobody has ended."""

    date: IssuedDate
    lane: int
    free_s: int
    is_held: bool

    def can_be_opened(self, at_ms: int) -> bool:
        """Return whether two staff can open it now."""
        return self.free_s * 1000 <= at_ms and not self.is_held


@dataclass(frozen=True, slots=True)
class _Lane:
    free_s: int = 0
    is_held: bool = False


def opened_dates(books: Books) -> list[int]:
    """Return every date that was opened, ascending."""
    rows = books.connection.execute(
        "SELECT expiry_s FROM expiry_date WHERE municipality = %s ORDER BY expiry_s",
        [books.municipality_code],
    )
    return [row["expiry_s"] for row in rows]


def waiting_dates(books: Books) -> list[WaitingDate]:
    """Return the dates that are still to be opened, in the order in which they are needed."""
    rows = books.connection.execute(
        """SELECT expiry_s, lane, replaced_sequence IS NULL AS is_last,
                  EXISTS (SELECT FROM balance b WHERE b.municipality = d.municipality AND b.expiry_s = d.expiry_s
                          AND b.amount > 0) AS is_held
           FROM expiry_date d WHERE municipality = %s""",
        [books.municipality_code],
    ).fetchall()
    opened = {row["expiry_s"] for row in rows}
    lanes = {number: _Lane() for number in range(LANES)}
    lanes |= {
        row["lane"]: _Lane(row["expiry_s"] + LANE_REST_S, row["is_held"]) for row in rows if row["is_last"]
    }
    wanted = [date for date in books.municipality.program.dates() if date.is_wanted(books.now_ms())]
    return list(_in_lanes([date for date in wanted if date.ends_s not in opened], lanes))


def _in_lanes(dates: list[IssuedDate], lanes: dict[int, _Lane]) -> Iterator[WaitingDate]:
    for date in dates:
        number = min(lanes, key=lambda lane: (lanes[lane].free_s, lane))
        yield WaitingDate(date, number, lanes[number].free_s, lanes[number].is_held)
        lanes[number] = _Lane(date.ends_s + LANE_REST_S)
