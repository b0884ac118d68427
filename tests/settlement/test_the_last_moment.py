"""At the last moment of a date both sides decide by the time of acceptance, whenever the batch is settled (I-06)."""

import pytest
from settled_town import SettledTown

from coin.chain.anvil import Anvil
from coin.chain.rpc import Rpc
from coin.clock import jst_midnight_s, parse_jst_date
from coin.office.expire import expire
from coin.payments import Accepted
from coin.settlement.reconcile import reconcile

END_S = jst_midnight_s(parse_jst_date("2023-04-01"))


@pytest.fixture
def chain(chain_of_its_own: Anvil) -> Anvil:
    """The chain of this file's towns."""
    return chain_of_its_own


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

    (accepted,) = town.submit([late])
    town.clock.set_ms(END_S * 1000)
    (refused,) = town.submit([too_late])
    town.clock.set_ms((END_S + 5 * 86_400) * 1000)

    assert isinstance(accepted, Accepted)
    assert not isinstance(refused, Accepted)
    assert refused.code == "insufficient_balance"
    assert_chain_equals_books(town, rpc)


def test_expired_value_leaves_the_supply_on_both_sides(town: SettledTown, rpc: Rpc) -> None:
    town.pay("aoi", "bakery", 500)
    town.settle()
    town.clock.set_ms((END_S + 60) * 1000)
    town.settle()

    with town.database.transaction() as conn:
        expire(conn, town.municipality, town.clock, END_S, chain_time_s=END_S + 60, actor="test")

    assert_chain_equals_books(town, rpc)
    assert town.settler.contract.snapshot().total_supply == 500
