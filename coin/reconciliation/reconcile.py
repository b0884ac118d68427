"""Chain = books, and the books with themselves: every figure that both keep, compared one by one.

Decides what is a difference (never acceptable) and what is an open item (known, and named until it is closed): an
operation that is not settled yet, a batch without a final block, an incident. Changes nothing. Verifies I-01, I-05,
I-11; I-13 as far as the channels' cash goes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain as joined
from typing import Any

from coin.chain.contract import BandaiCoin, Snapshot
from coin.chain.rpc import Rpc
from coin.chain.words import AccountWord
from coin.clock import CLOCK_TOLERANCE_MS, Clock
from coin.database.database import Conn, Database
from coin.errors import Rejection
from coin.ledger import batches
from coin.ledger.replay import replay
from coin.ledger.trial_balance import trial_balance
from coin.messages import checksum_address
from coin.reconciliation.expected import Expected, Window, expected
from coin.reconciliation.naming import MISSING, Row, shown_day, shown_last_day
from coin.reconciliation.proof import batch_differences, replayed, unrecorded
from coin.reconciliation.vouching import vouched
from coin.records.kinds import KINDS
from coin.registry.municipality import Municipality, Pin

_OF_THE_PERIOD = frozenset(kind for kind, row in KINDS.items() if row.changes_period)
_DATES_END_S = 1 << 40  # the contract has 40 bits for a date


@dataclass(frozen=True)
class Difference:
    """One figure that is not the same on both sides; `place` names it."""

    place: str
    books: str
    chain: str


@dataclass(frozen=True)
class OpenItem:
    """Something known that is not finished: `unsettled`, `later` (accepted after now), `in_flight`, `not_final`, `incident` or
    `predicted`.
    """

    kind: str
    place: str


@dataclass(frozen=True)
class Reconciliation:
    """What was found; `compared` counts the figures that were looked at, `cash` is yen by channel."""

    differences: tuple[Difference, ...]
    open_items: tuple[OpenItem, ...]
    compared: int
    cash: Mapping[str, int]
    settled_sequence: int
    block_number: int

    @property
    def is_clean(self) -> bool:
        """Whether nothing differs; open items may be left."""
        return not self.differences

    @property
    def is_closed(self) -> bool:
        """Whether nothing differs and nothing is open."""
        return not self.differences and not self.open_items


def reconcile(
    database: Database,
    municipality: Municipality,
    rpc: Rpc,
    *,
    pin: Pin | None = None,
    clock: Clock | None = None,
) -> Reconciliation:
    """Compare books and chain at one moment; the worker waits meanwhile, payments do not.

    With a `pin`, its contract and receipts key count, and what the books say else is a difference; without one the
    books are believed in this. With a `clock`, what was accepted later than it says is an open item.

    Raises:  Unavailable, if the node or the database does not answer.
    """
    of_pin = list(_of_pin(municipality, pin)) if pin else []
    municipality = pin.applied_to(municipality) if pin else municipality
    contract = BandaiCoin(rpc, municipality.domain.verifying_contract)
    code = municipality.code
    with database.transaction() as guard, database.transaction() as conn:
        guard.execute("SELECT pg_advisory_xact_lock(hashtext('settle ' || %s))", [code])
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = contract.snapshot()
        chain = replayed(rpc, contract.address, snapshot.block_number)
        skips = unrecorded(conn, code, chain)
        books = expected(conn, code, snapshot.journal.next_sequence - 1, skips)
        rows = [*of_pin, *_rows(conn, code, contract, snapshot, books), *vouched(conn, municipality)]
        found = [Difference(place, str(mine), str(theirs)) for place, mine, theirs in rows if mine != theirs]
        found += [
            Difference(*item)
            for item in batch_differences(conn, code, chain, snapshot.journal.batch_no, skips)
        ]
        return Reconciliation(
            differences=tuple(found),
            open_items=(
                *_open_items(conn, code, snapshot, books, skips),
                *(_accepted_later(conn, code, books.settled, clock.now_ms()) if clock else ()),
            ),
            compared=len(rows),
            cash=_cash(conn, code),
            settled_sequence=books.settled,
            block_number=snapshot.block_number,
        )


def _rows(conn: Conn, code: str, contract: BandaiCoin, snapshot: Snapshot, books: Expected) -> Iterator[Row]:
    yield from joined(
        _of_holders(conn, code, contract, snapshot, books),
        _of_shops(contract, snapshot, books),
        _of_dates(contract, snapshot, books),
        _of_signers(conn, code, contract, snapshot, books),
        _of_issuing(conn, code, contract, snapshot, books),
        _of_totals(snapshot, books),
        _of_journal(conn, code, snapshot),
        _of_books(conn, code),
    )


def _of_pin(municipality: Municipality, pin: Pin) -> Iterator[Row]:
    books = Pin.of(municipality)
    yield "town chain", books.chain_id, pin.chain_id
    yield "town contract", checksum_address(books.contract), checksum_address(pin.contract)
    yield "town receipts key", checksum_address(books.receipt_key), checksum_address(pin.receipt_key)


# ------------------------------------------------------------------ holders


def _of_holders(
    conn: Conn, code: str, contract: BandaiCoin, snapshot: Snapshot, books: Expected
) -> Iterator[Row]:
    words = contract.accounts(sorted(books.windows), snapshot.block_number)
    ended = {row["expiry_s"] for row in _ended(conn, code, books.settled)}
    for address, word in words.items():
        yield from _of_holder(address, word, snapshot, books, ended)
    for row in conn.execute(
        "SELECT payer, nonce FROM random_nonce WHERE municipality = %s", [code]
    ).fetchall():
        payer, nonce = bytes(row["payer"]), bytes(row["nonce"])
        if payer not in books.moving:
            used = contract.is_nonce_used(payer, nonce, snapshot.block_number)
            yield f"nonce {checksum_address(payer)} 0x{nonce.hex()}", True, used


def _of_holder(
    address: bytes, word: AccountWord, snapshot: Snapshot, books: Expected, ended: set[int]
) -> Iterator[Row]:
    name = f"holder {checksum_address(address)}"
    on_chain = word.by_expiry(snapshot.calendar)
    in_books = books.holders.get(address, {})
    for expiry_s in sorted((set(on_chain) - ended) | set(in_books)):
        yield f"{name} {shown_last_day(expiry_s)}", in_books.get(expiry_s, 0), on_chain.get(expiry_s, 0)
    if address not in books.moving:
        yield f"{name} nonces", books.windows[address], Window(word.nonce_base, word.nonce_map)
    yield f"{name} is a merchant", False, word.is_merchant


def _ended(conn: Conn, code: str, settled: int) -> list[dict[str, Any]]:
    return conn.execute(
        "SELECT expiry_s FROM expiry_date WHERE municipality = %s AND expired_sequence <= %s", [code, settled]
    ).fetchall()


# ------------------------------------------------------------------ shops, dates, signers


def _of_shops(contract: BandaiCoin, snapshot: Snapshot, books: Expected) -> Iterator[Row]:
    block = snapshot.block_number
    words = contract.merchants([shop.address for shop in books.shops], block)
    holders = contract.merchant_of([shop.number for shop in books.shops], block)
    for shop in books.shops:
        name, word = f"merchant {shop.number:06d}", words[shop.address]
        yield f"{name} balance", shop.balance, word.balance
        yield f"{name} registered number", shop.number, word.number if word.is_registered else None
        yield f"{name} address", checksum_address(shop.address), _shown(holders.get(shop.number))
        yield f"{name} open", shop.is_open, not word.is_closed
        if shop.window is not None:
            yield f"{name} nonces", shop.window, Window(word.nonce_base, word.nonce_map)


def _of_dates(contract: BandaiCoin, snapshot: Snapshot, books: Expected) -> Iterator[Row]:
    for lane, expiry_s in enumerate(books.lanes):
        yield f"calendar lane {lane}", expiry_s, snapshot.calendar.expiries[lane]
    known = [expiry_s for expiry_s in sorted(books.dates) if 0 <= expiry_s < _DATES_END_S]
    for expiry_s in books.dates.keys() - known:
        yield f"date {shown_last_day(expiry_s)} opened", True, False
    for expiry_s, word in contract.dates(known, snapshot.block_number).items():
        held, expired = books.dates[expiry_s]
        yield f"date {shown_last_day(expiry_s)} held", held, word.held
        yield f"date {shown_last_day(expiry_s)} expired", expired, word.expired
        yield f"date {shown_last_day(expiry_s)} opened", True, word.is_opened


def _of_signers(
    conn: Conn, code: str, contract: BandaiCoin, snapshot: Snapshot, books: Expected
) -> Iterator[Row]:
    rows = conn.execute("SELECT * FROM signer WHERE municipality = %s ORDER BY address", [code]).fetchall()
    settled = [row for row in rows if bytes(row["address"]) not in books.moving]
    words = contract.signers([bytes(row["address"]) for row in settled], snapshot.block_number)
    for row in settled:
        address = bytes(row["address"])
        name, word = f"signer {checksum_address(address)}", words[address]
        yield f"{name} role", row["role"], word.role
        yield f"{name} allowance", row["allowance"], word.allowance
        yield f"{name} nonces", Window.of(row), Window(word.nonce_base, word.nonce_map)


def _of_issuing(
    conn: Conn, code: str, contract: BandaiCoin, snapshot: Snapshot, books: Expected
) -> Iterator[Row]:
    if books.moving_kinds & _OF_THE_PERIOD:
        return  # what is on its way counts in the books already; its operations are open items
    period = conn.execute("SELECT * FROM period WHERE municipality = %s", [code]).fetchone()
    mine = (period["cap"], period["issued"], period["first_day"]) if period else (0, 0, 0)
    theirs = snapshot.period
    for field, left, right in zip(
        ("cap", "issued", "first day"), mine, (theirs.cap, theirs.issued, theirs.first_day), strict=True
    ):
        yield f"period {field}", left, right
    usage = conn.execute(
        "SELECT signer, day, used FROM signer_usage WHERE municipality = %s", [code]
    ).fetchall()
    for row in usage:
        signer, day = bytes(row["signer"]), row["day"]
        used = contract.used_today(signer, day, snapshot.block_number) if day >= 0 else MISSING
        yield f"allowance used {checksum_address(signer)} {shown_day(day)}", row["used"], used


# ------------------------------------------------------------------ totals and the journal


def _of_totals(snapshot: Snapshot, books: Expected) -> Iterator[Row]:
    merchants = sum(shop.balance for shop in books.shops)
    view_s = max(snapshot.journal.last_as_of_s, snapshot.block_time_s - 864_000)
    live = sum(held for expiry_s, (held, _) in books.dates.items() if expiry_s > view_s)
    yield "merchants' total", merchants, snapshot.journal.merchants_total
    yield "total supply", live + merchants, snapshot.total_supply


def _of_journal(conn: Conn, code: str, snapshot: Snapshot) -> Iterator[Row]:
    journal = snapshot.journal
    known = batches.batch(conn, code, journal.batch_no)
    if known is not None:
        yield "journal last asOf", known.as_of_s, journal.last_as_of_s
        yield "journal next sequence", known.last_sequence + 1, journal.next_sequence
    settled = [item.number for item in batches.batches_above(conn, code, journal.batch_no)]
    last = settled[-1] if settled else (journal.batch_no if known or not journal.batch_no else None)
    yield "journal batch number", last, journal.batch_no


def _of_books(conn: Conn, code: str) -> Iterator[Row]:
    trial = trial_balance(conn, code)
    yield "trial balance debits and credits", trial.debits, trial.credits
    for (kind, fund), amount in trial.differences.items():
        yield f"trial balance {kind} {fund}".rstrip(), amount, 0
    for item in replay(conn, code):
        lot = " ".join(
            filter(None, (item.kind, item.fund, shown_last_day(item.expiry_s) if item.expiry_s else ""))
        )
        yield f"balance {item.owner} {lot} against its journal", item.balance, item.replayed
    for row in conn.execute(_CASH_AND_SLIPS, {"code": code}).fetchall():
        yield f"cash {row['channel']} against its top-ups", row["cash"], row["slips"]


_CASH_AND_SLIPS = """
SELECT a.reference AS channel,
       coalesce((SELECT sum(b.amount) FROM balance b WHERE b.municipality = a.municipality AND b.account = a.id), 0) AS cash,
       coalesce((SELECT sum(t.coins) FROM top_up t WHERE t.municipality = a.municipality AND t.channel = a.reference), 0) AS slips
FROM account a WHERE a.municipality = %(code)s AND a.class = 'cash' ORDER BY a.reference
"""


def _cash(conn: Conn, code: str) -> dict[str, int]:
    return {row["channel"]: int(row["cash"]) for row in conn.execute(_CASH_AND_SLIPS, {"code": code})}


def _open_items(
    conn: Conn, code: str, snapshot: Snapshot, books: Expected, unrecorded_skips: Mapping[int, Rejection]
) -> Iterator[OpenItem]:
    if books.accepted > books.settled:
        yield OpenItem("unsettled", f"operations {books.settled + 1} to {books.accepted}")
    for item in batches.all_batches(conn, code):
        if item.number <= snapshot.journal.batch_no and item.state != "confirmed":
            yield OpenItem("not_final" if item.state == "mined" else "in_flight", f"batch {item.number}")
    rows = conn.execute(
        """SELECT i.sequence, i.is_confirmed, r.code FROM incident i JOIN rejection r ON r.reason = i.reason
           WHERE i.municipality = %s AND i.disposition IS NULL""",
        [code],
    )
    found = {
        row["sequence"]: ("incident" if row["is_confirmed"] else "predicted", row["code"]) for row in rows
    }
    found |= {sequence: ("incident", reason.code) for sequence, reason in unrecorded_skips.items()}
    for sequence, (kind, reason) in sorted(found.items()):
        yield OpenItem(kind, f"operation {sequence}: {reason}")


def _accepted_later(conn: Conn, code: str, settled: int, now_ms: int) -> Iterator[OpenItem]:
    """What the chain has not settled and lies after now: a clock has gone back, or somebody moved it there."""
    row = conn.execute(
        """SELECT min(sequence) AS first, max(sequence) AS last FROM chain_effect
           WHERE municipality = %s AND sequence > %s AND accepted_at_ms > %s""",
        [code, settled, now_ms + CLOCK_TOLERANCE_MS],
    ).fetchone()
    if row and row["first"] is not None:
        yield OpenItem("later", f"operations {row['first']} to {row['last']}")


def _shown(address: bytes | None) -> str:
    return checksum_address(address) if address else "nobody"
