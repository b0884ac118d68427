"""Compares books and chain: holders, shops, dates, signers, the period, the totals and the end of the journal, at one block.

Verifies I-05. Where the books keep only the newest state, items that unsettled operations touch are left out (ADR 0010).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain as joined
from typing import NamedTuple

from coin.chain.contract import BandaiCoin, Snapshot
from coin.chain.words import AccountWord
from coin.database.database import Conn
from coin.formats import SETTLE_WINDOW_S, TIMES_END_S
from coin.ledger.batches import UNMINED, Batch
from coin.ledger.foreign_batches import ForeignBatch
from coin.reconciliation.expected import Expected
from coin.reconciliation.figures import (
    Against,
    Field,
    Figure,
    Holding,
    Id,
    RandomNonce,
    SignerDay,
    Subject,
    Value,
    Window,
)
from coin.reconciliation.reading import Key, rows
from coin.records.kinds import KINDS
from coin.registry.signers import SignerRole

_OF_THE_PERIOD = frozenset(kind for kind, row in KINDS.items() if row.changes_period)


@dataclass(frozen=True)
class BothSides:
    """The books at a sequence, and the chain at a block that has replayed them up to it."""

    conn: Conn
    key: Key
    contract: BandaiCoin
    snapshot: Snapshot
    books: Expected

    @property
    def block(self) -> int:
        """The block at which the chain is read."""
        return self.snapshot.block_number


def of_chain(sides: BothSides, batches: Sequence[Batch], adopted: Sequence[ForeignBatch]) -> Iterator[Figure]:
    """Return every figure that the chain has too."""
    return joined(
        _of_holders(sides),
        _of_random_nonces(sides),
        _of_shops(sides),
        _of_lanes(sides),
        _of_dates(sides),
        _of_signers(sides),
        _of_period(sides),
        _of_totals(sides),
        _of_journal(sides.snapshot, batches, adopted),
    )


def _figure(subject: Subject, id_: Id, field: Field, books: Value, chain: Value) -> Figure:
    return Figure(subject, id_, field, books, chain, Against.CHAIN)


# ------------------------------------------------------------------ holders


class _Ended(NamedTuple):
    expiry_s: int


def _of_holders(sides: BothSides) -> Iterator[Figure]:
    query = "SELECT expiry_s FROM expiry_date WHERE municipality = %(municipality)s AND expired_sequence <= %(settled)s"
    ended = {row.expiry_s for row in rows(sides.conn, _Ended, query, sides.key)}
    words = sides.contract.accounts(sorted(sides.books.windows), sides.block)
    for address, word in words.items():
        yield from _of_lots(sides, address, word, ended)
        if address not in sides.books.moving:
            window = Window(word.nonce_base, word.nonce_map)
            yield _figure(Subject.HOLDER, address, Field.NONCES, sides.books.windows[address], window)
        yield _figure(Subject.HOLDER, address, Field.IS_MERCHANT, False, word.is_merchant)


def _of_lots(sides: BothSides, address: bytes, word: AccountWord, ended: set[int]) -> Iterator[Figure]:
    on_chain = word.by_expiry(sides.snapshot.calendar)
    in_books = sides.books.holders.get(address, {})
    for expiry_s in sorted((set(on_chain) - ended) | set(in_books)):
        amounts = in_books.get(expiry_s, 0), on_chain.get(expiry_s, 0)
        yield _figure(Subject.HOLDING, Holding(address, expiry_s), Field.BALANCE, *amounts)


def _of_random_nonces(sides: BothSides) -> Iterator[Figure]:
    query = "SELECT payer, nonce FROM random_nonce WHERE municipality = %(municipality)s"
    for item in rows(sides.conn, RandomNonce, query, sides.key):
        if item.payer not in sides.books.moving:
            used = sides.contract.is_nonce_used(item.payer, item.nonce, sides.block)
            yield _figure(Subject.NONCE, item, Field.IS_USED, True, used)


# ------------------------------------------------------------------ shops, dates, signers


def _of_shops(sides: BothSides) -> Iterator[Figure]:
    shops = sides.books.shops
    words = sides.contract.merchants([shop.address for shop in shops], sides.block)
    holders = sides.contract.merchant_of([shop.number for shop in shops], sides.block)
    for shop in shops:
        word, number = words[shop.address], shop.number
        registered = word.number if word.is_registered else None
        yield _figure(Subject.MERCHANT, number, Field.BALANCE, shop.balance, word.balance)
        yield _figure(Subject.MERCHANT, number, Field.MERCHANT_NUMBER, number, registered)
        yield _figure(Subject.MERCHANT, number, Field.ADDRESS, shop.address, holders.get(number))
        yield _figure(Subject.MERCHANT, number, Field.IS_OPEN, shop.is_open, not word.is_closed)
        if shop.window is not None:
            window = Window(word.nonce_base, word.nonce_map)
            yield _figure(Subject.MERCHANT, number, Field.NONCES, shop.window, window)


def _of_lanes(sides: BothSides) -> Iterator[Figure]:
    for lane, expiry_s in enumerate(sides.books.lanes):
        yield _figure(Subject.LANE, lane, Field.EXPIRY, expiry_s, sides.snapshot.calendar.expiries[lane])


def _of_dates(sides: BothSides) -> Iterator[Figure]:
    dates = sides.books.dates
    known = [expiry_s for expiry_s in sorted(dates) if 0 <= expiry_s < TIMES_END_S]
    for expiry_s in dates.keys() - known:
        yield _figure(Subject.DATE, expiry_s, Field.IS_OPENED, True, False)
    for expiry_s, word in sides.contract.dates(known, sides.block).items():
        held, expired = dates[expiry_s]
        yield _figure(Subject.DATE, expiry_s, Field.BALANCE, held, word.held)
        yield _figure(Subject.DATE, expiry_s, Field.EXPIRED, expired, word.expired)
        yield _figure(Subject.DATE, expiry_s, Field.IS_OPENED, True, word.is_opened)


class _SignerRow(NamedTuple):
    address: bytes
    role: int
    allowance: int
    nonce_base: int
    nonce_map: str


def _of_signers(sides: BothSides) -> Iterator[Figure]:
    query = """SELECT address, role, allowance, nonce_base, nonce_map FROM signer
               WHERE municipality = %(municipality)s ORDER BY address"""
    found = rows(sides.conn, _SignerRow, query, sides.key)
    settled = [row for row in found if row.address not in sides.books.moving]
    words = sides.contract.signers([row.address for row in settled], sides.block)
    for row in settled:
        word = words[row.address]
        windows = Window.of_bits(row.nonce_base, row.nonce_map), Window(word.nonce_base, word.nonce_map)
        yield _figure(Subject.SIGNER, row.address, Field.ROLE, row.role, word.role)
        yield _figure(Subject.SIGNER, row.address, Field.ALLOWANCE, row.allowance, word.allowance)
        yield _figure(Subject.SIGNER, row.address, Field.NONCES, *windows)


# ------------------------------------------------------------------ the period, totals, the end of the journal


class _PeriodRow(NamedTuple):
    cap: int
    issued: int
    first_day: int
    staff: int


class _UsageRow(NamedTuple):
    signer: bytes
    day: int
    used: int


def _of_period(sides: BothSides) -> Iterator[Figure]:
    if sides.books.moving_kinds & _OF_THE_PERIOD:
        return  # the books already count operations that are not settled yet; these are open items
    query = """SELECT coalesce(cap, 0) AS cap, coalesce(issued, 0) AS issued, coalesce(first_day, 0) AS first_day, staff
               FROM (SELECT count(*) AS staff FROM signer WHERE municipality = %(municipality)s AND role = %(role)s) s
               LEFT JOIN period ON municipality = %(municipality)s"""
    key = {**sides.key, "role": SignerRole.STAFF}
    mine, theirs = next(rows(sides.conn, _PeriodRow, query, key)), sides.snapshot.period
    yield _figure(Subject.PERIOD, None, Field.CAP, mine.cap, theirs.cap)
    yield _figure(Subject.PERIOD, None, Field.ISSUED, mine.issued, theirs.issued)
    yield _figure(Subject.PERIOD, None, Field.FIRST_DAY, mine.first_day, theirs.first_day)
    yield _figure(Subject.TOWN, None, Field.STAFF, mine.staff, theirs.staff)
    query = "SELECT signer, day, used FROM signer_usage WHERE municipality = %(municipality)s"
    for row in list(rows(sides.conn, _UsageRow, query, sides.key)):
        used = sides.contract.used_today(row.signer, row.day, sides.block) if row.day >= 0 else None
        yield _figure(Subject.USAGE, SignerDay(row.signer, row.day), Field.USED, row.used, used)


def _of_totals(sides: BothSides) -> Iterator[Figure]:
    snapshot, books = sides.snapshot, sides.books
    merchants = sum(shop.balance for shop in books.shops)
    view_s = max(snapshot.journal.last_as_of_s, snapshot.block_time_s - SETTLE_WINDOW_S)
    live = sum(held for expiry_s, (held, _) in books.dates.items() if expiry_s > view_s)
    yield _figure(Subject.TOWN, None, Field.MERCHANTS_TOTAL, merchants, snapshot.journal.merchants_total)
    yield _figure(Subject.TOWN, None, Field.TOTAL_SUPPLY, live + merchants, snapshot.total_supply)


def _of_journal(
    snapshot: Snapshot, batches: Sequence[Batch], adopted: Sequence[ForeignBatch]
) -> Iterator[Figure]:
    journal = snapshot.journal
    ends = {batch.number: (batch.as_of_s, batch.chain_first_sequence + batch.count) for batch in batches}
    ends |= {batch.number: (batch.as_of_s, batch.first_sequence + batch.record_count) for batch in adopted}
    known = ends.get(journal.batch_no)
    if known is not None:
        yield _figure(Subject.JOURNAL, None, Field.LAST_AS_OF, known[0], journal.last_as_of_s)
        yield _figure(Subject.JOURNAL, None, Field.NEXT_SEQUENCE, known[1], journal.next_sequence)
    settled = [
        batch.number for batch in batches if batch.number > journal.batch_no and batch.state not in UNMINED
    ]
    last = settled[-1] if settled else (journal.batch_no if known or not journal.batch_no else None)
    yield _figure(Subject.JOURNAL, None, Field.LAST_BATCH, last, journal.batch_no)
