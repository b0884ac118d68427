"""Operation by operation: what the journal and the lists of charges, payments and redeems say, against the signed record.

Each operation has exactly the lines and rows that its record gives, and no line or row stands there without one. Verifies I-04,
I-06, I-10, I-11.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from coin.clock import fiscal_year, jst_day
from coin.database.database import Conn
from coin.errors import InvalidInput
from coin.lots import Lot
from coin.messages import Domain
from coin.program import LotKind
from coin.reconciliation.naming import MISSING, Row, plain, shown_last_day
from coin.reconciliation.played import Circumstances, Line, Lines, Play
from coin.records.effects import Effect, kind_of, values_of
from coin.records.kinds import KINDS, PAYMENTS, Kind, carried_out
from coin.records.layout import Form

_PAYER = "payer"  # who acts where no member of staff does


@dataclass(frozen=True, slots=True)
class _Operation:
    """An operation with what the books keep of it beside the journal, and the record that was signed for it."""

    name: str
    row: dict[str, Any]
    beside: dict[str, list[dict[str, Any]]]
    journal: "_Journal"

    @property
    def effect(self) -> Effect:
        """The signed record."""
        return Effect(
            self.row["sequence"],
            self.row["record_kind"],
            self.row["words"],
            self.row["signatures"],
            self.row["signers"],
            self.row["context"],
        )

    @property
    def table(self) -> str | None:
        """The table that keeps a row of an operation of this kind."""
        kind = carried_out(self.row["record_kind"])
        return kind.own_table if kind else None

    @property
    def listed(self) -> dict[str, Any]:
        """Its row in that table; empty, if there is none."""
        rows = self.beside.get(self.table, []) if self.table else []
        return rows[0] if rows else {}


def of_operations(conn: Conn, key: dict[str, Any], play: Play, domain: Domain) -> Iterator[Row]:
    """Play every record in order, and compare what the books keep of it; rows of no operation come last."""
    journals, beside = _journals(conn, key), _beside(conn, key)
    known, last_ms = 0, None
    for row in conn.execute(_OPERATIONS, key).fetchall():
        name = f"operation {row['sequence'] or row['id']}"
        kept = _Operation(name, row, beside.pop(row["id"], {}), journals.pop(row["id"], _Journal()))
        if row["sequence"] is None or row["record_kind"] is None:
            yield f"{name} record", _shown(kept.journal.lines), MISSING
            continue
        if row["sequence"] > known + 1:
            yield _numbers(known + 1, row["sequence"] - 1), MISSING, "numbered"
        known, last_ms = row["sequence"], row["accepted_at_ms"]
        try:
            yield from _of_operation(kept, play, domain)
        except InvalidInput as error:
            yield f"{name} record", error.en, "readable"
        except (OverflowError, ValueError):
            yield f"{name} acceptance", row["accepted_at_ms"], "a time of the calendar"
    for operation in sorted({*journals, *beside}):
        where = sorted([*beside.get(operation, {}), *(["journal"] if operation in journals else [])])
        yield f"operation {operation} record", ", ".join(where), MISSING
    head = conn.execute("SELECT * FROM journal_head WHERE municipality = %(code)s", key).fetchone()
    yield "journal last number", head["last_sequence"] if head else MISSING, known
    if head and last_ms is not None:
        yield "journal last acceptance", head["last_accepted_at_ms"], last_ms


def _numbers(first: int, last: int) -> str:
    return f"operation {first}" if first == last else f"operations {first} to {last}"


def _of_operation(kept: _Operation, play: Play, domain: Domain) -> Iterator[Row]:
    row, values, at_ms = kept.row, values_of(kept.effect), kept.row["record_at_ms"]
    found = Circumstances(at_ms, row["audit_channel"] or "", kept.listed.get("fund", ""))
    wanted = play.play(kept.effect, found)
    journal = kept.journal
    lines = _without_lots(journal.lines) if row["record_kind"] == Kind.REDEEM else journal.lines
    yield f"{kept.name} lines", _shown(lines, but=wanted), _shown(wanted, but=lines)
    odd = journal.codes - _codes_of(row["record_kind"])
    yield f"{kept.name} entries", ", ".join(sorted(f"{code} {kind.value}" for code, kind in odd)), ""
    yield f"{kept.name} kind", row["kind"], row["record_kind"]
    yield f"{kept.name} acceptance", row["accepted_at_ms"], at_ms
    years = ", ".join(map(str, sorted({row["fiscal_year"], *journal.years})))
    yield f"{kept.name} fiscal year", years, str(fiscal_year(at_ms))
    actor = _PAYER if row["record_kind"] in PAYMENTS else row["audit_actor"]
    yield f"{kept.name} audit", row["actor"], actor or MISSING
    tables = sorted(table for table, rows in kept.beside.items() for _ in rows)
    yield f"{kept.name} lists", ", ".join(tables), kept.table or ""
    if row["record_kind"] in PAYMENTS:
        is_valid = values["validAfter"] < at_ms // 1000 and at_ms < values["validBefore"] * 1000
        yield f"{kept.name} accepted while it was valid", is_valid, True
    for column, proved in _proved(kept.effect, values, at_ms, play, domain).items():
        yield f"{kept.name} {column}", plain(kept.listed.get(column, MISSING)), plain(proved)


def _proved(effect: Effect, values: dict[str, Any], at_ms: int, play: Play, domain: Domain) -> dict[str, Any]:
    """What the row beside the journal must say; nothing for kinds that have none."""
    kind = kind_of(effect)
    if kind in PAYMENTS:
        number = play.number_of(values["to"]) if KINDS[kind].form_of("to") is Form.MERCHANT else None
        return {
            "id": KINDS[kind].message.TYPE.digest(domain, effect.words),
            "kind": kind,
            "payer": values["from"],
            "payee": values["to"],
            "amount": values["value"],
            "nonce": values["nonce"],
            "merchant_number": number,
            "accepted_at_ms": at_ms,
        }
    if kind == Kind.TOP_UP:
        return {
            "digest": KINDS[kind].message.TYPE.digest(domain, effect.words),
            "channel": play.channel_of(values["channel"]),
            "signer": values["channel"],
            "holder": values["holder"],
            "coins": values["coins"],
            "coin_expiry_s": values["coinExpiry"],
            "points": values["points"],
            "point_expiry_s": values["pointExpiry"],
            "reference": values["reference"],
            "day": jst_day(at_ms // 1000),
        }
    if kind == Kind.REDEEM:
        number = play.number_of(values["merchant"])
        return {"payout": values["payout"], "amount": values["amount"], "merchant_number": number}
    return {}


_OPERATIONS = """
SELECT o.sequence, o.id, o.kind, o.accepted_at_ms, o.fiscal_year, o.actor, e.kind AS record_kind, e.words, e.signatures,
       e.signers, e.context, e.accepted_at_ms AS record_at_ms, a.actor AS audit_actor, a.channel AS audit_channel
FROM operation o
LEFT JOIN chain_effect e ON e.municipality = o.municipality AND e.sequence = o.sequence
LEFT JOIN (SELECT detail->>'sequence' AS sequence, string_agg(actor, ', ') AS actor, string_agg(detail->>'channel', ', ') AS channel
           FROM audit WHERE municipality = %(code)s GROUP BY 1) a ON a.sequence = o.sequence::text
WHERE o.municipality = %(code)s ORDER BY o.sequence
"""
_LINES = """
SELECT j.operation, j.fiscal_year, j.code, concat_ws(' ', d.class, nullif(d.reference, '')) AS debit,
       concat_ws(' ', c.class, nullif(c.reference, '')) AS credit, j.kind::text, j.expiry_s, j.fund, j.amount
FROM journal j
JOIN account d ON d.municipality = j.municipality AND d.id = j.debit
JOIN account c ON c.municipality = j.municipality AND c.id = j.credit
WHERE j.municipality = %(code)s
"""
_OWN_TABLES = sorted({row.own_table for row in KINDS.values() if row.own_table})


def _codes_of(kind: int) -> set[tuple[str, LotKind]]:
    """What the lines of a record of that kind may be called."""
    row = carried_out(kind)
    return {(code, lot) for lot, code in row.codes.items()} if row else set()


@dataclass(slots=True)
class _Journal:
    """The lines of one operation added up, and which codes (of coins and of points) and fiscal years stand on them."""

    lines: dict[Line, int] = field(default_factory=dict)
    codes: set[tuple[str, LotKind]] = field(default_factory=set)
    years: set[int] = field(default_factory=set)


def _journals(conn: Conn, key: dict[str, Any]) -> dict[UUID, _Journal]:
    journals: dict[UUID, _Journal] = {}
    for row in conn.execute(_LINES, key):
        lot = Lot(LotKind(row["kind"]), row["expiry_s"], row["fund"])
        line = Line(row["debit"], row["credit"], lot)
        into = journals.setdefault(row["operation"], _Journal())
        into.lines[line] = into.lines.get(line, 0) + row["amount"]
        into.codes.add((row["code"], lot.kind))
        into.years.add(row["fiscal_year"])
    return journals


def _beside(conn: Conn, key: dict[str, Any]) -> dict[UUID, dict[str, list[dict[str, Any]]]]:
    """The rows beside the journal, by operation and table: one each in books that are in order."""
    found: dict[UUID, dict[str, list[dict[str, Any]]]] = {}
    for table in _OWN_TABLES:
        query = f"SELECT * FROM {table} WHERE municipality = %(code)s"  # noqa: S608  (fixed names)
        for row in conn.execute(query.encode(), key):
            found.setdefault(row["operation"], {}).setdefault(table, []).append(row)
    return found


def _without_lots(lines: Lines) -> dict[Line, int]:
    sums: dict[Line, int] = {}
    for line, amount in lines.items():
        whole = Line(line.debit, line.credit, None)
        sums[whole] = sums.get(whole, 0) + amount
    return sums


def _shown(lines: Lines, *, but: Lines | None = None) -> str:
    """The lines in words, without those that are the same on the other side."""
    odd = (item for item in lines.items() if item not in (but or {}).items())
    return "; ".join(sorted(f"{_lot(line.lot)}{amount} {line.debit} > {line.credit}" for line, amount in odd))


def _lot(lot: Lot | None) -> str:
    if lot is None:
        return ""
    until = shown_last_day(lot.expiry_s) if lot.expiry_s else ""
    return " ".join(filter(None, (lot.kind.value, lot.fund, until))) + " "
