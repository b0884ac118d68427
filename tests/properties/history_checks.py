"""What must be true of a town at any moment, and after draining; each invariant by a road of its own.

`reconcile` compares all that both sides keep. What stands here besides is added up from the journal or read from the
chain's events by other code, so that one mistake cannot hide in both.
"""

from collections import Counter
from typing import Any

from coincurve import PublicKey
from history_town import Disagreement, HistoryTown

from coin.chain.events import Transfer, decode_events
from coin.chain.transactions import receipts
from coin.core import keccak256
from coin.ledger.replay import replay
from coin.ledger.trial_balance import trial_balance
from coin.reconciliation.reconcile import reconcile
from coin.records.kinds import KINDS, Kind

ZERO = bytes(20)


def check_drained(town: HistoryTown) -> None:
    """After draining: nothing is open, and every invariant of this release holds."""
    found = reconcile(town.database, town.municipality, town.rpc, clock=town.clock)
    if not found.is_closed:
        raise Disagreement(f"reconcile: {found.differences} {found.open_items}")
    debits_equal_credits(town)
    no_lot_was_ever_below_zero(town)
    each_authorization_moved_once(town)
    every_number_is_settled_once(town)
    dates_and_merchants_add_up(town)
    nothing_expired_paid(town)
    every_signature_is_good_elsewhere(town)
    the_journal_gives_the_balances(town)


def debits_equal_credits(town: HistoryTown) -> None:
    """I-01."""
    with town.database.transaction() as conn:
        trial = trial_balance(conn, town.code)
    _demand("I-01", trial.differences == {} and trial.debits == trial.credits, trial)


def no_lot_was_ever_below_zero(town: HistoryTown) -> None:
    """I-02, at each operation of the journal and not only at the end."""
    rows = town.rows(
        """SELECT * FROM (
             SELECT s.account, s.kind, s.expiry_s, s.fund, o.sequence,
                    sum(sum(s.amount)) OVER (PARTITION BY s.account, s.kind, s.expiry_s, s.fund ORDER BY o.sequence) AS left_over
             FROM (SELECT operation, debit AS account, kind, expiry_s, fund, -amount AS amount FROM journal
                   UNION ALL SELECT operation, credit, kind, expiry_s, fund, amount FROM journal) s
             JOIN operation o ON o.id = s.operation JOIN account a ON a.id = s.account
             WHERE a.class = 'holder' GROUP BY 1, 2, 3, 4, 5) t WHERE left_over < 0"""
    )
    _demand("I-02", rows == [], rows)


def each_authorization_moved_once(town: HistoryTown) -> None:
    """I-03: on the chain each accepted authorization, charge and redeem is one transfer, and there is no other."""
    hashes = [
        row["transaction_hash"] for row in town.rows("SELECT transaction_hash FROM batch ORDER BY number")
    ]
    moved: Counter[tuple[bytes, bytes, int]] = Counter()
    retired = {row["address"] for row in town.rows("SELECT address FROM retired_merchant_address")}
    contract = town.settler.contract.address
    for receipt in receipts(town.rpc, hashes):
        assert receipt is not None
        for event in decode_events(receipt.logs, contract):
            is_re_key = isinstance(event, Transfer) and event.sender in retired and event.recipient != ZERO
            if isinstance(event, Transfer) and not is_re_key:
                moved[event.sender, event.recipient, event.amount_yen] += 1
    _demand("I-03", moved == _accepted_transfers(town), (moved - _accepted_transfers(town), moved))


def _accepted_transfers(town: HistoryTown) -> Counter[tuple[bytes, bytes, int]]:
    wanted: Counter[tuple[bytes, bytes, int]] = Counter()
    for row in town.rows("SELECT kind, words FROM chain_effect WHERE kind IN (1, 4, 5, 6, 7, 11)"):
        values = KINDS[row["kind"]].message.TYPE.values(row["words"])
        if row["kind"] == Kind.TOP_UP:
            wanted[ZERO, values["holder"], values["coins"] + values["points"]] += 1
        elif row["kind"] == Kind.REDEEM:
            wanted[values["merchant"], ZERO, values["amount"]] += 1
        else:
            wanted[values["from"], values["to"], values["value"]] += 1
    return wanted


def every_number_is_settled_once(town: HistoryTown) -> None:
    """I-04: the batches are the journal, cut without a gap; all are final, none of their records was skipped."""
    rows = town.rows("SELECT first_sequence, last_sequence, state FROM batch ORDER BY number")
    (head,) = town.rows("SELECT last_sequence FROM journal_head")
    ends = [0, *(row["last_sequence"] for row in rows)]
    _demand("I-04", [row["first_sequence"] for row in rows] == [end + 1 for end in ends[:-1]], rows)
    _demand("I-04", ends[-1] == head["last_sequence"], (ends[-1], head))
    _demand("I-04", all(row["state"] == "confirmed" for row in rows), rows)
    incidents = town.rows(
        """SELECT i.*, e.kind, r.code FROM incident i JOIN chain_effect e USING (municipality, sequence)
           JOIN rejection r USING (reason)"""
    )
    _demand("I-04, I-07", incidents == [], incidents)


def dates_and_merchants_add_up(town: HistoryTown) -> None:
    """I-05, from the journal's codes to the contract's words."""
    figures: dict[int, Counter[str]] = {}
    for row in town.rows("SELECT expiry_s, code, sum(amount)::bigint AS amount FROM journal GROUP BY 1, 2"):
        figures.setdefault(row["expiry_s"], Counter())[row["code"]] += row["amount"]
    opened = [row["expiry_s"] for row in town.rows("SELECT expiry_s FROM expiry_date")]
    words = town.settler.contract.dates(opened)
    for expiry_s, word in words.items():
        sums = figures.get(expiry_s, Counter())
        held = sums["top_up"] + sums["bonus"] - sums["payment"] - sums["expiry"]
        _demand("I-05 date", (word.held, word.expired) == (held, sums["expiry"]), (expiry_s, word, sums))
    spent, redeemed = (sum(sums[code] for sums in figures.values()) for code in ("payment", "redeem"))
    snapshot = town.settler.contract.snapshot()
    _demand("I-05 merchants", snapshot.journal.merchants_total == spent - redeemed, (spent, redeemed))
    view_s = max(snapshot.journal.last_as_of_s, snapshot.block_time_s - 864_000)
    live = sum(word.held for expiry_s, word in words.items() if expiry_s > view_s)
    _demand("I-05 supply", snapshot.total_supply == live + spent - redeemed, (snapshot, live))
    _holders_hold_what_dates_hold(town, {expiry_s: word.held for expiry_s, word in words.items()})


def _holders_hold_what_dates_hold(town: HistoryTown, held: dict[int, int]) -> None:
    addresses = [row["address"] for row in town.rows("SELECT address FROM wallet ORDER BY address")]
    snapshot = town.settler.contract.snapshot()
    ended = {
        row["expiry_s"] for row in town.rows("SELECT expiry_s FROM expiry_date WHERE expired_sequence > 0")
    }
    sums: Counter[int] = Counter()
    for word in town.settler.contract.accounts(addresses).values():
        sums.update(word.by_expiry(snapshot.calendar))
    for expiry_s in set(snapshot.calendar.expiries) - ended - {0}:
        _demand("I-05 lanes", sums[expiry_s] == held[expiry_s], (expiry_s, sums[expiry_s], held[expiry_s]))


def nothing_expired_paid(town: HistoryTown) -> None:
    """I-06."""
    rows = town.rows(
        """SELECT o.sequence, o.accepted_at_ms, j.expiry_s FROM journal j JOIN operation o ON o.id = j.operation
           WHERE j.code IN ('payment', 'send', 'top_up', 'bonus') AND j.expiry_s * 1000 <= o.accepted_at_ms"""
    )
    _demand("I-06", rows == [], rows)


def every_signature_is_good_elsewhere(town: HistoryTown) -> None:
    """I-07: libsecp256k1 by another binding, over a digest put together here, names every signer."""
    for row in town.rows("SELECT kind, words, signatures, signers FROM chain_effect WHERE signers <> ''"):
        message = KINDS[row["kind"]].message.TYPE
        struct = keccak256(message.type_hash + row["words"])
        digest = keccak256(b"\x19\x01" + town.municipality.domain.separator + struct)
        for place in range(len(row["signers"]) // 20):
            signature = row["signatures"][65 * place : 65 * place + 65]
            signer = row["signers"][20 * place : 20 * place + 20]
            _demand("I-07", _signer(digest, signature) == signer, row)


def _signer(digest: bytes, signature: bytes) -> bytes:
    compact = signature[:64] + bytes([signature[64] - 27])
    key = PublicKey.from_signature_and_message(compact, digest, hasher=None)
    return keccak256(key.format(compressed=False)[1:])[12:]


def the_journal_gives_the_balances(town: HistoryTown) -> None:
    """I-11."""
    with town.database.transaction() as conn:
        differences = replay(conn, town.code)
    _demand("I-11", differences == [], differences)


def _demand(name: str, is_kept: bool, found: Any) -> None:
    if not is_kept:
        raise Disagreement(f"{name}: {found}")
