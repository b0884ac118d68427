"""Books and chain are compared figure by figure: nothing is reported when all is well, and whatever was changed is."""

from collections.abc import Iterator

import psycopg
import pytest

from coin.chain.anvil import Anvil
from coin.chain.interface import calldata
from coin.chain.rpc import Rpc
from coin.clock import jst_midnight_s, parse_jst_date
from coin.core import keccak256
from coin.errors import Unavailable
from coin.reconciliation.figures import Field, Holding, Id, Open, OpenItem, Span, Subject
from coin.reconciliation.proof import Replayed, of_batches
from coin.reconciliation.reconcile import Reconciliation, reconcile
from coin.settlement.seal import seal_due
from tests.worlds.people import address_of
from tests.worlds.settled import SettledTown
from tests.worlds.stranger import payment_record, settle_as_stranger

END_S = jst_midnight_s(parse_jst_date("2023-04-01"))  # its last day is 2023-03-31


@pytest.fixture
def settled(town: SettledTown) -> SettledTown:
    """Two batches are confirmed."""
    town.pay("aoi", "bakery", 1_200)
    town.settle()
    town.pay("riku", "diner", 700)
    town.pay("aoi", "riku", 50, nonce=(1 << 200) + 5)
    town.settle()
    return town


def check(town: SettledTown) -> Reconciliation:
    """Reconcile."""
    return reconcile(town.database, town.municipality, town.settler.rpc, clock=town.clock)


def places(found: Reconciliation) -> set[tuple[Subject, Id, Field]]:
    """Where something differs."""
    return {(item.subject, item.id, item.field) for item in found.differences}


def test_a_settled_town_has_no_difference_and_nothing_open(settled: SettledTown) -> None:
    found = check(settled)

    assert found.differences == ()
    assert found.open_items == ()
    assert found.compared > 40
    assert found.cash[settled.municipality.program.channels[0].id] == 20_000


def test_what_is_not_settled_yet_is_an_open_item_and_no_difference(settled: SettledTown) -> None:
    first = settled.pay("aoi", "diner", 10)
    settled.enrol(1_000, "riku", "sora")

    found = check(settled)

    assert found.differences == ()
    assert [item.kind for item in found.open_items] == [Open.UNSETTLED]
    assert found.open_items[0].id == Span(first.sequence, first.sequence + 2)


def test_an_acceptance_that_is_not_settled_yet_cannot_lie_before_the_one_before_it(
    settled: SettledTown, owner_url: str
) -> None:
    waiting = settled.pay("aoi", "diner", 10).sequence

    move_acceptances(owner_url, waiting, by_ms=-1_000)

    assert (Subject.OPERATION, waiting, Field.IS_IN_ORDER) in places(check(settled))


def test_an_acceptance_that_is_not_settled_yet_and_lies_after_now_is_an_open_item(
    settled: SettledTown, owner_url: str
) -> None:
    waiting = settled.pay("aoi", "diner", 10).sequence

    move_acceptances(owner_url, waiting, by_ms=60_000)

    assert OpenItem(Open.LATER, Subject.OPERATIONS, Span(waiting, waiting)) in check(settled).open_items


def move_acceptances(owner_url: str, sequence: int, *, by_ms: int) -> None:
    """Move the time of one operation, as its row and its record say it."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        for table in ("operation", "chain_effect"):
            change = f"UPDATE {table} SET accepted_at_ms = accepted_at_ms + %s WHERE sequence = %s"
            owner.execute(change.encode(), [by_ms, sequence])


def test_a_shop_with_a_new_key_that_is_on_its_way_is_no_difference(settled: SettledTown) -> None:
    settled.shops("bakery with a new key")

    found = check(settled)

    assert found.differences == ()
    assert [item.kind for item in found.open_items] == [Open.UNSETTLED]


def test_a_changed_word_of_a_holder_is_reported_with_holder_and_date(settled: SettledTown, rpc: Rpc) -> None:
    aoi = address_of("aoi")
    slot = _slot_of(settled, rpc, aoi)
    word = int(rpc.call("eth_getStorageAt", _contract(settled), slot, "latest"), 16)

    rpc.call("anvil_setStorageAt", _contract(settled), slot, f"0x{word + 1:064x}")

    found = check(settled)
    assert (Subject.HOLDING, Holding(aoi, END_S), Field.BALANCE) in places(found)


def test_a_tampered_balance_is_reported_against_its_journal(settled: SettledTown, owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(
            """UPDATE balance SET amount = amount + 5
               WHERE account = (SELECT account FROM merchant WHERE number = 1) AND kind = 'point'"""
        )

    found = places(check(settled))

    assert any(subject is Subject.BALANCE for subject, _, _ in found)
    assert (Subject.TRIAL_BALANCE, None, Field.DEBITS) in found


def test_a_tampered_journal_is_reported_against_the_chain(settled: SettledTown, owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("UPDATE journal SET amount = amount - 1 WHERE code = 'payment' AND amount = 700")

    found = places(check(settled))

    assert (Subject.MERCHANT, 2, Field.BALANCE) in found
    assert (Subject.TOWN, None, Field.MERCHANTS_TOTAL) in found


def test_a_batch_that_is_missing_in_the_books_is_reported(settled: SettledTown, owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("DELETE FROM batch WHERE number = 2")

    found = check(settled)

    assert (Subject.BATCH, 2, Field.EXISTS) in places(found)
    assert (Subject.JOURNAL, None, Field.LAST_BATCH) in places(found)


@pytest.mark.parametrize("is_sealed", [True, False])
def test_a_foreign_batch_is_named_and_what_waits_is_not_taken_for_settled(
    settled: SettledTown, is_sealed: bool
) -> None:
    waiting = settled.pay("aoi", "bakery", 10)
    if is_sealed:
        seal_due(settled.database, settled.code, settled.clock.now_ms(), force=True)
    settle_as_stranger(settled)

    found = check(settled)

    assert OpenItem(Open.FOREIGN, Subject.BATCH, 3) in found.open_items
    assert (
        OpenItem(Open.UNSETTLED, Subject.OPERATIONS, Span(waiting.sequence, waiting.sequence))
        in found.open_items
    )
    assert found.settled_sequence == waiting.sequence - 1
    assert {item.subject for item in found.differences} <= {Subject.BATCH, Subject.JOURNAL}


def test_a_foreign_record_shows_what_it_moved(settled: SettledTown) -> None:
    settle_as_stranger(settled, payment_record(settled.authorization("riku", "bakery", 300)))

    found = check(settled)

    assert OpenItem(Open.FOREIGN, Subject.BATCH, 3) in found.open_items
    assert (Subject.MERCHANT, 1, Field.BALANCE) in places(found)


def test_a_batch_that_neither_side_shows_is_reported_where_the_contract_has_counted_it(
    settled: SettledTown,
) -> None:
    nothing = Replayed({}, {})

    with settled.database.transaction() as conn:
        [figure] = of_batches(conn, settled.municipality.code, nothing, [], last=1)

    assert figure.differs
    assert (figure.subject, figure.id, figure.field) == (Subject.BATCH, 1, Field.EXISTS)


def test_a_batch_that_is_missing_on_the_chain_is_reported(settled: SettledTown, rpc: Rpc) -> None:
    rpc.call("anvil_rollback", 1)

    found = check(settled)

    assert (Subject.JOURNAL, None, Field.LAST_BATCH) in places(found)


def test_a_changed_signed_operation_is_reported_by_its_batch(settled: SettledTown, owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(
            """UPDATE chain_effect SET words = set_byte(words, 95, 9)
               WHERE sequence = (SELECT last_sequence FROM batch WHERE number = 1)"""
        )

    assert (Subject.BATCH, 1, Field.BYTES) in places(check(settled))


def _contract(town: SettledTown) -> str:
    return "0x" + town.settler.contract.address.hex()


def _slot_of(town: SettledTown, rpc: Rpc, address: bytes) -> str:
    """The storage slot of an account word: found by its value, since the layout is the compiler's."""
    call = calldata("accountWords", [address])
    answer = rpc.call("eth_call", {"to": _contract(town), "data": "0x" + call.hex()}, "latest")
    word = int(answer, 16) & ((1 << 256) - 1)
    for slot in _candidates(address):
        if int(rpc.call("eth_getStorageAt", _contract(town), slot, "latest"), 16) == word:
            return slot
    raise AssertionError("the account's word was not found in storage")


def _candidates(address: bytes) -> Iterator[str]:
    for position in range(40):
        yield "0x" + keccak256(bytes(12) + address + position.to_bytes(32, "big")).hex()


def test_a_node_of_another_chain_is_named_as_what_is_wrong(
    settled: SettledTown, chain_of_its_own: Anvil
) -> None:
    with Rpc(chain_of_its_own.url) as other, pytest.raises(Unavailable) as refused:
        reconcile(settled.database, settled.municipality, other)

    assert refused.value.code == "contract_missing"
