"""A record that the chain skips is sent as it is, named, and holds its payer until people dispose of it."""

import threading
import time

import psycopg
import pytest

from coin.errors import Rejection
from coin.ledger import batches
from coin.payments import Refused, Submission
from coin.reconciliation.figures import Open, OpenItem, Subject
from coin.reconciliation.reconcile import reconcile
from coin.settlement import incidents, send
from coin.settlement.seal import seal_due
from tests.worlds.people import address_of
from tests.worlds.settled import SettledTown


@pytest.fixture
def bad(town: SettledTown, owner_url: str) -> int:
    """A payment whose signature went bad in the books after it was accepted, and a good one around it."""
    bad = town.pay("aoi", "bakery", 1_200)
    town.pay("riku", "diner", 300)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(
            "UPDATE chain_effect SET signatures = set_byte(signatures, 5, get_byte(signatures, 5) # 1) WHERE sequence = %s",
            [bad.sequence],
        )
    return bad.sequence


@pytest.fixture
def skipped(town: SettledTown, bad: int) -> int:
    """The same, settled."""
    town.settle()
    return bad


def test_a_skipped_record_is_an_incident_with_its_reason_and_the_rest_settles(
    town: SettledTown, skipped: int
) -> None:
    shops = [address_of(name) for name in ("bakery", "diner")]

    words = town.settler.contract.merchants(shops)

    assert town.rows("SELECT sequence, reason, is_confirmed, disposition FROM incident") == [
        {"sequence": skipped, "reason": 1, "is_confirmed": True, "disposition": None}
    ]
    assert [words[shop].balance for shop in shops] == [0, 300]
    assert town.states() == ["confirmed"]


def test_the_payer_of_an_open_incident_is_refused_and_others_are_not(town: SettledTown, skipped: int) -> None:
    (refused,) = town.accept(Submission(town.authorization("aoi", "diner", 10)))
    town.pay("riku", "diner", 10)

    assert isinstance(refused, Refused)
    assert refused.code == "account_in_incident"


def test_an_open_incident_is_named_by_reconciliation_and_is_no_difference(
    town: SettledTown, skipped: int
) -> None:
    found = reconcile(town.database, town.municipality, town.settler.rpc)

    assert found.differences == ()
    assert found.open_items == (skip_of(skipped),)
    assert not found.is_closed


@pytest.mark.parametrize("is_foreseen", [True, False])
def test_a_skip_that_the_worker_has_not_recorded_yet_is_an_open_item_and_no_difference(
    town: SettledTown, owner_url: str, bad: int, is_foreseen: bool
) -> None:
    """Between the block and the worker's next look at it."""
    seal_due(town.database, town.code, town.clock.now_ms(), force=True)
    send.sign_batch(town.settler, in_flight(town))
    send._hand_over(town.settler, in_flight(town))
    if not is_foreseen:
        with psycopg.connect(owner_url, autocommit=True) as owner:
            owner.execute("DELETE FROM incident")
            owner.execute("UPDATE wallet SET in_incident = false")

    found = reconcile(town.database, town.municipality, town.settler.rpc)
    town.settle()
    later = reconcile(town.database, town.municipality, town.settler.rpc)

    assert found.differences == later.differences == ()
    assert set(found.open_items) == {OpenItem(Open.IN_FLIGHT, Subject.BATCH, 1), skip_of(bad)}
    assert later.open_items == (skip_of(bad),)


def skip_of(sequence: int) -> OpenItem:
    """The open item of a record whose signature the chain did not take."""
    return OpenItem(Open.INCIDENT, Subject.OPERATION, sequence, Rejection.SIGNATURE_INVALID)


def in_flight(town: SettledTown) -> batches.Batch:
    """The batch that no block is known to hold."""
    with town.database.transaction() as conn:
        batch = batches.oldest_unmined(conn, town.code)
    assert batch is not None
    return batch


def test_payers_are_held_in_the_order_in_which_payments_lock_them(town: SettledTown, owner_url: str) -> None:
    """While somebody holds the wallet of the lowest address, no other is held: so the two never wait for each other."""
    names = [f"guest {number}" for number in range(8)]
    town.enrol(1_000, *names)
    sequences = [town.pay(name, "bakery", 10).sequence for name in names]
    seal_due(town.database, town.code, town.clock.now_ms(), force=True)
    reasons = dict.fromkeys(sequences, Rejection.SIGNATURE_INVALID)
    lowest, *others = sorted(address_of(name) for name in names)

    def hold() -> None:
        batch = in_flight(town)
        with town.database.transaction() as conn:
            incidents.record(conn, town.code, batch, reasons)

    worker = threading.Thread(target=hold)
    with psycopg.connect(owner_url) as payment:
        payment.execute("ANALYZE")  # else the plan of an empty table visits them in order by chance
        payment.commit()
        lock = "SELECT 1 FROM wallet WHERE address = ANY (%s) FOR NO KEY UPDATE NOWAIT"
        payment.execute(lock, [[lowest]])
        worker.start()
        wait_until_blocked(owner_url, worker)
        payment.execute(lock, [others])
    worker.join()

    assert town.rows("SELECT count(*) AS n FROM wallet WHERE in_incident") == [{"n": 8}]


def wait_until_blocked(owner_url: str, worker: threading.Thread) -> None:
    """Until a transaction of this database waits for a lock, or the worker has ended."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(owner_url, autocommit=True) as owner:
        while worker.is_alive() and not owner.execute(waiting).fetchall():
            time.sleep(0.01)
