"""What the chain holds because of foreign batches: the chain's replay of everything, less that of our operations alone.

A foreign record that is one of our operations moves nothing more; our own copy is skipped then, and may have met other lots at
its time. One that is none of ours is named as an open item, and its effect is added to what the chain must have. Replays dates
and shops as the contract does, for the kinds that move value. Source: docs/formats.md §3.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

from coin.database.database import Conn
from coin.errors import Rejection
from coin.ledger.batches import Batch
from coin.ledger.foreign_batches import ForeignBatch, ForeignRecord
from coin.reconciliation.expected import Expected, Shop
from coin.reconciliation.figures import StrangeRecord
from coin.reconciliation.played import Values
from coin.reconciliation.reading import Key, rows
from coin.records.effects import Effect, values_of
from coin.records.kinds import Kind
from coin.records.sameness import Sameness, of_effect

_ADDRESS = 20
_UNTOUCHED = (Rejection.SIGNATURE_INVALID, Rejection.NONCE_OUT_OF_WINDOW)  # skipped before a nonce is used
_Place = TypeVar("_Place")


@dataclass(frozen=True)
class Strangers:
    """The foreign batches, and which of our operations stand in them."""

    batches: Sequence[ForeignBatch]
    ours: Mapping[Sameness, int]

    def unknown(self) -> Iterator[tuple[int, ForeignRecord]]:
        """Yield the records that are none of our operations, with their batch; also those that the chain skipped."""
        for batch in self.batches:
            for record in batch.records():
                if record.sameness not in self.ours:
                    yield batch.number, record

    def named(self) -> Iterator[StrangeRecord]:
        """Yield what the chain carried out and our books do not have."""
        for number, item in self.unknown():
            if item.reason is Rejection.NONE:
                yield _named(number, item)

    def done(self) -> set[int]:
        """Return our operations that the chain has carried out in a foreign batch."""
        records = [record for batch in self.batches for record in batch.records()]
        carried_out = {record.sameness for record in records if record.reason is Rejection.NONE}
        return {sequence for same, sequence in self.ours.items() if same in carried_out}


def _named(number: int, item: ForeignRecord) -> StrangeRecord:
    if item.record is None:
        return StrangeRecord(number, item.chain_sequence)
    values = item.record.values
    amounts = [values[name] for name in ("value", "amount", "coins") if name in values]
    parties = tuple(value for value in values.values() if isinstance(value, bytes) and len(value) == _ADDRESS)
    amount = amounts[0] if amounts and isinstance(amounts[0], int) else None
    return StrangeRecord(number, item.chain_sequence, int(item.record.kind), amount, parties)


class _EffectRow(NamedTuple):
    sequence: int
    kind: int
    words: bytes
    signatures: bytes
    signers: bytes
    context: bytes
    accepted_at_ms: int

    @property
    def effect(self) -> Effect:
        return Effect(*self[:-1])


def strangers(conn: Conn, key: Key, adopted: Sequence[ForeignBatch]) -> Strangers:
    """Find our operations in the foreign batches."""
    if not any(batch.record_count for batch in adopted):
        return Strangers(adopted, {})
    keys = ((of_effect(row.effect), row.sequence) for row in _readable(conn, key))
    return Strangers(adopted, {same: sequence for same, sequence in keys if same is not None})


def _readable(conn: Conn, key: Key) -> Iterator[_EffectRow]:
    query = """SELECT sequence, kind, words, signatures, signers, context, accepted_at_ms FROM chain_effect
               WHERE municipality = %(municipality)s ORDER BY sequence"""
    for row in rows(conn, _EffectRow, query, key):
        if of_effect(row.effect) is not None:  # else it is reported where records are vouched for
            yield row


# ------------------------------------------------------------------ the chain's replay


@dataclass
class _Chain:
    """The state that records leave: each holder's value by date, each shop's balance, what has expired of each date."""

    held: dict[tuple[bytes, int], int] = field(default_factory=dict)
    shops: dict[bytes, int] = field(default_factory=dict)
    expired: dict[int, int] = field(default_factory=dict)

    def play(self, kind: int, values: Values, as_of_s: int) -> None:
        """Carry a record out, if its kind moves value."""
        match kind:
            case Kind.TOP_UP:
                self._add(values["holder"], values["coinExpiry"], values["coins"])
                self._add(values["holder"], values["pointExpiry"], values["points"])
            case Kind.PAYMENT | Kind.PAYMENT_GENERAL:
                for _, amount in self._spend(values, as_of_s):
                    _more(self.shops, values["to"], amount)
            case Kind.SEND | Kind.SEND_GENERAL:
                for expiry_s, amount in self._spend(values, as_of_s):
                    self._add(values["to"], expiry_s, amount)
            case Kind.REDEEM:
                _more(self.shops, values["merchant"], -values["amount"])
            case Kind.MERCHANT:
                _more(self.shops, values["account"], self.shops.pop(values["replaced"], 0))
            case Kind.EXPIRE:
                for place in [place for place in self.held if place[1] == values["expiry"]]:
                    _more(self.expired, values["expiry"], self.held.pop(place))

    def _spend(self, values: Values, as_of_s: int) -> list[tuple[int, int]]:
        """Take value by nearest expiry, of what is alive at asOf."""
        left, parts = values["value"], []
        alive = sorted(at[1] for at in self.held if at[0] == values["from"] and at[1] > as_of_s)
        for expiry_s in alive:
            amount = min(left, self.held[values["from"], expiry_s])
            self._add(values["from"], expiry_s, -amount)
            parts.append((expiry_s, amount))
            left -= amount
        return parts

    def _add(self, holder: bytes, expiry_s: int, amount: int) -> None:
        _more(self.held, (holder, expiry_s), amount)


def _more(sums: dict[_Place, int], place: _Place, amount: int) -> None:
    sums[place] = sums.get(place, 0) + amount


def with_strangers(
    conn: Conn,
    key: Key,
    books: Expected,
    batches: Sequence[Batch],
    found: Strangers,
    skipped: Collection[int],
) -> Expected:
    """Return what the chain must have: our operations, and what foreign batches changed about that.

    Shapes:  skipped: our operations that the chain did not carry out.
    """
    if not any(batch.record_count for batch in found.batches):
        return books
    mine = [row for row in _readable(conn, key) if row.sequence not in skipped]
    alone, together = _Chain(), _Chain()
    for row in mine:
        if row.sequence <= books.settled:
            alone.play(row.kind, values_of(row.effect), row.accepted_at_ms // 1000)
    for _, kind, values, as_of_s in sorted(_in_chain_order(mine, batches, found), key=lambda item: item[0]):
        together.play(kind, values, as_of_s)
    return _moved(_changed(books, alone, together), list(found.unknown()))


def _in_chain_order(
    mine: Sequence[_EffectRow], batches: Sequence[Batch], found: Strangers
) -> Iterator[tuple[int, int, Values, int]]:
    """Yield everything that the chain carried out: its number there, kind, values and asOf."""
    done = found.done()
    waiting = {row.sequence: row for row in mine if row.sequence not in done}
    for batch in batches:
        shift = batch.chain_first_sequence - batch.first_sequence
        for sequence in range(batch.first_sequence, batch.last_sequence + 1):
            row = waiting.get(sequence)
            if row is not None:
                yield sequence + shift, row.kind, values_of(row.effect), batch.as_of_s
    for foreign in found.batches:
        for item in foreign.records():
            if item.record is not None and item.reason is Rejection.NONE:
                values = {**item.record.values, "replaced": item.record.replaced}
                yield item.chain_sequence, item.record.kind, values, foreign.as_of_s


def _changed(books: Expected, alone: _Chain, together: _Chain) -> Expected:
    holders = {address: dict(lots) for address, lots in books.holders.items()}
    dates = dict(books.dates)
    for holder, expiry_s in alone.held.keys() | together.held.keys():
        more = together.held.get((holder, expiry_s), 0) - alone.held.get((holder, expiry_s), 0)
        if more:
            _more(holders.setdefault(holder, {}), expiry_s, more)
            dates[expiry_s] = _sum(dates, expiry_s, more, 0)
    for expiry_s in alone.expired.keys() | together.expired.keys():
        more = together.expired.get(expiry_s, 0) - alone.expired.get(expiry_s, 0)
        if more:
            dates[expiry_s] = _sum(dates, expiry_s, 0, more)
    return replace(books, holders=holders, dates=dates, shops=_shops(books.shops, alone, together))


def _sum(dates: Mapping[int, tuple[int, int]], expiry_s: int, held: int, expired: int) -> tuple[int, int]:
    before = dates.get(expiry_s, (0, 0))
    return before[0] + held, before[1] + expired


def _shops(shops: Sequence[Shop], alone: _Chain, together: _Chain) -> tuple[Shop, ...]:
    more = {
        address: together.shops.get(address, 0) - alone.shops.get(address, 0) for address in together.shops
    }
    return tuple(replace(shop, balance=shop.balance + more.get(shop.address, 0)) for shop in shops)


def _moved(books: Expected, unknown: Sequence[tuple[int, ForeignRecord]]) -> Expected:
    """Leave out the windows and rights that unknown records touched, as for operations that are not settled."""
    records = [
        item.record for _, item in unknown if item.record is not None and item.reason not in _UNTOUCHED
    ]
    values = {value for record in records for value in record.values.values() if isinstance(value, bytes)}
    signers = {
        record.signers[at : at + _ADDRESS]
        for record in records
        for at in range(0, len(record.signers), _ADDRESS)
    }
    parties = {value for value in values if len(value) == _ADDRESS} | signers
    kinds = {int(item.record.kind) for _, item in unknown if item.record and item.reason is Rejection.NONE}
    return replace(books, moving=books.moving | parties, moving_kinds=books.moving_kinds | kinds)
