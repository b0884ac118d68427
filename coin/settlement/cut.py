"""Cuts the waiting operations into batches; pure.

Decides which run of operations makes one batch, and whether it is due. Knows no database and no chain. A condition that is
checked at asOf may only become more permissive from acceptedAt to asOf. Hence a batch is within one JST day and 15 minutes,
and asOf is below every validBefore. The gateway accepts only what lives twice as long as a batch may span (MIN_LIFE_S), so
that no payer can end a batch by a short validBefore; only what an earlier release accepted may still do so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coin.clock import jst_day
from coin.records.kinds import KINDS

MAX_OPERATIONS = 1_000
MAX_SPAN_MS = 15 * 60 * 1000
MAX_GAS = 12_000_000
BASE_GAS = 120_000  # the transaction, the journal word, the calendar, the merchants' total and the dates


@dataclass(frozen=True)
class Waiting:
    """An accepted operation that is in no batch yet, with the facts for the cut."""

    sequence: int
    kind: int
    accepted_at_ms: int
    words: bytes

    @property
    def valid_before_s(self) -> int | None:
        """The end of its validity; None, if it has no end."""
        place = KINDS[self.kind].valid_before
        return int.from_bytes(self.words[place], "big") if place else None

    @property
    def touch_gas(self) -> dict[bytes, int]:
        """The addresses whose words it touches, and the gas of the first touch of each in a batch."""
        return {self.words[place]: gas for place, gas in KINDS[self.kind].first_touches}

    @property
    def record_gas(self) -> int:
        """An upper bound of the gas of its record, without the first touches."""
        return KINDS[self.kind].gas.record


@dataclass(frozen=True)
class Run:
    """A contiguous run of operations for one batch."""

    first_sequence: int
    last_sequence: int
    as_of_s: int
    is_closed: bool  # nothing may be added to it

    @property
    def count(self) -> int:
        """The number of operations."""
        return self.last_sequence - self.first_sequence + 1


class _Cut:
    """A run that grows until the next operation does not fit."""

    def __init__(self, first: Waiting) -> None:
        self.first = self.last = first
        self.count = 0
        self.gas = BASE_GAS
        self.touched: set[bytes] = set()
        self.earliest_end_s: int | None = None

    def takes(self, item: Waiting) -> bool:
        """Return whether `item` fits into this run."""
        if self.count == 0:
            return True
        return (
            self.count < MAX_OPERATIONS
            and item.sequence == self.last.sequence + 1
            and item.accepted_at_ms - self.first.accepted_at_ms <= MAX_SPAN_MS
            and jst_day(item.accepted_at_ms // 1000) == jst_day(self.first.accepted_at_ms // 1000)
            and self.gas + self.gas_of(item) <= MAX_GAS
            and self.lives_until(item.accepted_at_ms // 1000)
        )

    def lives_until(self, as_of_s: int) -> bool:
        return self.earliest_end_s is None or as_of_s < self.earliest_end_s

    def gas_of(self, item: Waiting) -> int:
        return item.record_gas + sum(
            gas for party, gas in item.touch_gas.items() if party not in self.touched
        )

    def add(self, item: Waiting) -> None:
        self.gas += self.gas_of(item)
        self.touched.update(item.touch_gas)
        self.count += 1
        self.last = item
        ends = [end for end in (self.earliest_end_s, item.valid_before_s) if end is not None]
        self.earliest_end_s = min(ends, default=None)


def cut(waiting: Iterable[Waiting], *, last_as_of_s: int) -> Run | None:
    """Return the longest possible batch, beginning with the first waiting operation; None, if nothing waits.

    Shapes:  `waiting` in journal order; a gap in the sequence ends the run.
    Keeps:   I-04, I-07: what was accepted is also valid at asOf.
    """
    grown: _Cut | None = None
    for item in waiting:
        grown = grown or _Cut(item)
        if not grown.takes(item):
            return _finished(grown, last_as_of_s, is_closed=True)
        grown.add(item)
    return None if grown is None else _finished(grown, last_as_of_s, is_closed=False)


def estimated_gas(waiting: Iterable[Waiting]) -> int:
    """Return an upper bound of the gas for settling these operations in one batch; 0 if there are none."""
    grown: _Cut | None = None
    for item in waiting:
        grown = grown or _Cut(item)
        grown.add(item)
    return grown.gas if grown else 0


def _finished(grown: _Cut, last_as_of_s: int, *, is_closed: bool) -> Run:
    return Run(
        first_sequence=grown.first.sequence,
        last_sequence=grown.last.sequence,
        as_of_s=max(grown.last.accepted_at_ms // 1000, last_as_of_s),
        is_closed=is_closed or grown.count >= MAX_OPERATIONS,
    )


def is_due(run: Run, first_accepted_at_ms: int, now_ms: int) -> bool:
    """Return whether the run must be sealed now: it is closed, 15 minutes old, or its day has ended."""
    return (
        run.is_closed
        or now_ms - first_accepted_at_ms >= MAX_SPAN_MS
        or jst_day(now_ms // 1000) > jst_day(first_accepted_at_ms // 1000)
    )


def due_run(waiting: Sequence[Waiting], *, last_as_of_s: int, now_ms: int, force: bool) -> Run | None:
    """Return the run to seal now, or None; `force` ignores the time."""
    run = cut(waiting, last_as_of_s=last_as_of_s)
    if run is None:
        return None
    return run if force or is_due(run, waiting[0].accepted_at_ms, now_ms) else None
