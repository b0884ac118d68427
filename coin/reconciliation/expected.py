"""What the books say that the chain must hold once it has replayed the journal up to a sequence.

Figures are added up from the journal and not taken from the balances, so that both are checked. Operations above the
sequence, records with an open incident, and those that the chain skipped before the worker has recorded it, are left
out: the chain has not carried them out.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from coin.database.database import Conn
from coin.errors import InvalidInput
from coin.messages import MerchantStatus
from coin.records.effects import Effect, values_of
from coin.records.journal_codes import JournalCode
from coin.records.kinds import Kind

_SETTLED = """
WITH settled AS (
    SELECT j.* FROM journal j JOIN operation o ON o.municipality = j.municipality AND o.id = j.operation
    WHERE j.municipality = %(code)s
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
class Window:
    """A nonce window; bit i of the map is base + i."""

    base: int
    map: int

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Window":
        """Read the columns nonce_base and nonce_map."""
        return cls(int(row["nonce_base"]), int(str(row["nonce_map"])[::-1], 2))


@dataclass(frozen=True)
class Shop:
    """A merchant as the chain must know it; its window is known only while nothing of it is on its way."""

    number: int
    address: bytes
    is_open: bool
    balance: int
    window: Window | None


@dataclass(frozen=True)
class Expected:
    """The books at one sequence.

    Shapes:  `holders` by address and expiry; `dates` expiry → (held, expired); `moving` are the addresses that
             operations still on their way touch, whose windows and rights the chain cannot know yet.
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


def expected(conn: Conn, code: str, settled: int, unrecorded: Collection[int] = ()) -> Expected:
    """Add the books up as they were after the operation `settled`, without the numbers that are `unrecorded` skips."""
    key = {"code": code, "settled": settled, "unrecorded": list(unrecorded)}
    moving = _moving(conn, key)
    moving_parties = frozenset(address for effect in moving for address in _parties(effect))
    holders = _holders(conn, key)
    return Expected(
        settled=settled,
        accepted=_accepted(conn, code),
        holders=holders,
        windows=_windows(conn, code),
        shops=_shops(conn, key, moving, moving_parties),
        dates=_dates(conn, key, holders),
        lanes=_lanes(conn, key),
        moving=moving_parties,
        moving_kinds=frozenset(effect.kind for effect in moving),
    )


def _accepted(conn: Conn, code: str) -> int:
    row = conn.execute("SELECT last_sequence FROM journal_head WHERE municipality = %s", [code]).fetchone()
    return row["last_sequence"] if row else 0


def _holders(conn: Conn, key: dict[str, Any]) -> dict[bytes, dict[int, int]]:
    rows = conn.execute(
        _SETTLED  # noqa: S608  (fixed texts)
        + """SELECT w.address, s.expiry_s, sum(s.amount) AS amount FROM sides s
             JOIN wallet w ON w.municipality = %(code)s AND w.account = s.account
             GROUP BY w.address, s.expiry_s HAVING sum(s.amount) <> 0""",
        key,
    )
    found: dict[bytes, dict[int, int]] = {}
    for row in rows:
        found.setdefault(bytes(row["address"]), {})[row["expiry_s"]] = int(row["amount"])
    return found


def _windows(conn: Conn, code: str) -> dict[bytes, Window]:
    rows = conn.execute("SELECT address, nonce_base, nonce_map FROM wallet WHERE municipality = %s", [code])
    return {bytes(row["address"]): Window.of(row) for row in rows}


def _shops(
    conn: Conn, key: dict[str, Any], moving: list[Effect], moving_parties: frozenset[bytes]
) -> tuple[Shop, ...]:
    rows = conn.execute(
        _SETTLED  # noqa: S608  (fixed texts)
        + """, received AS (SELECT account, sum(amount) AS amount FROM sides GROUP BY account)
             SELECT m.number, m.nonce_base, m.nonce_map, coalesce(r.amount, 0) AS amount
             FROM merchant m LEFT JOIN received r ON r.account = m.account WHERE m.municipality = %(code)s""",
        key,
    )
    books = {row["number"]: row for row in rows}
    changing = {values_of(effect)["number"] for effect in moving if effect.kind == Kind.MERCHANT}
    shops = []
    for number, (address, is_open) in sorted(_registrations(conn, key).items()):
        row = books.get(number)
        if row is None:
            continue  # its row is gone: named where shops are vouched for
        is_known = number not in changing and address not in moving_parties
        shops.append(Shop(number, address, is_open, int(row["amount"]), Window.of(row) if is_known else None))
    return tuple(shops)


def _registrations(conn: Conn, key: dict[str, Any]) -> dict[int, tuple[bytes, bool]]:
    """Address and openness by number, by the last record that the chain has carried out: the books may be ahead."""
    rows = conn.execute(
        """SELECT e.words FROM chain_effect e
           WHERE e.municipality = %(code)s AND e.kind = %(kind)s AND e.sequence <= %(settled)s
             AND e.sequence <> ALL (%(unrecorded)s)
             AND NOT EXISTS (SELECT FROM incident i WHERE i.municipality = e.municipality AND i.sequence = e.sequence
                             AND i.is_confirmed)
           ORDER BY e.sequence""",
        {**key, "kind": Kind.MERCHANT},
    )
    found: dict[int, tuple[bytes, bool]] = {}
    for row in rows:
        effect = Effect(0, Kind.MERCHANT, row["words"])
        if not _is_readable(effect):
            continue
        values: dict[str, Any] = values_of(effect)
        found[values["number"]] = (values["account"], values["status"] == MerchantStatus.OPEN)
    return found


def _dates(
    conn: Conn, key: dict[str, Any], holders: dict[bytes, dict[int, int]]
) -> dict[int, tuple[int, int]]:
    rows = conn.execute(
        _SETTLED  # noqa: S608  (fixed texts)
        + """SELECT d.expiry_s, coalesce(sum(s.amount) FILTER (WHERE s.code = %(expiry)s), 0) AS expired
             FROM expiry_date d LEFT JOIN settled s ON s.expiry_s = d.expiry_s
             WHERE d.municipality = %(code)s AND d.opened_sequence <= %(settled)s GROUP BY d.expiry_s""",
        {**key, "expiry": JournalCode.EXPIRY},
    )
    held: dict[int, int] = {}
    for lots in holders.values():
        for expiry_s, amount in lots.items():
            held[expiry_s] = held.get(expiry_s, 0) + amount
    return {row["expiry_s"]: (held.get(row["expiry_s"], 0), int(row["expired"])) for row in rows}


def _lanes(conn: Conn, key: dict[str, Any]) -> tuple[int, ...]:
    rows = conn.execute(
        """SELECT lane, expiry_s FROM expiry_date WHERE municipality = %(code)s AND opened_sequence <= %(settled)s
             AND (replaced_sequence IS NULL OR replaced_sequence > %(settled)s)""",
        key,
    )
    lanes = {row["lane"]: row["expiry_s"] for row in rows}
    return tuple(lanes.get(lane, 0) for lane in range(4))


def _moving(conn: Conn, key: dict[str, Any]) -> list[Effect]:
    rows = conn.execute(
        """SELECT e.sequence, e.kind, e.words, e.signatures, e.signers, e.context FROM chain_effect e
           WHERE e.municipality = %(code)s
             AND (e.sequence > %(settled)s OR e.sequence = ANY (%(unrecorded)s)
                  OR EXISTS (SELECT FROM incident i WHERE i.municipality = e.municipality AND i.sequence = e.sequence
                             AND i.disposition IS NULL))""",
        key,
    )
    return [effect for effect in (Effect(**row) for row in rows) if _is_readable(effect)]


def _is_readable(effect: Effect) -> bool:
    """A record that somebody has damaged is named where records are vouched for."""
    try:
        values_of(effect)
    except InvalidInput:
        return False
    return True


def _parties(effect: Effect) -> set[bytes]:
    values = {value for value in values_of(effect).values() if isinstance(value, bytes) and len(value) == 20}
    signers = {effect.signers[at : at + 20] for at in range(0, len(effect.signers), 20)}
    return values | signers
