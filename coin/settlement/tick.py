"""One round of settlement for one municipality: every due step, under an advisory lock.

Decides the order of the steps: vanished blocks, the one batch in flight, final blocks, sealing. A batch is signed only when
the contract has replayed the one before it, and the chain holds no batch that our books did not seal.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from coin.errors import Unavailable
from coin.ledger import batches
from coin.ledger.batches import Batch
from coin.settlement.confirm import confirm_final, forget_vanished, record_mined
from coin.settlement.foreign import demand_none_beyond
from coin.settlement.seal import seal_due
from coin.settlement.send import nudge, send_batch, sign_batch
from coin.settlement.settler import Settler


@dataclass(frozen=True)
class Ticked:
    """What one round did, and how many batches are left: sealed but not in a block, and in a block but not final."""

    sealed: int = 0
    steps: int = 0
    confirmed: int = 0
    unmined: int = 0
    unconfirmed: int = 0
    is_busy: bool = False  # another worker has the lock; nothing was done

    @property
    def is_drained(self) -> bool:
        """Whether every sealed batch is confirmed."""
        return not (self.unmined or self.unconfirmed or self.is_busy)

    @property
    def did_something(self) -> bool:
        """Whether the next round should follow at once."""
        return bool(self.sealed or self.steps or self.confirmed)


def tick(settler: Settler, *, force: bool = False) -> Ticked:
    """Do all due steps; `force` seals everything that waits.

    Raises:  Unavailable, if node or database do not answer, or people must act (`settlement_stopped`, `foreign_batch`).
             Finished steps stay done, and the next round goes on from there.
    """
    with settler.database.transaction() as conn:
        locked = conn.execute(
            "SELECT pg_try_advisory_xact_lock(hashtext('settle ' || %s)) AS got", [settler.municipality_code]
        ).fetchone()
        if not locked or not locked["got"]:
            return Ticked(is_busy=True)
        return _locked(settler, force=force)


def drain(
    settler: Settler,
    *,
    force: bool = True,
    timeout_s: float = 60.0,
    pause_s: float = 0.02,
    watch: Callable[[Ticked], None] = lambda _: None,
) -> Ticked:
    """Tick until every sealed batch is confirmed; with `force` everything accepted is sealed first.

    `watch` is called with the sums after each round. Units: timeout_s: the time without progress.
    Raises:  Unavailable (`settlement_slow`), if there is no progress for that time; else as `tick`.
    """
    deadline = time.monotonic() + timeout_s
    total = tick(settler, force=force)
    while not total.is_drained:
        watch(total)
        if time.monotonic() > deadline:
            raise Unavailable(
                "時間内に精算が終わりませんでした。",
                "Settlement did not finish in time.",
                code="settlement_slow",
            )
        time.sleep(pause_s)
        done = tick(settler, force=force and total.is_busy)
        if done.did_something:
            deadline = time.monotonic() + timeout_s
        total = Ticked(
            total.sealed + done.sealed,
            total.steps + done.steps,
            total.confirmed + done.confirmed,
            done.unmined,
            done.unconfirmed,
            done.is_busy,
        )
    return total


def _locked(settler: Settler, *, force: bool) -> Ticked:
    sealed = seal_due(settler.database, settler.municipality_code, settler.clock.now_ms(), force=force)
    last_number = _last_number(settler)
    steps = 0
    try:
        if last_number:
            chain_batch_no = _chain_batch_no(settler)
            steps += forget_vanished(settler, chain_batch_no)
            demand_none_beyond(settler.rpc, settler.contract, last_number, chain_batch_no)
        while _advance(settler):
            steps += 1
    finally:  # a stopped batch does not keep earlier ones from being confirmed
        confirmed = confirm_final(settler)
    with settler.database.transaction() as conn:
        return Ticked(
            sealed=sealed,
            steps=steps,
            confirmed=confirmed,
            unmined=batches.count_unmined(conn, settler.municipality_code),
            unconfirmed=len(batches.mined_batches(conn, settler.municipality_code)),
        )


def _last_number(settler: Settler) -> int:
    with settler.database.transaction() as conn:
        return batches.tip(conn, settler.municipality_code).number


def _chain_batch_no(settler: Settler) -> int:
    return settler.contract.snapshot().journal.batch_no


def _advance(settler: Settler) -> bool:
    """Take the batch in flight one step further; return False, if there is none or nothing can be done now."""
    with settler.database.transaction() as conn:
        batch = batches.oldest_unmined(conn, settler.municipality_code)
    if batch is None:
        return False
    chain_batch_no = _chain_batch_no(settler)
    if chain_batch_no >= batch.number:
        return record_mined(settler, batch)
    return chain_batch_no == batch.number - 1 and _push(settler, batch)


def _push(settler: Settler, batch: Batch) -> bool:
    if batch.state == "sealed":
        return sign_batch(settler, batch)
    if batch.state == "signed":
        return send_batch(settler, batch)
    nudge(settler, batch)
    return False
