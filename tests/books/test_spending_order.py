"""The set-based statement divides a payment over lots as the one pure order does (coin/lots.py)."""

import random

import pytest

from coin.lots import Lot, choose, live_balance_yen
from coin.payments import Accepted
from coin.program import LotKind
from tests.worlds.books import Town
from tests.worlds.people import address_of
from tests.worlds.rules import FUND, HALF_YEAR_S, NEXT_YEAR_END_S, SPARE_FUND, YEAR_END_S

PASSED_S = HALF_YEAR_S - 400 * 86_400
FUNDS_OF_THE_FILE = (SPARE_FUND, FUND)
LOTS = [
    Lot(kind, expiry_s, fund)
    for expiry_s in (PASSED_S, HALF_YEAR_S, YEAR_END_S, NEXT_YEAR_END_S)
    for kind, fund in (
        (LotKind.COIN, ""),
        *((LotKind.POINT, fund) for fund in (FUND, SPARE_FUND, "a former one", "gone")),
    )
]


def give(town: Town, name: str, lots: dict[Lot, int]) -> None:
    for lot, amount in lots.items():
        town.rows(
            """INSERT INTO balance (municipality, account, kind, expiry_s, fund, amount)
               SELECT municipality, account, %s, %s, %s, %s FROM wallet WHERE address = %s""",
            lot.kind,
            lot.expiry_s,
            lot.fund,
            amount,
            address_of(name),
        )


@pytest.mark.parametrize("seed", range(12))
def test_payments_take_the_lots_that_the_one_order_names(town: Town, seed: int) -> None:
    rng = random.Random(seed)
    left = {
        lot: rng.choice([0, 1, rng.randint(1, 900)]) for lot in rng.sample(LOTS, rng.randint(3, len(LOTS)))
    }
    town.register("aiko")
    give(town, "aiko", left)

    for nonce in range(4):
        balance = live_balance_yen(left, town.clock.now_ms())
        if balance == 0:
            break
        amount = rng.choice([1, balance, rng.randint(1, balance)])
        wanted = choose(left, amount, town.clock.now_ms(), FUNDS_OF_THE_FILE)
        outcome = town.pay("aiko", "bakery", amount, nonce=nonce)

        assert isinstance(outcome, Accepted)
        assert [(p.kind, p.expiry_s, p.fund, p.amount) for p in outcome.parts] == [
            (part.lot.kind, part.lot.expiry_s, part.lot.fund, part.amount_yen) for part in wanted
        ]
        for part in wanted:
            left[part.lot] -= part.amount_yen
