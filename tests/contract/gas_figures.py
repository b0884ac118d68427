"""Measure what settling costs, and write contracts/gas.json.

Run from the repository's root: python tests/contract/gas_figures.py
The chain is py-evm (Prague), which gives the same figure on every machine; test_gas_figures.py compares.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from coin.records.effects import Effect
from coin.records.kinds import Kind
from tests.worlds.contract import FIRST_EXPIRY_S, SECOND_EXPIRY_S, Town, new_town

TARGET = Path(__file__).parents[2] / "contracts" / "gas.json"
GAS_LIMIT = 200_000_000
SHOPS = [f"shop {number}" for number in range(40)]
PEOPLE = [f"resident {number}" for number in range(200)]
DATES = (FIRST_EXPIRY_S, FIRST_EXPIRY_S + 10 * 86_400, SECOND_EXPIRY_S)
# payments in a batch, and who makes them: everybody has paid before, at shops that have sold before
BATCHES = ((1_000, 200), (500, 200), (100, 100), (10, 10), (1, 1))


def measure() -> dict[str, dict[str, int]]:
    """Settle each case on a fresh town; gas per payment by batch size, and gas per record by kind."""
    town = busy_town()
    payments = {str(count): per_payment(town, count, payers) for count, payers in BATCHES}
    alone = {name: per_record(town, effects) for name, effects in records(town).items()}
    town.travel(FIRST_EXPIRY_S + 1)
    alone["expire"] = per_record(town, [town.expire(FIRST_EXPIRY_S)])
    return {"per payment in a batch of": payments, "per record, its accounts new to the batch": alone}


def busy_town() -> Town:
    """A town where 200 people hold value under three dates and have paid at 40 shops."""
    town = new_town(GAS_LIMIT)
    settle(
        town,
        town.role(bytes(20), 5, 1 << 40),
        town.role("channel", 2, 1 << 40),
        town.role("cashier", 3),
        *[town.calendar(lane, expiry) for lane, expiry in enumerate(DATES)],
    )
    settle(town, *[town.merchant(shop, number) for number, shop in enumerate(SHOPS, 1)])
    settle(town, *[town.top_up(name, 100_000, 10_000) for name in PEOPLE])
    settle(town, *[town.payment(name, SHOPS[place % 40], 100) for place, name in enumerate(PEOPLE)])
    return town


def settle(town: Town, *effects: Effect) -> int:
    """The gas of one batch, all of whose records were carried out."""
    outcome = town.settle(*effects, gas=GAS_LIMIT - 1_000_000)
    assert set(outcome.reasons) <= {"none"}, outcome.reasons
    return outcome.gas


def per_payment(town: Town, count: int, payers: int) -> int:
    """Gas per payment of a batch, base included."""
    return round(settle(town, *[_payment(town, place, payers) for place in range(count)]) / count)


def _payment(town: Town, place: int, payers: int) -> Effect:
    return town.payment(PEOPLE[place % payers], SHOPS[place * 7 % 40], 10 + place % 90)


def per_record(town: Town, effects: list[Effect]) -> int:
    """Gas of each of these records above an empty batch."""
    empty = town.settle_raw(bytes(4), 0, town.now_s() - 1).gas
    return round((settle(town, *effects) - empty) / len(effects))


def records(town: Town) -> dict[str, list[Effect]]:
    """The kinds at their dearest: accounts that were never used, value under every date, random nonces."""
    rich = PEOPLE[:8]
    settle(town, *[town.top_up(name, 10, expiry=expiry) for name in rich for expiry in DATES[1:]])
    everything = {name: town.balance(name) for name in rich}
    return {
        "top-up": [town.top_up(f"new {place}", 100, 10) for place in range(8)],
        "payment": [town.payment(name, "shop 0", amount) for name, amount in everything.items()],
        "payment, general": [_general(town, place, "shop 1", Kind.PAYMENT_GENERAL) for place in range(8)],
        "send": [town.send(PEOPLE[20 + place], f"newer {place}", 5) for place in range(8)],
        "send, general": [_general(town, place, f"newest {place}", Kind.SEND_GENERAL) for place in range(8)],
        "cancel": [town.cancel(f"canceler {place}", 7) for place in range(8)],
        "cancel, random nonce": [town.cancel(PEOPLE[50 + place], 1 << 200) for place in range(8)],
        "redeem": [town.redeem(SHOPS[place], 1) for place in range(8)],
        "merchant": [town.merchant(f"new shop {place}", 100 + place) for place in range(8)],
        "calendar": [town.calendar(3, FIRST_EXPIRY_S + 500 * 86_400)],
        "role": [town.role(f"new channel {place}", 2, 5) for place in range(8)],
    }


def _general(town: Town, place: int, payee: str, kind: Kind) -> Effect:
    return town.payment(PEOPLE[40 + place], payee, 5, kind=kind, nonce=(1 << 100) + kind)


if __name__ == "__main__":
    TARGET.write_text(json.dumps(measure(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
