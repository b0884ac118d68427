"""What was accepted is on the chain after settling: once, in order, and the books know where."""

from tests.worlds.people import address_of
from tests.worlds.settled import SettledTown


def test_accepted_operations_end_confirmed_on_the_chain_with_the_balances_of_the_books(
    town: SettledTown,
) -> None:
    town.pay("aoi", "bakery", 1_200)
    town.pay("aoi", "riku", 300)
    town.pay("riku", "diner", 5_000)

    done = town.settle()

    shops = [address_of(name) for name in ("bakery", "diner")]
    words = town.settler.contract.merchants(shops)
    assert done.is_drained
    assert town.states() == ["confirmed"]
    assert [words[shop].balance for shop in shops] == [1_200, 5_000]
    assert town.rows("SELECT * FROM incident") == []


def test_settling_again_sends_nothing(town: SettledTown) -> None:
    town.settle()
    before = town.settler.contract.snapshot()

    again = town.settle()

    assert not again.did_something
    assert town.settler.contract.snapshot().journal == before.journal
