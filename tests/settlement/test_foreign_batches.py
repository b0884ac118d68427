"""A batch that our books did not seal stands on the chain under a number of ours: nothing of ours is taken for settled by it,
and settlement stops with its name (I-04)."""

import logging
from collections.abc import Callable

import pytest

from coin.chain.anvil import Anvil
from coin.chain.rpc import Rpc
from coin.chain.transactions import Fees, send
from coin.database.database import Database
from coin.errors import Unavailable
from coin.ledger import batches, chain_effects
from coin.operations.redeem import redeemable
from coin.payments import progress
from coin.payments.progress import PaymentStatus
from coin.settlement.foreign import foreign
from coin.settlement.seal import seal_due
from coin.settlement.settler import Settler
from coin.settlement.tick import tick
from coin.settlement.worker import Attempts
from tests.worlds.people import address_of
from tests.worlds.settled import SettledTown, found
from tests.worlds.stranger import (
    appoint,
    foreign_calldata,
    mined,
    payment_record,
    settle_as_stranger,
    signed_by,
)


@pytest.fixture
def opened(town: SettledTown) -> SettledTown:
    """Everything so far is confirmed."""
    town.settle()
    return town


def refused(town: SettledTown) -> Unavailable:
    """What a round of settlement ends with."""
    with pytest.raises(Unavailable) as refusal:
        tick(town.settler, force=True)
    return refusal.value


def assert_nothing_is_settled(town: SettledTown, payment: bytes) -> None:
    """The payment waits, and the shop cannot have it paid out."""
    with town.books() as books:
        assert progress.find(books, payment).status is not PaymentStatus.CONFIRMED
        assert redeemable(books, 1) == {}
    assert town.states()[0] == "confirmed"
    assert not {"mined", "confirmed"} & set(town.states()[1:])


def empty(town: SettledTown) -> None:
    settle_as_stranger(town)


def with_a_record(town: SettledTown) -> None:
    settle_as_stranger(town, payment_record(town.authorization("riku", "diner", 700)))


def with_our_own_record_alone(town: SettledTown) -> None:
    """The first of the two operations that wait, copied from our transaction."""
    with town.database.transaction() as conn:
        last = chain_effects.last_sequence(conn, town.code)
        effects = chain_effects.effects(conn, town.code, last - 1, last - 1)
    settle_as_stranger(town, *effects)


@pytest.mark.parametrize("stranger", [empty, with_a_record, with_our_own_record_alone])
@pytest.mark.parametrize("is_sealed", [True, False])
def test_a_foreign_batch_of_our_number_confirms_nothing_and_stops_settlement_by_its_name(
    opened: SettledTown, stranger: Callable[[SettledTown], None], is_sealed: bool
) -> None:
    paid = opened.pay("aoi", "bakery", 500)
    opened.pay("aoi", "diner", 100)
    if is_sealed:
        seal_due(opened.database, opened.code, opened.clock.now_ms(), force=True)

    stranger(opened)

    for _ in range(3):
        assert refused(opened).code == "foreign_batch"
    assert_nothing_is_settled(opened, paid.payment)


def test_a_foreign_batch_is_seen_though_nothing_of_ours_waits(opened: SettledTown) -> None:
    settle_as_stranger(opened)

    assert refused(opened).code == "foreign_batch"


def test_a_foreign_batch_that_was_mined_while_ours_was_in_the_mempool_confirms_nothing(
    opened: SettledTown, rpc: Rpc
) -> None:
    paid = opened.pay("aoi", "bakery", 500)
    rpc.call("anvil_setBalance", "0x" + opened.settler.address.hex(), hex(10**20))
    foreign = signed_by(opened, foreign_calldata(opened), fees=Fees(10**9, 10**9))
    rpc.call("evm_setAutomine", False)
    try:
        tick(opened.settler, force=True)
        assert opened.states() == ["confirmed", "sent"]
        send(rpc, foreign)  # with our account nonce and a higher fee: it takes the place of ours
        rpc.call("evm_mine")
    finally:
        rpc.call("evm_setAutomine", True)
        rpc.call("anvil_setBalance", "0x" + opened.settler.address.hex(), "0x0")

    assert refused(opened).code == "foreign_batch"
    assert_nothing_is_settled(opened, paid.payment)


def test_the_same_content_from_another_sender_confirms_nothing(opened: SettledTown) -> None:
    appoint(opened, "thief")
    paid = opened.pay("aoi", "bakery", 500)
    seal_due(opened.database, opened.code, opened.clock.now_ms(), force=True)
    with opened.database.transaction() as conn:
        ours = batches.oldest_unmined(conn, opened.code)
    assert ours is not None

    mined(opened, signed_by(opened, ours.calldata, key="thief"))

    refusal = refused(opened)
    assert refusal.code == "foreign_batch"
    assert address_of("thief").hex() in str(refusal).lower()
    assert_nothing_is_settled(opened, paid.payment)


def test_a_confirmed_batch_that_a_foreign_one_replaced_is_confirmed_no_longer(
    database: Database, chain_of_its_own: Anvil
) -> None:
    """A node that went back behind what it had called final."""
    with Rpc(chain_of_its_own.url) as rpc:
        town = found(database, rpc)
        town.shops("bakery")
        town.enrol(10_000, "aoi")
        town.settle()
        town.clock.advance_ms(60_000)
        paid = town.pay("aoi", "bakery", 500)
        town.settle()
        rpc.call("anvil_rollback", 1)
        rpc.call("anvil_dropAllTransactions")
        settle_as_stranger(town)

        assert refused(town).code == "foreign_batch"
        assert_nothing_is_settled(town, paid.payment)


def test_the_worker_says_a_refusal_once_and_its_end_once(
    opened: SettledTown, caplog: pytest.LogCaptureFixture
) -> None:
    attempts, refusals = Attempts(), [foreign(2, None)] * 3
    caplog.set_level(logging.INFO, "coin.settlement")

    def duty(_: Settler) -> str:
        if refusals:
            raise refusals.pop()
        return "done"

    outcomes = [attempts.do(duty, opened.settler) for _ in range(5)]

    assert outcomes == [None, None, None, "done", "done"]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "foreign_batch" in caplog.text
