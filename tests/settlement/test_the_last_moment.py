"""At the last moment of a date both sides decide by the time of acceptance, whenever the batch is settled (I-06)."""

from dataclasses import replace
from pathlib import Path

import pytest
from worker_process import settings, wait_until, wait_until_confirmed, worker

from coin.chain.anvil import Anvil
from coin.chain.rpc import Rpc
from coin.clock import jst_midnight_s, move_clock_to, parse_jst_date
from coin.payments import Accepted, Submission
from coin.reconciliation.reconcile import reconcile
from coin.settlement.expire import expire_due
from tests.worlds.settled import SettledTown

END_S = jst_midnight_s(parse_jst_date("2023-04-01"))


@pytest.fixture
def chain(chain_of_its_own: Anvil) -> Anvil:
    """The chain of this file's towns."""
    return chain_of_its_own


def a_minute_after_the_end(town: SettledTown, rpc: Rpc) -> None:
    """Bring the town's clock and the chain there."""
    town.clock.set_ms((END_S + 60) * 1000)
    rpc.call("evm_setNextBlockTimestamp", END_S + 60)
    rpc.call("evm_mine")


def assert_chain_equals_books(town: SettledTown, rpc: Rpc) -> None:
    town.settle()
    result = reconcile(town.database, town.municipality, rpc)
    assert result.differences == ()
    assert result.open_items == ()
    assert result.compared > 50


def test_a_payment_of_the_last_tenth_of_a_second_settles_days_later_and_one_at_midnight_is_refused(
    town: SettledTown, rpc: Rpc
) -> None:
    town.settle()
    town.clock.set_ms(END_S * 1000 - 100)
    late = town.authorization("aoi", "bakery", 500)
    too_late = town.authorization("aoi", "bakery", 500)

    (accepted,) = town.accept(Submission(late))
    town.clock.set_ms(END_S * 1000)
    (refused,) = town.accept(Submission(too_late))
    town.clock.set_ms((END_S + 5 * 86_400) * 1000)

    assert isinstance(accepted, Accepted)
    assert not isinstance(refused, Accepted)
    assert refused.code == "insufficient_balance"
    assert_chain_equals_books(town, rpc)


def test_a_date_that_clock_and_chain_have_passed_is_ended_once_and_leaves_the_supply_on_both_sides(
    town: SettledTown, rpc: Rpc
) -> None:
    town.pay("aoi", "bakery", 500)
    town.settle()
    town.clock.set_ms(END_S * 1000 - 1)
    before = expire_due(town.settler)
    town.clock.set_ms((END_S + 60) * 1000)
    without_a_block = expire_due(town.settler)
    rpc.call("evm_setNextBlockTimestamp", END_S + 60)
    rpc.call("evm_mine")

    ended = [expire_due(town.settler), expire_due(town.settler)]

    assert (before, without_a_block, ended) == (0, 0, [1, 0])
    assert_chain_equals_books(town, rpc)
    assert town.settler.contract.snapshot().total_supply == 500
    assert town.rows("SELECT actor FROM audit WHERE action = 'expire'") == [{"actor": "clock"}]


def test_a_clock_that_is_set_back_between_two_looks_ends_nothing_and_stops_nobody(
    town: SettledTown, rpc: Rpc
) -> None:
    town.settle()
    rpc.call("evm_setNextBlockTimestamp", END_S + 60)
    rpc.call("evm_mine")

    class SetBack:
        moments = iter([END_S * 1000])

        def now_ms(self) -> int:
            return next(self.moments, END_S * 1000 - 1)

    assert expire_due(replace(town.settler, clock=SetBack())) == 0


def test_what_waits_is_sealed_while_a_date_is_due_and_no_node_answers(
    town: SettledTown, app_url: str, tmp_path: Path
) -> None:
    town.clock.set_ms((END_S + 60) * 1000)
    environment = settings(town, "http://127.0.0.1:9", app_url, tmp_path)

    with worker(environment):
        wait_until(lambda: town.states() == ["sealed"])


def test_a_date_ends_while_settlement_waits_for_people(
    town: SettledTown, chain: Anvil, rpc: Rpc, app_url: str, tmp_path: Path
) -> None:
    a_minute_after_the_end(town, rpc)
    environment = settings(town, chain.url, app_url, tmp_path)

    with worker(environment):
        wait_until(lambda: town.rows("SELECT * FROM expiry_date WHERE expired_sequence > 0") != [])

    assert town.states() == ["sealed"]


def test_a_worker_that_comes_back_after_the_end_of_a_date_ends_it_and_settles_that_once(
    town: SettledTown, chain: Anvil, rpc: Rpc, app_url: str, tmp_path: Path
) -> None:
    town.settle()
    a_minute_after_the_end(town, rpc)
    environment = settings(town, chain.url, app_url, tmp_path)

    with worker(environment):
        wait_until(lambda: town.rows("SELECT * FROM expiry_date WHERE expired_sequence > 0") != [])
        move_clock_to(Path(environment["BANDAI_CLOCK"]), (END_S + 20 * 60) * 1000)
        wait_until_confirmed(town, 2)

    assert_chain_equals_books(town, rpc)
    assert town.settler.contract.snapshot().total_supply == 0
