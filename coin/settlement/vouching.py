"""Vouching: every row of the books against the signed record that it rests on, and the tables beside the journal against it.

Balances can be right and the books wrong all the same: who turns coins of a charge into points in every table pockets
the cash, and the chain, which keeps dates and no kinds, shows no difference. The signed records do (`played`), and the
chain keeps the hash of each batch of them (`proof`). Keeps I-04, I-06, I-10, I-11 by looking.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from coin.chain.records import Effect, Kind, values_of
from coin.clock import fiscal_year, jst_day
from coin.database.database import Conn
from coin.errors import InvalidInput
from coin.lots import Lot
from coin.messages import checksum_address, key_id
from coin.program import LotKind
from coin.receipts import Receipt, are_genuine
from coin.registry.municipality import Municipality
from coin.settlement.naming import shown_day, shown_last_day
from coin.settlement.played import Circumstances, Line, Lines, Play, holder_account
from coin.settlement.run import MAX_SPAN_MS

Row = tuple[str, Any, Any]
_PAYMENTS = frozenset({Kind.PAYMENT, Kind.PAYMENT_GENERAL, Kind.SEND, Kind.SEND_GENERAL})
_MISSING = "missing"
_PAYER = "payer"  # who acts where no member of staff does


def vouched(conn: Conn, municipality: Municipality) -> Iterator[Row]:
    """Every figure that a record proves, as (place, books, record); they differ where somebody changed the books."""
    key = {"code": municipality.code}
    play = Play([fund.id for fund in municipality.program.funds])
    yield from _of_operations(conn, key, play)
    yield from _of_shops(conn, key, play)
    yield from _of_accounts(conn, key)
    yield from _of_dates(conn, key)
    yield from _of_signers(conn, key, play)
    yield from _of_funds(conn, key, municipality)
    yield from _of_allowances(conn, key)
    yield from _of_checkouts(conn, key)
    yield from _of_receipts(conn, key, municipality)
    yield from _of_times(conn, key)


# ------------------------------------------------------------------ operation by operation


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
        return _TABLE_OF.get(self.row["record_kind"])

    @property
    def listed(self) -> dict[str, Any]:
        """Its row in that table; empty, if there is none."""
        rows = self.beside.get(self.table, []) if self.table else []
        return rows[0] if rows else {}


def _of_operations(conn: Conn, key: dict[str, Any], play: Play) -> Iterator[Row]:
    journals, beside = _journals(conn, key), _beside(conn, key)
    known = 0
    for row in conn.execute(_OPERATIONS, key).fetchall():
        name = f"operation {row['sequence'] or row['id']}"
        kept = _Operation(name, row, beside.pop(row["id"], {}), journals.pop(row["id"], _Journal()))
        if row["sequence"] is None or row["record_kind"] is None:
            yield f"{name} record", _shown(kept.journal.lines), _MISSING
            continue
        for number in range(known + 1, row["sequence"]):
            yield f"operation {number}", _MISSING, "numbered"
        known = row["sequence"]
        try:
            yield from _of_operation(kept, play)
        except InvalidInput as error:
            yield f"{name} record", error.en, "readable"
        except (OverflowError, ValueError):
            yield f"{name} acceptance", row["accepted_at_ms"], "a time of the calendar"
    for operation in sorted({*journals, *beside}):
        where = sorted([*beside.get(operation, {}), *(["journal"] if operation in journals else [])])
        yield f"operation {operation} record", ", ".join(where), _MISSING
    head = conn.execute(
        "SELECT last_sequence FROM journal_head WHERE municipality = %(code)s", key
    ).fetchone()
    yield "journal last number", head["last_sequence"] if head else _MISSING, known


def _of_operation(kept: _Operation, play: Play) -> Iterator[Row]:
    row, values, at_ms = kept.row, values_of(kept.effect), kept.row["record_at_ms"]
    found = Circumstances(at_ms, row["audit_channel"] or "", kept.listed.get("fund", ""))
    wanted = play.play(kept.effect, found)
    journal = kept.journal
    lines = _without_lots(journal.lines) if row["record_kind"] == Kind.REDEEM else journal.lines
    yield f"{kept.name} lines", _shown(lines, but=wanted), _shown(wanted, but=lines)
    yield f"{kept.name} entries", sorted(journal.codes - _CODES_OF.get(row["record_kind"], frozenset())), []
    yield f"{kept.name} kind", row["kind"], row["record_kind"]
    yield f"{kept.name} acceptance", row["accepted_at_ms"], at_ms
    yield f"{kept.name} fiscal year", sorted({row["fiscal_year"], *journal.years}), [fiscal_year(at_ms)]
    actor = _PAYER if row["record_kind"] in _PAYMENTS else row["audit_actor"]
    yield f"{kept.name} audit", row["actor"], actor or _MISSING
    tables = sorted(table for table, rows in kept.beside.items() for _ in rows)
    yield f"{kept.name} lists", ", ".join(tables), kept.table or ""
    for column, proved in _proved(row["record_kind"], values, at_ms, play).items():
        yield f"{kept.name} {column}", _plain(kept.listed.get(column, _MISSING)), _plain(proved)


def _proved(kind: int, values: dict[str, Any], at_ms: int, play: Play) -> dict[str, Any]:
    """What the row beside the journal must say; nothing for kinds that have none."""
    if kind in _PAYMENTS:
        number = play.number_of(values["to"]) if kind in (Kind.PAYMENT, Kind.PAYMENT_GENERAL) else None
        return {
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
_TABLE_OF = {**dict.fromkeys(_PAYMENTS, "payment"), Kind.TOP_UP: "top_up", Kind.REDEEM: "redeem"}
_CODES_OF = {
    **dict.fromkeys((Kind.PAYMENT, Kind.PAYMENT_GENERAL), frozenset({"payment"})),
    **dict.fromkeys((Kind.SEND, Kind.SEND_GENERAL), frozenset({"send"})),
    Kind.TOP_UP: frozenset({"top_up", "bonus"}),
    Kind.REDEEM: frozenset({"redeem"}),
    Kind.EXPIRE: frozenset({"expiry"}),
}


@dataclass(slots=True)
class _Journal:
    """The lines of one operation added up, and which codes and fiscal years stand on them."""

    lines: dict[Line, int] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    years: set[int] = field(default_factory=set)


def _journals(conn: Conn, key: dict[str, Any]) -> dict[UUID, _Journal]:
    journals: dict[UUID, _Journal] = {}
    for row in conn.execute(_LINES, key):
        line = Line(row["debit"], row["credit"], Lot(LotKind(row["kind"]), row["expiry_s"], row["fund"]))
        into = journals.setdefault(row["operation"], _Journal())
        into.lines[line] = into.lines.get(line, 0) + row["amount"]
        into.codes.add(row["code"])
        into.years.add(row["fiscal_year"])
    return journals


def _beside(conn: Conn, key: dict[str, Any]) -> dict[UUID, dict[str, list[dict[str, Any]]]]:
    """The rows beside the journal, by operation and table: one each in books that are in order."""
    found: dict[UUID, dict[str, list[dict[str, Any]]]] = {}
    for table in sorted(set(_TABLE_OF.values())):
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


def _plain(value: Any) -> Any:
    return "0x" + value.hex() if isinstance(value, bytes) else value


# ------------------------------------------------------------------ what stands beside the journal


def _of_shops(conn: Conn, key: dict[str, Any], play: Play) -> Iterator[Row]:
    """The address to which wallets sign, and the account to which their payments go."""
    rows = conn.execute(
        """SELECT m.number, m.address, m.is_open, concat_ws(' ', a.class, a.reference) AS account
           FROM merchant m JOIN account a ON a.municipality = m.municipality AND a.id = m.account
           WHERE m.municipality = %(code)s""",
        key,
    ).fetchall()
    books = {row["number"]: (_plain(bytes(row["address"])), row["is_open"], row["account"]) for row in rows}
    nothing = (_MISSING, _MISSING, _MISSING)
    for number in sorted(books.keys() | play.numbers()):
        name, registered = f"merchant {number:06d}", play.shop(number)
        address, is_open, account = books.get(number, nothing)
        proved = (_plain(registered[0]), registered[1], name) if registered else nothing
        yield f"{name} address in use", address, proved[0]
        yield f"{name} open in use", is_open, proved[1]
        yield f"{name} account", account, proved[2]
    rows = conn.execute(
        "SELECT number, address FROM retired_merchant_address WHERE municipality = %(code)s", key
    ).fetchall()
    retired = {bytes(row["address"]): row["number"] for row in rows}
    for address in sorted(retired.keys() | play.retired.keys()):
        name = f"retired address {checksum_address(address)}"
        yield name, retired.get(address, _MISSING), play.retired.get(address, _MISSING)


def _of_accounts(conn: Conn, key: dict[str, Any]) -> Iterator[Row]:
    """The account of each wallet, and what keeps it from paying; no record of this release closes or freezes one or lets it exit."""
    rows = conn.execute(
        """SELECT w.address, w.in_incident, w.closed OR w.frozen_until_s > 0 OR w.exit_at_s IS NOT NULL AS is_barred,
                  concat_ws(' ', a.class, a.reference) AS account,
                  EXISTS (SELECT FROM incident i
                          JOIN chain_effect e ON e.municipality = i.municipality AND e.sequence = i.sequence
                          WHERE i.municipality = w.municipality AND i.disposition IS NULL AND e.kind BETWEEN 4 AND 7
                            AND substring(e.words FROM 13 FOR 20) = w.address) AS has_incident
           FROM wallet w JOIN account a ON a.municipality = w.municipality AND a.id = w.account
           WHERE w.municipality = %(code)s""",
        key,
    ).fetchall()
    for row in rows:
        name = holder_account(bytes(row["address"]))
        yield f"{name} account", row["account"], name
        yield f"{name} closed or frozen", row["is_barred"], False
        yield f"{name} held by an incident", row["in_incident"], row["has_incident"]


def _of_dates(conn: Conn, key: dict[str, Any]) -> Iterator[Row]:
    """Which lane each date has, and the numbers of the operations that opened, ended and replaced it."""
    rows = conn.execute(
        """SELECT expiry_s, lane, opened_sequence AS opened, expired_sequence AS ended, replaced_sequence AS replaced
           FROM expiry_date WHERE municipality = %(code)s""",
        key,
    ).fetchall()
    books, proved = {row["expiry_s"]: row for row in rows}, _calendar(conn, key)
    for expiry_s in sorted(books.keys() | proved.keys()):
        mine, theirs = books.get(expiry_s, {}), proved.get(expiry_s, {})
        for column in ("lane", "opened", "ended", "replaced"):
            name = f"date {shown_last_day(expiry_s)} {column} in the calendar"
            yield name, mine.get(column, _MISSING), theirs.get(column, _MISSING)


def _calendar(conn: Conn, key: dict[str, Any]) -> dict[int, dict[str, int | None]]:
    """The calendar by the records that opened dates and ended them."""
    rows = conn.execute(
        """SELECT sequence, kind, words, context FROM chain_effect
           WHERE municipality = %(code)s AND kind = ANY (%(kinds)s) ORDER BY sequence""",
        {**key, "kinds": [Kind.CALENDAR, Kind.EXPIRE]},
    )
    dates: dict[int, dict[str, int | None]] = {}
    lanes: dict[int, int] = {}
    for effect in (Effect(**row) for row in rows):
        try:
            values: dict[str, Any] = values_of(effect)
        except InvalidInput:
            continue  # named where operations are played
        expiry_s = values["expiry"]
        if effect.kind == Kind.EXPIRE:
            dates.setdefault(expiry_s, {})["ended"] = effect.sequence
            continue
        lane = values["lane"]
        if lane in lanes:
            dates[lanes[lane]]["replaced"] = effect.sequence
        lanes[lane] = expiry_s
        dates[expiry_s] = {"lane": lane, "opened": effect.sequence, "ended": None, "replaced": None}
    return dates


def _of_signers(conn: Conn, key: dict[str, Any], play: Play) -> Iterator[Row]:
    """Who may sign for the town, and whose cash a key's charges are."""
    rows = conn.execute("SELECT address, channel FROM signer WHERE municipality = %(code)s", key).fetchall()
    books = {bytes(row["address"]): row["channel"] or "" for row in rows}
    for address in sorted(books.keys() | play.signers()):
        name = f"signer {checksum_address(address)}"
        yield f"{name} channel", books.get(address, _MISSING), play.channel_of(address)


def _of_funds(conn: Conn, key: dict[str, Any], municipality: Municipality) -> Iterator[Row]:
    budgets = {fund.id: fund.budget_yen for fund in municipality.program.funds}
    rows = conn.execute(
        """SELECT f.id, f.budget, f.spent,
                  (SELECT coalesce(sum(j.amount), 0)
                   FROM journal j JOIN account a ON a.municipality = j.municipality AND a.id = j.debit
                   WHERE j.municipality = f.municipality AND a.class = 'point_expense' AND a.reference = f.id) AS given
           FROM fund f WHERE f.municipality = %(code)s ORDER BY f.position""",
        key,
    ).fetchall()
    for row in rows:
        yield f"fund {row['id']} given", row["spent"], row["given"]
        yield f"fund {row['id']} budget", row["budget"], budgets.pop(row["id"], _MISSING)
    for fund, budget in budgets.items():
        yield f"fund {fund} budget", _MISSING, budget


def _of_allowances(conn: Conn, key: dict[str, Any]) -> Iterator[Row]:
    """What each channel's key has issued on a day, against its charges; only what differs is read."""
    rows = conn.execute(
        """SELECT signer, day, coalesce(u.used, 0) AS used, coalesce(t.charged, 0) AS charged
           FROM (SELECT * FROM signer_usage WHERE municipality = %(code)s) u
           FULL JOIN (SELECT signer, day, sum(coins::numeric + points) AS charged FROM top_up
                      WHERE municipality = %(code)s GROUP BY signer, day) t USING (signer, day)
           WHERE coalesce(u.used, 0) <> coalesce(t.charged, 0)""",
        key,
    ).fetchall()
    for row in rows:
        name = checksum_address(bytes(row["signer"]))
        yield (
            f"allowance used {name} {shown_day(row['day'])} against its top-ups",
            row["used"],
            row["charged"],
        )


def _of_checkouts(conn: Conn, key: dict[str, Any]) -> Iterator[Row]:
    """What a till sees as paid, against the payment; only what differs is read."""
    rows = conn.execute(
        """SELECT coalesce(c.id, p.checkout) AS id, c.amount, c.merchant_number, p.amount AS paid, p.merchant_number AS shop,
                  c.payment IS NOT NULL AS is_paid
           FROM (SELECT * FROM checkout WHERE municipality = %(code)s) c
           FULL JOIN (SELECT * FROM payment WHERE municipality = %(code)s AND checkout IS NOT NULL) p
               ON p.checkout = c.id
           WHERE p.id IS DISTINCT FROM c.payment
              OR (p.id IS NOT NULL AND (p.amount, p.merchant_number) IS DISTINCT FROM (c.amount, c.merchant_number))""",
        key,
    ).fetchall()
    for row in rows:
        mine = _checkout(row["merchant_number"], row["amount"], is_paid=row["is_paid"])
        yield (
            f"checkout {row['id']}",
            mine,
            _checkout(row["shop"], row["paid"], is_paid=row["paid"] is not None),
        )


def _checkout(number: int | None, amount: int | None, *, is_paid: bool) -> str:
    return f"{number:06d} {amount} {'paid' if is_paid else 'not paid'}" if number and amount else _MISSING


def _of_receipts(conn: Conn, key: dict[str, Any], municipality: Municipality) -> Iterator[Row]:
    """What the issuer promised for each payment: its own signature over what the books say now."""
    rows = conn.execute(
        """SELECT p.*, c.till FROM payment p
           LEFT JOIN checkout c ON c.municipality = p.municipality AND c.id = p.checkout
           WHERE p.municipality = %(code)s ORDER BY p.sequence""",
        key,
    ).fetchall()
    signer = key_id(municipality.receipt_key)
    receipts = [Receipt.of_row(row, signer) for row in rows]
    good = are_genuine(municipality.domain, receipts, municipality.receipt_key)
    for receipt, is_good in zip(receipts, good, strict=True):
        yield f"operation {receipt.sequence} receipt", _signed(is_good), _signed(True)


def _signed(is_good: bool) -> str:
    return "signed by the town's key" if is_good else "not signed by the town's key"


def _of_times(conn: Conn, key: dict[str, Any]) -> Iterator[Row]:
    """The chain knows when a batch's last operation was accepted, and no batch spans more than `run` lets it: so no
    acceptance can be moved into another day or year."""
    rows = conn.execute(
        """SELECT number, as_of_s, min(at_ms) AS first_ms, max(at_ms) AS last_ms, bool_and(at_ms >= before_ms) AS is_in_order
           FROM (SELECT b.number, b.as_of_s, e.accepted_at_ms AS at_ms,
                        lag(e.accepted_at_ms, 1, 0::bigint) OVER (ORDER BY e.sequence) AS before_ms
                 FROM batch b JOIN chain_effect e
                     ON e.municipality = b.municipality AND e.sequence BETWEEN b.first_sequence AND b.last_sequence
                 WHERE b.municipality = %(code)s) x
           GROUP BY number, as_of_s ORDER BY number""",
        key,
    ).fetchall()
    for row in rows:
        name, first_ms, last_ms = f"batch {row['number']}", row["first_ms"], row["last_ms"]
        is_one_day = jst_day(first_ms // 1000) == jst_day(last_ms // 1000)
        yield f"{name} last acceptance", last_ms // 1000, row["as_of_s"]
        yield f"{name} acceptances in order", row["is_in_order"], True
        yield f"{name} acceptances of one batch", is_one_day and last_ms - first_ms <= MAX_SPAN_MS, True


__all__ = ["vouched"]
