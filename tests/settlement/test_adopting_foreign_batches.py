"""Two staff bind the books to a batch on the chain that they did not seal; then settlement goes on, and books and chain agree
or differ by named items only (I-04)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from coin import messages
from coin.chain.anvil import Anvil
from coin.chain.rpc import Rpc
from coin.chain.transactions import Fees, send
from coin.errors import CoinError, Unavailable
from coin.ledger import batches, chain_effects
from coin.office.foreign_batch import adopt_foreign_batch, message_of, next_foreign_batch
from coin.office.late_batch import approval_of
from coin.operations.redeem import redeemable
from coin.reconciliation.figures import Open, OpenItem, StrangeRecord, Subject
from coin.reconciliation.reconcile import Reconciliation, reconcile
from coin.records.kinds import Kind
from coin.settlement.seal import seal_due
from coin.settlement.tick import tick
from tests.worlds.books import STAFF
from tests.worlds.people import address_of
from tests.worlds.settled import SettledTown, staff
from tests.worlds.stranger import (
    appoint,
    foreign_calldata,
    mined,
    payment_record,
    settle_as_stranger,
    signed_by,
)
from town_cli.desk.approvals import adopt_foreign, foreign_batches_one_by_one


@pytest.fixture
def opened(town: SettledTown) -> SettledTown:
    """Everything so far is confirmed, and three operations wait."""
    town.settle()
    town.pay("aoi", "bakery", 500)
    town.pay("aoi", "riku", 200)
    town.pay("riku", "diner", 100)
    return town


def adopt(town: SettledTown) -> int:
    """Let both staff adopt what the chain holds; return how many batches."""
    count = 0
    for found in foreign_batches_one_by_one(town.books, town.settler.rpc):
        count += 1
        with town.books() as books:
            adopt_foreign(books, town.settler.rpc, found, staff(), actor="test")
    return count


def compared(town: SettledTown) -> Reconciliation:
    return reconcile(town.database, town.municipality, town.settler.rpc, clock=town.clock)


def empty(town: SettledTown) -> None:
    settle_as_stranger(town)


def forged(town: SettledTown) -> None:
    settle_as_stranger(town, payment_record(town.authorization("riku", "diner", 700, nonce=9, key="aoi")))


def ours(town: SettledTown, *which: int) -> None:
    """Records that wait with us, copied: in that order, under other numbers."""
    with town.database.transaction() as conn:
        last = chain_effects.last_sequence(conn, town.code)
        waiting = chain_effects.effects(conn, town.code, last - 2, last)
    settle_as_stranger(town, *(waiting[at] for at in which))


def the_last_of_ours(town: SettledTown) -> None:
    ours(town, 2)


def all_of_ours_in_another_order(town: SettledTown) -> None:
    ours(town, 2, 0, 1)


def several(town: SettledTown) -> None:
    empty(town)
    ours(town, 1)
    empty(town)


@pytest.mark.parametrize("is_sealed", [True, False])
@pytest.mark.parametrize("stranger", [empty, forged, the_last_of_ours, all_of_ours_in_another_order, several])
def test_after_two_staff_adopted_it_what_waits_settles_once_and_books_are_the_chain(
    opened: SettledTown, stranger: Callable[[SettledTown], None], is_sealed: bool
) -> None:
    promised = opened.rows("SELECT id, sequence, receipt FROM payment ORDER BY sequence")
    if is_sealed:
        seal_due(opened.database, opened.code, opened.clock.now_ms(), force=True)
    stranger(opened)

    assert adopt(opened) >= 1
    opened.settle()
    opened.pay("aoi", "bakery", 30)
    opened.settle()

    found = compared(opened)
    assert (found.differences, found.open_items) == ((), ())
    assert set(opened.states()) == {"confirmed"}
    assert opened.rows("SELECT 1 FROM incident") == []
    assert opened.rows("SELECT id, sequence, receipt FROM payment ORDER BY sequence")[:3] == promised
    shops = [address_of(name) for name in ("bakery", "diner")]
    words = opened.settler.contract.merchants(shops)
    assert [words[shop].balance for shop in shops] == [530, 100]
    with opened.books() as books:
        assert sum(redeemable(books, 1).values()) == 530


def test_what_the_chain_carried_out_for_a_stranger_is_a_named_item_and_no_difference(
    opened: SettledTown,
) -> None:
    first = opened.settler.contract.snapshot().journal.next_sequence
    settle_as_stranger(opened, payment_record(opened.authorization("riku", "diner", 300)))
    adopt(opened)
    opened.settle()

    found = compared(opened)

    assert found.differences == ()
    record = StrangeRecord(2, first, Kind.PAYMENT, 300, (address_of("riku"), address_of("diner")))
    assert found.open_items == (OpenItem(Open.FOREIGN_RECORD, Subject.FOREIGN_RECORD, record),)
    with opened.books() as books:
        assert sum(redeemable(books, 2).values()) == 100


def test_value_that_a_strangers_record_spent_makes_ours_an_incident_and_no_difference(
    opened: SettledTown,
) -> None:
    on_the_chain = opened.balance("aoi") + 500 + 200
    settle_as_stranger(opened, payment_record(opened.authorization("aoi", "diner", on_the_chain - 600)))
    adopt(opened)
    opened.settle()

    found = compared(opened)

    assert found.differences == ()
    assert {item.kind for item in found.open_items} == {Open.FOREIGN_RECORD, Open.INCIDENT}


def test_it_is_named_before_it_is_adopted_and_afterwards_until_all_is_settled(opened: SettledTown) -> None:
    ours(opened, 1)

    before = {item.kind for item in compared(opened).open_items}
    adopt(opened)
    between = compared(opened)

    assert before == {Open.FOREIGN, Open.UNSETTLED}
    assert between.differences == ()
    assert {item.kind for item in between.open_items} == {Open.UNSETTLED}


def test_a_batch_of_our_number_that_was_mined_while_ours_was_in_the_mempool_is_adopted(
    opened: SettledTown, rpc: Rpc
) -> None:
    rpc.call("anvil_setBalance", "0x" + opened.settler.address.hex(), hex(10**20))
    foreign = signed_by(opened, foreign_calldata(opened), fees=Fees(10**9, 10**9))
    rpc.call("evm_setAutomine", False)
    try:
        tick(opened.settler, force=True)
        send(rpc, foreign)
        rpc.call("evm_mine")
    finally:
        rpc.call("evm_setAutomine", True)
        rpc.call("anvil_setBalance", "0x" + opened.settler.address.hex(), "0x0")

    adopt(opened)
    opened.settle()

    found = compared(opened)
    assert (found.differences, found.open_items) == ((), ())
    assert opened.rows("SELECT number FROM batch ORDER BY number") == [{"number": 1}, {"number": 3}]


def test_our_content_from_another_sender_is_ours_after_two_staff_have_said_so(opened: SettledTown) -> None:
    appoint(opened, "thief")
    seal_due(opened.database, opened.code, opened.clock.now_ms(), force=True)
    with opened.database.transaction() as conn:
        mine = batches.oldest_unmined(conn, opened.code)
    assert mine is not None
    mined(opened, signed_by(opened, mine.calldata, key="thief"))
    with pytest.raises(Unavailable):
        tick(opened.settler)

    adopt(opened)
    opened.settle()

    found = compared(opened)
    assert (found.differences, found.open_items) == ((), ())
    assert opened.rows("SELECT 1 FROM foreign_batch") == []


def test_a_late_batch_after_a_foreign_one_is_approved_by_the_chains_number(opened: SettledTown) -> None:
    forged(opened)
    adopt(opened)
    seal_due(opened.database, opened.code, opened.clock.now_ms(), force=True)
    with opened.books() as books:
        [batch] = [item for item in batches.all_batches(books.connection, opened.code) if item.number == 3]
        approval = approval_of(books, batch)

    assert approval.first_sequence == batch.first_sequence + 1


# ------------------------------------------------------------------ who may


def attempt(town: SettledTown, message: messages.ForeignBatch, names: Sequence[str] = STAFF) -> str:
    """The code of the refusal to adopt what these people signed."""
    signatures = town.two(message, names)
    with pytest.raises(CoinError) as refusal, town.books() as books:
        adopt_foreign_batch(books, town.settler.rpc, message, signatures, actor="test")
    assert town.rows("SELECT 1 FROM foreign_batch") == []
    return refusal.value.code


def found_on_the_chain(town: SettledTown) -> messages.ForeignBatch:
    with town.books() as books:
        return message_of(next_foreign_batch(books, town.settler.rpc))


@pytest.mark.parametrize("names", [("ken", "ken"), ("ken", "settler"), ("ken",)])
def test_less_than_two_staff_bind_the_books_to_nothing(opened: SettledTown, names: tuple[str, ...]) -> None:
    empty(opened)

    assert attempt(opened, found_on_the_chain(opened), names) == "signer_not_authorized"


@pytest.mark.parametrize("changed", [{"count": 1}, {"sender": bytes(20)}, {"data_hash": bytes(32)}])
def test_other_content_than_the_chains_is_refused(opened: SettledTown, changed: dict[str, object]) -> None:
    empty(opened)

    said = replace(found_on_the_chain(opened), **changed)  # type: ignore[arg-type]
    assert attempt(opened, said) == "foreign_batch_changed"


def test_where_every_batch_is_ours_there_is_nothing_to_adopt(opened: SettledTown) -> None:
    empty(opened)
    said = found_on_the_chain(opened)
    adopt(opened)
    opened.settle()

    with pytest.raises(CoinError) as refusal:
        found_on_the_chain(opened)
    assert refusal.value.code == "no_foreign_batch"
    with pytest.raises(CoinError) as again, opened.books() as books:
        adopt_foreign_batch(books, opened.settler.rpc, said, opened.two(said), actor="test")
    assert again.value.code == "no_foreign_batch"


def test_a_block_that_may_still_vanish_is_not_adopted(opened: SettledTown) -> None:
    empty(opened)
    real = replace(opened.municipality, is_demo=False)

    with pytest.raises(CoinError) as refusal, opened.books() as books:
        next_foreign_batch(replace(books, municipality=real), opened.settler.rpc)

    assert refusal.value.code == "foreign_batch_not_final"


class Forgetful(Rpc):
    """A node that has pruned its transactions, or does not have this one yet."""

    def call(self, method: str, *params: Any) -> Any:
        return None if method == "eth_getTransactionByHash" else super().call(method, *params)


def test_a_batch_whose_transaction_the_node_does_not_show_is_not_adopted(
    opened: SettledTown, chain: Anvil
) -> None:
    forged(opened)
    said = found_on_the_chain(opened)

    with Forgetful(chain.url) as rpc, pytest.raises(CoinError) as refusal, opened.books() as books:
        adopt_foreign_batch(books, rpc, said, opened.two(said), actor="test")

    assert refusal.value.code == "foreign_batch_not_final"
    assert opened.rows("SELECT 1 FROM foreign_batch") == []
