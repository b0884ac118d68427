"""Whatever fails between two steps, every accepted operation is settled exactly once (I-04)."""

import pytest

from coin.chain.anvil import Anvil
from coin.chain.interface import unhex
from coin.chain.rpc import Rpc
from coin.chain.transactions import Fees, next_nonce, sign_transaction
from coin.database.database import Database
from coin.errors import Unavailable
from coin.ledger import batches
from coin.reconciliation.reconcile import reconcile
from coin.settlement import send
from coin.settlement.confirm import confirm_final, record_mined
from coin.settlement.seal import seal_due
from coin.settlement.tick import drain, tick
from tests.worlds.people import address_of
from tests.worlds.settled import SettledTown, found


def assert_settled_once(town: SettledTown) -> None:
    """Everything is confirmed, and books and chain agree."""
    found = reconcile(town.database, town.municipality, town.settler.rpc)
    assert found.differences == ()
    assert found.open_items == ()


def current(town: SettledTown) -> batches.Batch:
    """The batch in flight."""
    with town.database.transaction() as conn:
        batch = batches.oldest_unmined(conn, town.code)
    assert batch is not None
    return batch


def sealed(town: SettledTown) -> batches.Batch:
    """Seal what waits, as a worker that stops right after it."""
    town.pay("aoi", "bakery", 100)
    seal_due(town.database, town.code, town.clock.now_ms(), force=True)
    return current(town)


def test_a_worker_that_died_after_signing_sends_the_stored_bytes(town: SettledTown) -> None:
    send.sign_batch(town.settler, sealed(town))
    stored = current(town).transaction_hash

    drain(town.settler, force=False)

    assert town.rows("SELECT transaction_hash FROM batch") == [{"transaction_hash": stored}]
    assert_settled_once(town)


def test_a_worker_that_died_after_sending_finds_its_block_and_sends_nothing_more(town: SettledTown) -> None:
    send.sign_batch(town.settler, sealed(town))
    send._hand_over(town.settler, current(town))

    drain(town.settler, force=False)

    assert next_nonce(town.settler.rpc, town.settler.address, "latest") == current_nonce(town) + 1
    assert_settled_once(town)


def current_nonce(town: SettledTown) -> int:
    """The account nonce of the only batch."""
    return int(str(town.rows("SELECT account_nonce FROM batch")[0]["account_nonce"]))


def test_a_transaction_that_the_node_lost_is_sent_again_with_the_same_bytes(
    town: SettledTown, rpc: Rpc
) -> None:
    rpc.call("evm_setAutomine", False)
    try:
        send.sign_batch(town.settler, sealed(town))
        send.send_batch(town.settler, current(town))
        lost = "0x" + (current(town).transaction_hash or b"").hex()
        rpc.call("anvil_dropTransaction", lost)
        assert rpc.call("eth_getTransactionByHash", lost) is None

        tick(town.settler)

        assert rpc.call("eth_getTransactionByHash", lost) is not None
        rpc.call("evm_mine")
    finally:
        rpc.call("evm_setAutomine", True)
    drain(town.settler, force=False)
    assert_settled_once(town)


def test_a_block_that_vanished_is_settled_again(database: Database, chain_of_its_own: Anvil) -> None:
    with Rpc(chain_of_its_own.url) as rpc:
        town = found(database, rpc)
        town.shops("bakery")
        town.enrol(10_000, "aoi")
        town.clock.advance_ms(60_000)  # past the blocks so far: else the same one would come again
        sealed(town)
        drain(town.settler, force=False)
        before = town.rows("SELECT block_hash FROM batch")

        rpc.call("anvil_rollback", 1)
        assert town.settler.contract.snapshot().journal.batch_no == 0
        town.clock.advance_ms(30_000)
        drain(town.settler, force=False)

        assert town.states() == ["confirmed"]
        after = town.rows("SELECT block_hash FROM batch")
        assert after == [{"block_hash": unhex(rpc.call("eth_getBlockByNumber", "latest", False)["hash"])}]
        assert after != before
        assert_settled_once(town)


def test_a_block_that_another_of_its_number_replaced_is_not_confirmed(
    database: Database, chain_of_its_own: Anvil
) -> None:
    with Rpc(chain_of_its_own.url) as rpc:
        town = found(database, rpc)
        town.shops("bakery")
        town.enrol(10_000, "aoi")
        town.clock.advance_ms(60_000)
        sealed(town)
        send.sign_batch(town.settler, current(town))
        send.send_batch(town.settler, current(town))
        assert record_mined(town.settler, current(town))

        rpc.call("anvil_rollback", 1)
        rpc.call("evm_mine")

        assert confirm_final(town.settler) == 0
        assert town.states() == ["mined"]


def test_a_foreign_transaction_that_took_the_account_nonce_delays_and_changes_nothing(
    town: SettledTown, rpc: Rpc
) -> None:
    send.sign_batch(town.settler, sealed(town))
    intruder = sign_transaction(
        town.settler.key,
        chain_id=town.municipality.domain.chain_id,
        nonce=current(town).account_nonce or 0,
        to=address_of("aoi"),
        data=b"",
        gas=21_000,
        fees=Fees(0, 0),
    )
    rpc.call("eth_sendRawTransaction", "0x" + intruder.raw.hex())

    drain(town.settler, force=False)

    assert town.states() == ["confirmed"]
    assert_settled_once(town)


def test_a_batch_that_waited_longer_than_the_window_stops_settlement_with_a_sentence(
    town: SettledTown,
) -> None:
    sealed(town)
    town.clock.advance_ms(241 * 3_600 * 1000)

    with pytest.raises(Unavailable) as stopped:
        tick(town.settler)

    assert stopped.value.code == "settlement_stopped"
    assert town.states() == ["sealed"]


def test_a_batch_that_stands_still_keeps_none_before_it_from_being_confirmed(town: SettledTown) -> None:
    send.sign_batch(town.settler, sealed(town))
    send.send_batch(town.settler, current(town))
    record_mined(town.settler, current(town))
    sealed(town)
    town.clock.advance_ms(241 * 3_600 * 1000)

    with pytest.raises(Unavailable):
        tick(town.settler)

    assert town.states() == ["confirmed", "sealed"]


def test_two_batches_are_sent_in_order_and_the_second_only_after_the_first(town: SettledTown) -> None:
    sealed(town)
    town.pay("riku", "diner", 200)
    seal_due(town.database, town.code, town.clock.now_ms(), force=True)

    drain(town.settler, force=False)

    rows = town.rows("SELECT number, account_nonce, block_number FROM batch ORDER BY number")
    assert [row["number"] for row in rows] == [1, 2]
    assert int(str(rows[0]["block_number"])) < int(str(rows[1]["block_number"]))
    assert_settled_once(town)


def test_a_second_worker_finds_the_lock_taken_and_does_nothing(town: SettledTown) -> None:
    sealed(town)
    with town.database.transaction() as other:
        other.execute("SELECT pg_advisory_xact_lock(hashtext('settle ' || %s))", [town.code])

        done = tick(town.settler)

    assert done.is_busy
    assert town.states() == ["sealed"]


def test_the_chain_is_not_asked_before_the_clock_has_reached_as_of(town: SettledTown) -> None:
    sealed(town)
    town.clock.advance_ms(-5_000)

    tick(town.settler)

    assert town.states() == ["sealed"]
