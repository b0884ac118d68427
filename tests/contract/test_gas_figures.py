"""contracts/gas.json is what settling costs now, and what the worker counts on is never less."""

import json

import gas_figures
import pytest

from coin.records.kinds import FIRST_TOUCH_GAS, KINDS, Kind
from coin.settlement.cut import BASE_GAS, MAX_GAS

COMMITTED: dict[str, dict[str, int]] = json.loads(gas_figures.TARGET.read_text("utf-8"))
PAYMENTS = {int(count): gas for count, gas in COMMITTED["per payment in a batch of"].items()}


@pytest.mark.slow
def test_the_committed_figures_are_those_of_these_sources() -> None:
    assert gas_figures.measure() == COMMITTED, (
        "run python tests/contract/gas_figures.py, and look at what changed"
    )


@pytest.mark.parametrize(("count", "payers"), gas_figures.BATCHES)
def test_a_batch_of_payments_costs_less_than_was_estimated_and_not_a_fantasy(count: int, payers: int) -> None:
    accounts = payers + min(count, len(gas_figures.SHOPS))
    estimated = BASE_GAS + count * KINDS[Kind.PAYMENT].gas.record + accounts * FIRST_TOUCH_GAS

    assert estimated / 4 < count * PAYMENTS[count] <= estimated <= MAX_GAS
