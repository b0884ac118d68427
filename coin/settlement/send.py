"""Sends a sealed batch: verifies it again, signs it once, and sends the same bytes until they are mined.

Decides what is sent and when it is sent again. Keeps I-04: the bytes are stored before they are sent, and the contract takes
each batch number once, so that a repeated send, or a second transaction for the same batch, does no harm. Keeps I-07: every
signature is verified again, and the exact calldata is simulated before it is sent. A record that will be skipped is an
incident and is sent all the same: nothing is left out of the run.
"""

from coin import core
from coin.chain.anvil import set_next_block_time
from coin.chain.funds import demand_funds
from coin.chain.rpc import NodeRefused
from coin.chain.transactions import (
    Fees,
    SignedTransaction,
    block_time_s,
    current_fees,
    fees_of,
    next_nonce,
    receipts,
    send,
    sign_transaction,
)
from coin.errors import Rejection
from coin.ledger import chain_effects
from coin.ledger.batches import Batch
from coin.messages import Domain
from coin.records.effects import Effect, kind_of
from coin.records.kinds import KINDS
from coin.settlement import batch_steps, incidents
from coin.settlement.confirm import missing_records
from coin.settlement.settler import GAS_LIMIT, Settler, is_late, stopped


def sign_batch(settler: Settler, batch: Batch) -> bool:
    """Verify a sealed batch, record what will be skipped, and store the signed transaction.

    Returns: False, if the clock is still before the batch's asOf.
    Raises:  Unavailable (`settlement_stopped`), if the contract would refuse the whole batch; Unavailable (`account_unfunded`),
             if the settler's account cannot pay for the gas.
    """
    now_s = settler.clock.now_ms() // 1000
    if now_s < batch.as_of_s:
        return False
    if is_late(batch, now_s) and batch.approval is None:
        raise stopped(
            f"束 {batch.number} は 240 時間を過ぎました。職員2名の承認（bandai-town approve-late）が必要です。",
            f"Batch {batch.number} is older than 240 h; two staff must approve it (bandai-town approve-late).",
        )
    predicted = _predict(settler, batch)
    with settler.database.transaction() as conn:
        predicted = missing_records(conn, settler.municipality_code, batch, predicted)
    nonce, fees = next_nonce(settler.rpc, settler.address, "latest"), current_fees(settler.rpc)
    demand_funds(settler.rpc, settler.address, GAS_LIMIT, fees)
    signed = _sign(settler, batch, nonce, fees)
    with settler.database.transaction() as conn:
        incidents.predict(conn, settler.municipality_code, batch, predicted)
        batch_steps.mark_signed(
            conn,
            settler.municipality_code,
            batch.number,
            account_nonce=nonce,
            raw=signed.raw,
            transaction_hash=signed.tx_hash,
        )
    return True


def send_batch(settler: Settler, batch: Batch) -> bool:
    """Send the stored transaction to the node; idempotent.

    Returns: False, if the node refused it because its account nonce is used; then the batch must be signed again.
    Raises:  Unavailable (`account_unfunded`), if the settler's account cannot pay for the gas any more.
    """
    try:
        _hand_over(settler, batch)
    except NodeRefused:
        if not _is_nonce_taken(settler, batch):
            demand_funds(settler.rpc, settler.address, GAS_LIMIT, fees_of(batch.raw_transaction or b""))
            raise
        unsign(settler, batch)
        return False
    with settler.database.transaction() as conn:
        batch_steps.mark_sent(conn, settler.municipality_code, batch.number, now_ms=settler.clock.now_ms())
    return True


def nudge(settler: Settler, batch: Batch) -> bool:
    """Check a batch that was sent and not replayed yet, and send it again if needed; return whether anything was done."""
    (receipt,) = receipts(settler.rpc, [_hash(batch)])
    if (receipt is not None and not receipt.is_success) or (
        receipt is None and _is_nonce_taken(settler, batch)
    ):
        unsign(settler, batch)
        return True
    if receipt is not None:
        return False
    if settler.rpc.call("eth_getTransactionByHash", "0x" + _hash(batch).hex()) is None:
        _hand_over(settler, batch)
        return True
    return _is_stuck(settler, batch) and _replace(settler, batch)


def unsign(settler: Settler, batch: Batch) -> None:
    """Discard a signature whose account nonce is used; the calldata stays."""
    with settler.database.transaction() as conn:
        batch_steps.mark_unsigned(conn, settler.municipality_code, batch.number)


# ------------------------------------------------------------------ verifying


def _predict(settler: Settler, batch: Batch) -> dict[int, Rejection]:
    """Return the records that will be skipped, by sequence: according to the contract's simulation, and according to the
    signatures if that differs."""
    with settler.database.transaction() as conn:
        effects = chain_effects.effects(
            conn, settler.municipality_code, batch.first_sequence, batch.last_sequence
        )
    at_s = max(batch.as_of_s, settler.clock.now_ms() // 1000, block_time_s(settler.rpc))
    simulation = settler.contract.simulate(batch.calldata, settler.address, at_s)
    if simulation.revert is not None:
        raise stopped(
            f"束 {batch.number} をコントラクトが受け付けません（{simulation.revert}）。",
            f"The contract refuses batch {batch.number}: {simulation.revert}.",
        )
    bad = dict.fromkeys(invalid_signatures(settler.domain, effects), Rejection.SIGNATURE_INVALID)
    reasons = zip(effects, simulation.reasons, strict=True)
    return bad | {effect.sequence: reason for effect, reason in reasons if reason}


def invalid_signatures(domain: Domain, effects: list[Effect]) -> list[int]:
    """Return the sequences of effects with an invalid signature; all are verified in one call of the core."""
    owners: list[int] = []
    digests: list[bytes] = []
    for effect in effects:
        count = len(effect.signers) // core.ADDRESS_BYTES
        if count:
            digest = KINDS[kind_of(effect)].message.TYPE.digest(domain, effect.words)
            owners += [effect.sequence] * count
            digests += [digest] * count
    signatures = b"".join(effect.signatures for effect in effects)
    verdicts = core.verify(b"".join(digests), signatures, b"".join(effect.signers for effect in effects))
    return sorted({owner for owner, is_good in zip(owners, verdicts, strict=True) if not is_good})


# ------------------------------------------------------------------ sending


def _sign(settler: Settler, batch: Batch, nonce: int, fees: Fees) -> SignedTransaction:
    return sign_transaction(
        settler.key,
        chain_id=settler.domain.chain_id,
        nonce=nonce,
        to=settler.contract.address,
        data=batch.calldata,
        gas=GAS_LIMIT,
        fees=fees,
    )


def _hand_over(settler: Settler, batch: Batch) -> None:
    if settler.policy.sets_block_time:
        last_s = block_time_s(settler.rpc)
        now_s = max(settler.clock.now_ms() // 1000, batch.as_of_s)
        set_next_block_time(settler.rpc, max(now_s, last_s + 1))
    send(settler.rpc, SignedTransaction(batch.raw_transaction or b"", _hash(batch)))


def _hash(batch: Batch) -> bytes:
    return batch.transaction_hash or b""


def _is_nonce_taken(settler: Settler, batch: Batch) -> bool:
    mined = next_nonce(settler.rpc, settler.address, "latest")
    return batch.account_nonce is not None and mined > batch.account_nonce


def _is_stuck(settler: Settler, batch: Batch) -> bool:
    since_ms = settler.clock.now_ms() - (batch.sent_at_ms or 0)
    return since_ms > settler.policy.stuck_after_ms


def _replace(settler: Settler, batch: Batch) -> bool:
    """Replace the transaction by one with higher fees, the same nonce and calldata; on a chain without fees do nothing."""
    offered = fees_of(batch.raw_transaction or b"")
    wanted = current_fees(settler.rpc)
    fees = Fees(
        max(wanted.max_fee_wei, _raised(offered.max_fee_wei)),
        max(wanted.priority_fee_wei, _raised(offered.priority_fee_wei)),
    )
    if fees.max_fee_wei == 0 or batch.account_nonce is None:
        return False
    signed = _sign(settler, batch, batch.account_nonce, fees)
    with settler.database.transaction() as conn:
        batch_steps.mark_signed(
            conn,
            settler.municipality_code,
            batch.number,
            account_nonce=batch.account_nonce,
            raw=signed.raw,
            transaction_hash=signed.tx_hash,
        )
    return True


def _raised(fee_wei: int) -> int:
    """Return a fee raised by a quarter; nodes require at least a tenth more for a replacement."""
    return fee_wei + fee_wei // 4 + (1 if fee_wei else 0)
