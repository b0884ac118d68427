"""Vouches for the tables beside the journal: the row of each charge, payment and redeem, and the row that its record proves.

The catalogue of kinds names the table of a kind; what a row must say is defined here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from coin.clock import jst_day
from coin.database.database import Conn
from coin.messages import Domain
from coin.reconciliation.figures import Field, Value
from coin.reconciliation.played import Play, Values
from coin.reconciliation.reading import Key, rows
from coin.records.effects import Effect, kind_of
from coin.records.kinds import KINDS
from coin.records.layout import Form


class PaymentRow(NamedTuple):
    """A row of `payment`."""

    operation: UUID
    id: bytes
    kind: int
    payer: bytes
    payee: bytes
    amount: int
    nonce: bytes
    merchant_number: int | None
    accepted_at_ms: int


class TopUpRow(NamedTuple):
    """A row of `top_up`; `fund` is not in any record."""

    operation: UUID
    digest: bytes
    channel: str
    signer: bytes
    holder: bytes
    coins: int
    coin_expiry_s: int
    points: int
    point_expiry_s: int
    reference: bytes
    day: int
    fund: str


class RedeemRow(NamedTuple):
    """A row of `redeem`."""

    operation: UUID
    payout: bytes
    amount: int
    merchant_number: int | None


ListRow = PaymentRow | TopUpRow | RedeemRow


@dataclass(frozen=True, slots=True)
class Proof:
    """A replayed record, with the facts that prove its row."""

    effect: Effect
    values: Values
    accepted_at_ms: int
    play: Play
    domain: Domain

    @property
    def digest(self) -> bytes:
        """The signed digest."""
        return KINDS[kind_of(self.effect)].message.TYPE.digest(self.domain, self.effect.words)


def _of_payment(proof: Proof) -> tuple[Value, ...]:
    values, kind = proof.values, kind_of(proof.effect)
    is_to_a_shop = KINDS[kind].form_of("to") is Form.MERCHANT
    return (
        proof.digest,
        kind,
        values["from"],
        values["to"],
        values["value"],
        values["nonce"],
        proof.play.number_of(values["to"]) if is_to_a_shop else None,
        proof.accepted_at_ms,
    )


def _of_top_up(proof: Proof) -> tuple[Value, ...]:
    values = proof.values
    return (
        proof.digest,
        proof.play.channel_of(values["channel"]),
        values["channel"],
        values["holder"],
        values["coins"],
        values["coinExpiry"],
        values["points"],
        values["pointExpiry"],
        values["reference"],
        jst_day(proof.accepted_at_ms // 1000),
    )


def _of_redeem(proof: Proof) -> tuple[Value, ...]:
    values = proof.values
    return (values["payout"], values["amount"], proof.play.number_of(values["merchant"]))


@dataclass(frozen=True)
class _List:
    """A table beside the journal: its row, its fields, and their values according to a record."""

    row: type[ListRow]
    fields: tuple[Field, ...]
    proved: Callable[[Proof], tuple[Value, ...]]


_LISTS = {
    "payment": _List(
        PaymentRow,
        (
            Field.DIGEST,
            Field.LISTED_KIND,
            Field.PAYER,
            Field.PAYEE,
            Field.AMOUNT,
            Field.NONCE,
            Field.MERCHANT_NUMBER,
            Field.LISTED_ACCEPTED_AT,
        ),
        _of_payment,
    ),
    "top_up": _List(
        TopUpRow,
        (
            Field.DIGEST,
            Field.CHANNEL,
            Field.SIGNER,
            Field.HOLDER,
            Field.COINS,
            Field.COIN_EXPIRY,
            Field.POINTS,
            Field.POINT_EXPIRY,
            Field.REFERENCE,
            Field.DAY,
        ),
        _of_top_up,
    ),
    "redeem": _List(RedeemRow, (Field.PAYOUT, Field.AMOUNT, Field.MERCHANT_NUMBER), _of_redeem),
}
Beside = dict[str, list[ListRow]]  # rows of one operation by table


def rows_beside(conn: Conn, key: Key) -> dict[UUID, Beside]:
    """Return the rows beside the journal, by operation and table; in correct books one each."""
    found: dict[UUID, Beside] = {}
    for table, item in _LISTS.items():
        query = f"SELECT {', '.join(item.row._fields)} FROM {table} WHERE municipality = %(municipality)s"  # noqa: S608  (fixed names)
        for row in rows(conn, item.row, query, key):
            found.setdefault(row.operation, {}).setdefault(table, []).append(row)
    return found


def of_row(table: str | None, row: ListRow | None, proof: Proof) -> Iterator[tuple[Field, Value, Value]]:
    """Yield each field as the row has it and as the record proves it; nothing for kinds without a table."""
    if table is None:
        return
    item = _LISTS[table]
    said: tuple[Value, ...] = row[1:] if row else (None,) * len(item.fields)
    yield from zip(
        item.fields, said, item.proved(proof), strict=False
    )  # a row may have more fields, which no record proves
