"""Reconciliation: compares every figure of the books with the other side, at one moment.

Decides what is a difference (never acceptable) and what is an open item (known, and reported until it is closed): an
operation that is not settled, a batch without a final block, an incident. Only reads, and writes no text for people.
Verifies I-01, I-04, I-05, I-06, I-10, I-11; I-13 as far as the channels' cash goes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain as joined
from typing import NamedTuple

from coin.chain.contract import BandaiCoin, Snapshot
from coin.chain.rpc import Rpc
from coin.clock import Clock
from coin.database.database import Conn, Database
from coin.errors import Rejection
from coin.ledger.batches import Batch, all_batches
from coin.ledger.foreign_batches import ForeignBatch, foreign_batches
from coin.reconciliation import open_items
from coin.reconciliation.against_chain import BothSides, of_chain
from coin.reconciliation.expected import expected
from coin.reconciliation.figures import Against, Field, Figure, OpenItem, Subject
from coin.reconciliation.proof import (
    Replayed,
    foreign_numbers,
    of_batches,
    of_skips,
    replayed,
    skipped_of_ours,
    unrecorded,
)
from coin.reconciliation.reading import Key, rows
from coin.reconciliation.strangers import Strangers, strangers, with_strangers
from coin.reconciliation.vouching import vouched
from coin.reconciliation.within_books import CashRow, channels_cash, of_books
from coin.registry.municipality import Municipality, Pin
from coin.registry.personal import PersonalData


@dataclass(frozen=True)
class Reconciliation:
    """The result; `compared` is the number of compared figures, `cash` is yen by channel."""

    differences: tuple[Figure, ...]
    open_items: tuple[OpenItem, ...]
    compared: int
    cash: Mapping[str, int]
    settled_sequence: int
    block_number: int

    @property
    def is_clean(self) -> bool:
        """Whether there are no differences; there may be open items."""
        return not self.differences

    @property
    def is_closed(self) -> bool:
        """Whether there are no differences and no open items."""
        return not self.differences and not self.open_items


def reconcile(
    database: Database,
    municipality: Municipality,
    rpc: Rpc,
    *,
    pin: Pin | None = None,
    clock: Clock | None = None,
    personal: PersonalData | None = None,
) -> Reconciliation:
    """Compare books and chain at one moment. The worker waits during that time, payments do not.

    With a `pin`, its contract and receipts key are used, and other values in the books are differences; without it the books
    are trusted in this. With a `clock`, operations accepted later than its time are open items. With `personal`,
    the stored bank accounts of shops are compared with what two staff signed.

    Raises:  Unavailable, if the node or the database does not answer.
    """
    of_pin = _of_pin(municipality, pin) if pin else ()
    municipality = pin.applied_to(municipality) if pin else municipality
    with database.transaction() as guard, database.transaction() as conn:
        guard.execute("SELECT pg_advisory_xact_lock(hashtext('settle ' || %s))", [municipality.code])
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        look = _look(conn, municipality, rpc, personal)
        differences, compared = _compared(joined(of_pin, look.figures()))
        return Reconciliation(
            differences=differences,
            open_items=tuple(look.open_items(clock)),
            compared=compared,
            cash={row.channel: int(row.cash) for row in look.cash},
            settled_sequence=look.sides.books.settled,
            block_number=look.sides.block,
        )


def _compared(figures: Iterable[Figure]) -> tuple[tuple[Figure, ...], int]:
    """Return the figures that differ, and the number of all figures."""
    differences, compared = [], 0
    for figure in figures:
        compared += 1
        if figure.differs:
            differences.append(figure)
    return tuple(differences), compared


def _of_pin(municipality: Municipality, pin: Pin) -> Iterator[Figure]:
    books = Pin.of(municipality)
    for field, mine, pinned in (
        (Field.CHAIN, books.chain_id, pin.chain_id),
        (Field.CONTRACT, books.contract, pin.contract),
        (Field.RECEIPTS_KEY, books.receipt_key, pin.receipt_key),
    ):
        yield Figure(Subject.TOWN, None, field, mine, pinned, Against.PIN)


@dataclass(frozen=True)
class _Look:
    """Books and chain at one moment, read once for all comparisons."""

    municipality: Municipality
    sides: BothSides
    chain: Replayed
    batches: list[Batch]
    foreign: frozenset[int]  # numbers of batches on the chain that these books did not seal
    strangers: Strangers
    incidents: dict[int, Rejection]
    skipped: dict[int, Rejection]
    skips: dict[int, Rejection]  # not recorded by the worker yet
    cash: list[CashRow]
    personal: PersonalData | None

    def figures(self) -> Iterator[Figure]:
        """Return every figure on both sides."""
        conn, municipality_code = self.sides.conn, self.municipality.code
        last = self.sides.snapshot.journal.batch_no
        return joined(
            of_chain(self.sides, self.batches, self.strangers.batches),
            of_books(conn, municipality_code, self.cash),
            vouched(conn, self.municipality, self.personal),
            of_batches(conn, municipality_code, self.chain, self.batches, last, self.strangers.batches),
            of_skips(self.skipped, self.incidents, but=self.skips),
        )

    def open_items(self, clock: Clock | None) -> Iterator[OpenItem]:
        """Yield the open items."""
        conn, key = self.sides.conn, self.sides.key
        last = self.sides.snapshot.journal.batch_no
        yield from open_items.of_settlement(self.sides.books, self.batches, last, self.foreign)
        yield from open_items.of_strangers(self.strangers.named())
        yield from open_items.of_incidents(conn, key, self.skips)
        if clock is not None:
            yield from open_items.of_later(conn, key, clock.now_ms())


def _look(conn: Conn, municipality: Municipality, rpc: Rpc, personal: PersonalData | None) -> _Look:
    municipality_code, contract = municipality.code, BandaiCoin(rpc, municipality.domain.verifying_contract)
    snapshot: Snapshot = contract.snapshot()
    chain = replayed(rpc, contract.address, snapshot.block_number)
    batches, incidents = (
        all_batches(conn, municipality_code),
        _incidents(conn, {"municipality": municipality_code}),
    )
    key: dict[str, object] = {"municipality": municipality_code}
    adopted = foreign_batches(conn, municipality_code)
    last = snapshot.journal.batch_no
    foreign = foreign_numbers(rpc, municipality.settler, chain, batches, last, adopted)
    ours = [batch for batch in batches if batch.number not in foreign]
    others = strangers(conn, key, adopted)
    done = others.done()
    skipped = {at: reason for at, reason in skipped_of_ours(chain, ours).items() if at not in done}
    skips = unrecorded(skipped, ours, incidents)
    books = expected(conn, municipality_code, _settled(snapshot, batches, foreign, adopted), skips)
    settled = [batch for batch in ours if batch.number <= last]
    books = with_strangers(conn, key, books, settled, others, {*incidents, *skips})
    key = {"municipality": municipality_code, "settled": books.settled}
    sides = BothSides(conn, key, contract, snapshot, books)
    cash = channels_cash(conn, key)
    return _Look(
        municipality, sides, chain, batches, foreign, others, incidents, skipped, skips, cash, personal
    )


def _settled(
    snapshot: Snapshot, batches: list[Batch], foreign: frozenset[int], adopted: list[ForeignBatch]
) -> int:
    """Return our last operation that the chain has replayed. The records of foreign batches are none of ours, and what the
    chain counts from an unknown one on, is not ours either."""
    if not foreign:
        return snapshot.journal.next_sequence - 1 - sum(batch.record_count for batch in adopted)
    before = [batch.last_sequence for batch in batches if batch.number < min(foreign)]
    return max(before, default=0)


class _IncidentRow(NamedTuple):
    sequence: int
    reason: int


def _incidents(conn: Conn, key: Key) -> dict[int, Rejection]:
    """Return why the chain skipped each record, as the worker has recorded it."""
    query = """SELECT sequence, reason FROM incident JOIN rejection USING (reason)
               WHERE municipality = %(municipality)s AND is_confirmed"""
    return {row.sequence: Rejection(row.reason) for row in rows(conn, _IncidentRow, query, key)}
