"""The state that the chain must have, according to the books, once it has replayed the journal up to a sequence.

Figures are added up from the journal and not taken from the balances, so that both are checked. Left out is what the chain
has not executed: operations above the sequence, records with an open incident, and records that the chain skipped but the
worker has not recorded yet.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from coin.database.database import Conn
from coin.errors import InvalidInput
from coin.formats import LANES
from coin.ledger import chain_effects
from coin.messages import MerchantStatus
from coin.reconciliation.figures import Window
from coin.reconciliation.played import Values
from coin.reconciliation.reading import Key, rows
from coin.records.effects import Effect, values_of
from coin.records.journal_codes import JournalCode
from coin.records.kinds import Kind

_SETTLED = """
WITH settled AS (
    SELECT j.* FROM journal j JOIN operation o ON o.municipality = j.municipality AND o.id = j.operation
    WHERE j.municipality = %(municipality)s
      AND (o.sequence IS NULL
           OR (o.sequence <= %(settled)s AND o.sequence <> ALL (%(unrecorded)s)
               AND NOT EXISTS (SELECT FROM incident i WHERE i.municipality = o.municipality AND i.sequence = o.sequence
                               AND i.is_confirmed AND i.disposition IS NULL)))),
sides AS (
    SELECT credit AS account, expiry_s, amount FROM settled
    UNION ALL
    SELECT debit, expiry_s, -amount FROM settled)
"""


@dataclass(frozen=True)
class Shop:
    """A merchant as the chain must have it; its window is known only if it has no unsettled operation."""

    number: int
    address: bytes
    is_open: bool
    balance: int
    window: Window | None


@dataclass(frozen=True)
class Expected:
    """The books at one sequence.

    Shapes:  `holders` by address and expiry; `dates` expiry → (held, expired); `moving` are the addresses that unsettled
             operations touch: the chain does not have their windows and rights yet.
    """

    settled: int
    accepted: int
    holders: dict[bytes, dict[int, int]]
    windows: dict[bytes, Window]
    shops: tuple[Shop, ...]
    dates: dict[int, tuple[int, int]]
    lanes: tuple[int, ...]
    moving: frozenset[bytes]
    moving_kinds: frozenset[int]


def expected(conn: Conn, municipality_code: str, settled: int, unrecorded: Collection[int] = ()) -> Expected:
    """Add up the books as they were after the operation `settled`, without the `unrecorded` skips."""
    key = {"municipality": municipality_code, "settled": settled, "unrecorded": list(unrecorded)}
    moving = _moving(conn, key)
    moving_parties = frozenset(address for effect in moving for address in _parties(effect))
    holders = _holders(conn, key)
    return Expected(
        settled=settled,
        accepted=chain_effects.last_sequence(conn, municipality_code),
        holders=holders,
        windows=_windows(conn, key),
        shops=_shops(conn, key, moving, moving_parties),
        dates=_dates(conn, key, holders),
        lanes=_lanes(conn, key),
        moving=moving_parties,
        moving_kinds=frozenset(effect.kind for effect in moving),
    )


class _Held(NamedTuple):
    address: bytes
    expiry_s: int
    amount: Decimal


def _holders(conn: Conn, key: Key) -> dict[bytes, dict[int, int]]:
    query = """SELECT w.address, s.expiry_s, sum(s.amount) AS amount FROM sides s
               JOIN wallet w ON w.municipality = %(municipality)s AND w.account = s.account
               GROUP BY w.address, s.expiry_s HAVING sum(s.amount) <> 0"""
    found: dict[bytes, dict[int, int]] = {}
    for row in rows(conn, _Held, _SETTLED + query, key):
        found.setdefault(row.address, {})[row.expiry_s] = int(row.amount)
    return found


class _WalletRow(NamedTuple):
    address: bytes
    nonce_base: int
    nonce_map: str


def _windows(conn: Conn, key: Key) -> dict[bytes, Window]:
    query = "SELECT address, nonce_base, nonce_map FROM wallet WHERE municipality = %(municipality)s"
    wallets = rows(conn, _WalletRow, query, key)
    return {row.address: Window.of_bits(row.nonce_base, row.nonce_map) for row in wallets}


class _ShopRow(NamedTuple):
    number: int
    nonce_base: int
    nonce_map: str
    amount: Decimal


def _shops(conn: Conn, key: Key, moving: list[Effect], moving_parties: frozenset[bytes]) -> tuple[Shop, ...]:
    books = _shop_rows(conn, key)
    changing = {values_of(effect)["number"] for effect in moving if effect.kind == Kind.MERCHANT}
    shops = []
    for number, (address, is_open) in sorted(_registrations(conn, key).items()):
        row = books.get(number)
        if row is None:
            continue  # its row is missing: reported where shops are vouched for
        is_known = number not in changing and address not in moving_parties
        window = Window.of_bits(row.nonce_base, row.nonce_map) if is_known else None
        shops.append(Shop(number, address, is_open, int(row.amount), window))
    return tuple(shops)


def _shop_rows(conn: Conn, key: Key) -> dict[int, _ShopRow]:
    query = """, received AS (SELECT account, sum(amount) AS amount FROM sides GROUP BY account)
               SELECT m.number, m.nonce_base, m.nonce_map, coalesce(r.amount, 0) AS amount
               FROM merchant m LEFT JOIN received r ON r.account = m.account WHERE m.municipality = %(municipality)s"""
    return {row.number: row for row in rows(conn, _ShopRow, _SETTLED + query, key)}


class _Words(NamedTuple):
    words: bytes


def _registrations(conn: Conn, key: Key) -> dict[int, tuple[bytes, bool]]:
    """Return address and status by number, from the last record that the chain has executed; the books may be ahead."""
    query = """SELECT e.words FROM chain_effect e
               WHERE e.municipality = %(municipality)s AND e.kind = %(kind)s AND e.sequence <= %(settled)s
                 AND e.sequence <> ALL (%(unrecorded)s)
                 AND NOT EXISTS (SELECT FROM incident i WHERE i.municipality = e.municipality AND i.sequence = e.sequence
                                 AND i.is_confirmed)
               ORDER BY e.sequence"""
    found: dict[int, tuple[bytes, bool]] = {}
    for row in rows(conn, _Words, query, {**key, "kind": Kind.MERCHANT}):
        effect = Effect(0, Kind.MERCHANT, row.words)
        if not _is_readable(effect):
            continue
        values: Values = values_of(effect)
        found[values["number"]] = (values["account"], values["status"] == MerchantStatus.OPEN)
    return found


class _Expired(NamedTuple):
    expiry_s: int
    expired: Decimal


def _dates(conn: Conn, key: Key, holders: dict[bytes, dict[int, int]]) -> dict[int, tuple[int, int]]:
    query = """SELECT d.expiry_s, coalesce(sum(s.amount) FILTER (WHERE s.code = %(expiry)s), 0) AS expired
               FROM expiry_date d LEFT JOIN settled s ON s.expiry_s = d.expiry_s
               WHERE d.municipality = %(municipality)s AND d.opened_sequence <= %(settled)s GROUP BY d.expiry_s"""
    held: dict[int, int] = {}
    for lots in holders.values():
        for expiry_s, amount in lots.items():
            held[expiry_s] = held.get(expiry_s, 0) + amount
    dates = rows(conn, _Expired, _SETTLED + query, {**key, "expiry": JournalCode.EXPIRY})
    return {row.expiry_s: (held.get(row.expiry_s, 0), int(row.expired)) for row in dates}


class _LaneRow(NamedTuple):
    lane: int
    expiry_s: int


def _lanes(conn: Conn, key: Key) -> tuple[int, ...]:
    query = """SELECT lane, expiry_s FROM expiry_date WHERE municipality = %(municipality)s AND opened_sequence <= %(settled)s
                 AND (replaced_sequence IS NULL OR replaced_sequence > %(settled)s)"""
    lanes = {row.lane: row.expiry_s for row in rows(conn, _LaneRow, query, key)}
    return tuple(lanes.get(lane, 0) for lane in range(LANES))


def _moving(conn: Conn, key: Key) -> list[Effect]:
    query = """SELECT e.sequence, e.kind, e.words, e.signatures, e.signers, e.context FROM chain_effect e
               WHERE e.municipality = %(municipality)s
                 AND (e.sequence > %(settled)s OR e.sequence = ANY (%(unrecorded)s)
                      OR EXISTS (SELECT FROM incident i WHERE i.municipality = e.municipality AND i.sequence = e.sequence
                                 AND i.disposition IS NULL))"""
    return [effect for effect in rows(conn, Effect, query, key) if _is_readable(effect)]


def _is_readable(effect: Effect) -> bool:
    """Return whether a record can be read; a damaged one is reported where records are vouched for."""
    try:
        values_of(effect)
    except InvalidInput:
        return False
    return True


def _parties(effect: Effect) -> set[bytes]:
    values = {value for value in values_of(effect).values() if isinstance(value, bytes) and len(value) == 20}
    signers = {effect.signers[at : at + 20] for at in range(0, len(effect.signers), 20)}
    return values | signers
