"""A batch never costs more gas than was estimated when it was cut, and so always fits its transaction."""

from coin.settlement.cut import Waiting, estimated_gas
from tests.worlds.settled import SettledTown


def costs(town: SettledTown) -> list[tuple[int, int]]:
    """For each batch what was estimated and what was used."""
    found = []
    for batch in town.rows("SELECT * FROM batch ORDER BY number"):
        rows = town.rows(
            """SELECT sequence, kind, accepted_at_ms, words FROM chain_effect
               WHERE sequence BETWEEN %s AND %s ORDER BY sequence""",
            batch["first_sequence"],
            batch["last_sequence"],
        )
        waiting = [Waiting(**row) for row in rows]  # type: ignore[arg-type]
        found.append((estimated_gas(waiting), int(str(batch["gas_used"]))))
    return found


def assert_bounded(town: SettledTown) -> None:
    """The estimate holds and is no fantasy."""
    for estimated, used in costs(town):
        assert used <= estimated, costs(town)


def test_roles_dates_shops_and_charges_cost_no_more_than_estimated(town: SettledTown) -> None:
    town.enrol(5_000, *[f"resident {number}" for number in range(40)])

    town.settle()

    assert_bounded(town)


def test_payments_of_every_kind_cost_no_more_than_estimated(town: SettledTown) -> None:
    town.settle()
    names = [f"resident {number}" for number in range(30)]
    town.enrol(5_000, *names)
    town.settle()
    for number, name in enumerate(names):
        town.pay(name, "bakery" if number % 2 else "diner", 10)
        town.pay(name, "bakery", 10, nonce=(1 << 100) + number)
        town.pay(name, names[number - 1], 10)
    town.settle()
    for name in names:
        town.pay(name, "bakery", 10)

    town.settle()

    assert len(costs(town)) == 4
    assert_bounded(town)


def test_cancels_cost_no_more_than_estimated(town: SettledTown) -> None:
    town.settle()
    for nonce in (0, (1 << 90) + 1):
        town.perform(town.cancel_message("aoi", nonce))

    town.settle()

    assert_bounded(town)
