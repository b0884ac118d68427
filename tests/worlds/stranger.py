"""Somebody else who holds the settler's key, or the worker of another database: sends batches that our books did not seal."""

from collections.abc import Sequence
from dataclasses import replace

from coin.chain.anvil import set_next_block_time
from coin.chain.contract import appoint_calldata, settle_calldata
from coin.chain.transactions import (
    Fees,
    SignedTransaction,
    block_time_s,
    next_nonce,
    receipts,
    send,
    sign_transaction,
)
from coin.messages import Appoint
from coin.office.approval import approval_by_two
from coin.payments import Authorization
from coin.records.codec import encode_batch
from coin.records.effects import Effect
from coin.records.kinds import Kind
from tests.patience import wait_until
from tests.worlds.people import address_of, key_of
from tests.worlds.settled import SettledTown

FREE = Fees(0, 0)


def payment_record(authorization: Authorization, kind: Kind = Kind.PAYMENT) -> Effect:
    """The record of a signed authorization, as a settler who never saw our books would build it."""
    return Effect(0, kind, authorization.words, authorization.signature, authorization.payer)


def foreign_calldata(
    town: SettledTown, effects: Sequence[Effect] = (), *, as_of_s: int | None = None
) -> bytes:
    """A batch with the next number and the next sequence of the chain, whatever our books say."""
    journal = town.settler.contract.snapshot().journal
    as_of_s = max(town.clock.now_ms() // 1000, journal.last_as_of_s) if as_of_s is None else as_of_s
    first = journal.next_sequence
    numbered = [replace(effect, sequence=first + at) for at, effect in enumerate(effects)]
    data = encode_batch(numbered, as_of_s)
    return settle_calldata(journal.batch_no + 1, first, as_of_s, data, len(effects))


def signed_by(
    town: SettledTown, calldata: bytes, *, key: str = "settler", fees: Fees = FREE, nonce: int | None = None
) -> SignedTransaction:
    """The transaction of a batch, signed with the settler's key or another."""
    nonce = next_nonce(town.settler.rpc, address_of(key), "latest") if nonce is None else nonce
    return sign_transaction(
        key_of(key),
        chain_id=town.settler.domain.chain_id,
        nonce=nonce,
        to=town.settler.contract.address,
        data=calldata,
        gas=16_000_000,
        fees=fees,
    )


def settle_as_stranger(town: SettledTown, *effects: Effect, as_of_s: int | None = None) -> bytes:
    """Send such a batch into a block of its own; return the transaction's hash."""
    return mined(town, signed_by(town, foreign_calldata(town, effects, as_of_s=as_of_s)))


def mined(town: SettledTown, signed: SignedTransaction) -> bytes:
    """Send a transaction into a block of the town's time; return its hash."""
    rpc = town.settler.rpc
    set_next_block_time(rpc, max(town.clock.now_ms() // 1000, block_time_s(rpc) + 1))
    send(rpc, signed)
    wait_until(lambda: receipts(rpc, [signed.tx_hash]) != [None])
    (receipt,) = receipts(rpc, [signed.tx_hash])
    assert receipt is not None
    assert receipt.is_success, "reverted"
    return signed.tx_hash


def appoint(town: SettledTown, settler: str) -> None:
    """Two staff name another settler, whatever our books say; its transaction is the pauser's."""
    offices = town.settler.contract.offices()
    said = Appoint(address_of(settler), offices.pauser, 0, offices.change + 1)
    with town.books() as books:
        approval = approval_by_two(books, said, town.two(said))
    mined(town, signed_by(town, appoint_calldata(said, approval), key="pauser"))
