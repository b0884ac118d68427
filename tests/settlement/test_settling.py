"""What was accepted is on the chain after settling: once, in order, and the books know where."""

from coin.formats import MIN_LIFE_S
from coin.payments import Accepted, Submission
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


def test_one_yen_sent_to_and_fro_with_the_shortest_life_makes_one_batch_that_settles_long_after_its_ends(
    town: SettledTown,
) -> None:
    town.settle()
    for number in range(30):
        names = ("aoi", "riku") if number % 2 == 0 else ("riku", "aoi")
        ends_s = town.clock.now_ms() // 1000 + MIN_LIFE_S
        (outcome,) = town.accept(Submission(town.authorization(*names, 1, valid_before_s=ends_s)))
        assert isinstance(outcome, Accepted)
        town.clock.advance_ms(30_000)
    town.clock.advance_ms(86_400_000)

    town.settle()

    assert town.states() == ["confirmed", "confirmed"]
    assert town.rows("SELECT last_sequence - first_sequence + 1 AS sends FROM batch WHERE number = 2") == [
        {"sends": 30}
    ]
    assert town.rows("SELECT * FROM incident") == []
