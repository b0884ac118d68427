"""One round of settlement for one municipality: every due step, under an advisory lock.

Decides the order of the steps: vanished blocks, the one batch in flight, final blocks, sealing. A batch is signed only when
the contract has replayed the one before it, and the chain holds no batch that our books did not seal.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from coin.chain.transactions import final_block
from coin.errors import Unavailable
from coin.ledger import batches
from coin.ledger.batches import Batch
from coin.settlement.confirm import confirm_final, forget_vanished, record_mined
from coin.settlement.foreign import demand_none_beyond
from coin.settlement.seal import seal_due
from coin.settlement.send import nudge, send_batch, sign_batch
from coin.settlement.settler import Settler

_LONGEST_PAUSE_S = 1.0


@dataclass(frozen=True)
class Ticked:
    """What one round did, and how many batches are left: sealed but not in a block, and in a block but not final.

    Shapes:  waits_for_block: the last block with such a batch; final_block: the newest one that the node calls final.
    """

    sealed: int = 0
    steps: int = 0
    confirmed: int = 0
    unmined: int = 0
    unconfirmed: int = 0
    waits_for_block: int | None = None
    final_block: int | None = None
    is_busy: bool = False  # another worker has the lock; nothing was done

    @property
    def is_drained(self) -> bool:
        """Whether every sealed batch is confirmed."""
        return not (self.unmined or self.unconfirmed or self.is_busy)

    @property
    def left(self) -> int:
        """How many batches are not confirmed."""
        return self.unmined + self.unconfirmed

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
            return _with_what_is_left(settler, Ticked(is_busy=True))
        return _with_what_is_left(settler, _locked(settler, force=force))


def drain(
    settler: Settler,
    *,
    force: bool = True,
    timeout_s: float = 60.0,
    final_timeout_s: float = 1_800.0,
    pause_s: float = 0.02,
    watch: Callable[[Ticked], None] = lambda _: None,
) -> Ticked:
    """Tick until every sealed batch is confirmed; with `force` everything accepted is sealed first.

    `watch` is called with the sums after each round. Units: timeout_s: the time without progress; final_timeout_s: the same
    while all batches are in blocks, and only the node's finality is awaited.
    Raises:  Unavailable (`settlement_slow`), if there is no progress for that time; else as `tick`.
    """
    since, pause = time.monotonic(), pause_s
    total = tick(settler, force=force)
    while not total.is_drained:
        watch(total)
        if time.monotonic() - since > (timeout_s if total.unmined or total.is_busy else final_timeout_s):
            raise _slow(total)
        time.sleep(pause)
        done = tick(settler, force=force and total.is_busy)
        if done.did_something or _moved(total, done):
            since, pause = time.monotonic(), pause_s
        else:
            pause = min(2 * pause, _LONGEST_PAUSE_S)
        total = replace(
            done,
            sealed=total.sealed + done.sealed,
            steps=total.steps + done.steps,
            confirmed=total.confirmed + done.confirmed,
        )
    return total


def _moved(before: Ticked, now: Ticked) -> bool:
    """Return whether the worker or the chain got further meanwhile."""
    return (before.unmined, before.unconfirmed, before.final_block) != (
        now.unmined,
        now.unconfirmed,
        now.final_block,
    )


def _slow(total: Ticked) -> Unavailable:
    ja, en = why_waiting(total)
    return Unavailable(
        f"時間内に精算が終わりませんでした。残り {total.left} 束（{ja}）。取引は失われません。ワーカーが続けるか、あとでもう一度実行してください。",
        f"Settlement did not finish in time; {total.left} left ({en}). Nothing is lost: the worker goes on, or run this again.",
        code="settlement_slow",
    )


def why_waiting(done: Ticked) -> tuple[str, str]:
    """Return why batches are left, in both languages."""
    if done.unmined:
        return f"{done.unmined} 束はブロック待ち", f"{done.unmined} wait for a block"
    if done.unconfirmed and done.final_block is not None:
        return (
            f"ブロック {done.waits_for_block} の確定待ち、ノードの確定は {max(done.final_block, 0)} まで",
            f"block {done.waits_for_block} is not final, the node has finalized {max(done.final_block, 0)}",
        )
    return "ワーカーが処理中", "the worker is at it"


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
    return Ticked(sealed=sealed, steps=steps, confirmed=confirmed)


def _with_what_is_left(settler: Settler, done: Ticked) -> Ticked:
    """Count what is left in the books, also while another worker settles."""
    with settler.database.transaction() as conn:
        unmined = batches.count_unmined(conn, settler.municipality_code)
        mined = batches.mined_batches(conn, settler.municipality_code)
    if not mined:
        return replace(done, unmined=unmined)
    return replace(
        done,
        unmined=unmined,
        unconfirmed=len(mined),
        waits_for_block=mined[-1].block_number,
        final_block=final_block(settler.rpc, settler.policy.confirmations),
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
