"""Random histories: whatever the books accept, in whatever order and at whatever hour, the chain replays to the same yen.

Keeps I-01 to I-07 and I-11 honest. A history is played from its seed; the seed is in the message of a failure.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from settled_town import START_MS, SettledTown, found, signatory

from coin.chain.anvil import Anvil, AnvilOptions
from coin.chain.rpc import Rpc
from coin.clock import jst_midnight_s, parse_jst_date
from coin.database.database import Database
from coin.errors import CoinError
from coin.messages import CANCEL_AUTHORIZATION, nonce_word
from coin.office.cancel import Cancel, cancel
from coin.office.expire import expire
from coin.payments import Accepted
from coin.settlement.reconcile import reconcile
from coin.settlement.seal import seal_due
from coin.settlement.tick import tick
from town_cli.redeeming import redeem_everything

PEOPLE = ("aoi", "riku", "mei", "sora")
SHOPS = ("bakery", "diner", "inn")
WINDOW_MS = 9 * 86_400_000  # a batch may be ten days old
END_S = jst_midnight_s(parse_jst_date("2023-04-01"))


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Anvil]:
    """A chain of its own for each test: the time of a chain never goes back."""
    with Anvil(AnvilOptions(state=tmp_path / "state.json", timestamp_s=START_MS // 1000)) as anvil:
        yield anvil


class History:
    """One random history on one town."""

    def __init__(self, town: SettledTown, seed: int) -> None:
        self.town = town
        self.chance = random.Random(seed)
        self.accepted = 0
        self.refused = 0
        self.settled_ms = town.clock.now_ms()

    def play(self, steps: int) -> None:
        self.town.shops(*SHOPS)
        self.town.charge(10_000, *PEOPLE)
        actions = (
            self.pay,
            self.pay,
            self.pay,
            self.wait,
            self.charge,
            self.cancel,
            self.redeem,
            self.settle,
        )
        for _ in range(steps):
            self.chance.choice(actions)()

    def pay(self) -> None:
        """A list of payments and sends: good ones, too large ones, the same nonce twice, odd times, to oneself."""
        signed = [self._one() for _ in range(self.chance.randrange(1, 6))]
        if self.chance.random() < 0.2:
            signed.append(signed[0])
        for outcome in self.town.submit(signed):
            self.accepted += isinstance(outcome, Accepted)
            self.refused += not isinstance(outcome, Accepted)

    def _one(self) -> object:
        chance, now_s = self.chance, self.town.clock.now_ms() // 1000
        terms: dict[str, int] = {}
        if chance.random() < 0.3:
            terms["valid_before_s"] = now_s + chance.choice([-1, 0, 1, 60, 900, 961, 1 << 24, 1 << 25])
        if chance.random() < 0.3:
            terms["nonce"] = chance.choice([chance.randrange(150), (1 << 24) + chance.randrange(1 << 40)])
        payee = chance.choice([*SHOPS, *SHOPS, *PEOPLE, "nobody"])
        return self.town.authorization(
            chance.choice([*PEOPLE, *PEOPLE, "bakery"]), payee, self._amount(), **terms
        )

    def _amount(self) -> int:
        return self.chance.choice(
            [0, 1, self.chance.randrange(1, 3_000), self.chance.randrange(1, 3_000), 40_000]
        )

    def wait(self) -> None:
        """Milliseconds, hours, days, or until just before or at a midnight."""
        now_ms = self.town.clock.now_ms()
        midnight_ms = jst_midnight_s(parse_jst_date("2022-07-23")) * 1000
        while midnight_ms <= now_ms:
            midnight_ms += 86_400_000
        later_ms = self.chance.choice(
            [
                now_ms + 1,
                now_ms + 400_000,
                now_ms + 5 * 3_600_000,
                now_ms + 3 * 86_400_000,
                midnight_ms - 100,
                midnight_ms,
            ]
        )
        if later_ms > self.settled_ms + WINDOW_MS:
            self.town.settle()
            self.settled_ms = now_ms
        self.town.clock.set_ms(max(now_ms, later_ms))

    def charge(self) -> None:
        self._try(lambda: self.town.charge(self.chance.choice([1_000, 5_000]), self.chance.choice(PEOPLE)))

    def _try(self, action: object) -> None:
        try:
            action()  # type: ignore[operator]
        except (CoinError, AssertionError):
            self.refused += 1

    def cancel(self) -> None:
        town, payer = self.town, self.chance.choice(PEOPLE)
        nonce = nonce_word(self.chance.randrange(150))
        words = CANCEL_AUTHORIZATION.words(authorizer=signatory(payer).address, nonce=nonce)
        made = signatory(payer).sign(town.municipality.domain, CANCEL_AUTHORIZATION, words)
        message = Cancel(signatory(payer).address, nonce, made.signature)

        def act() -> None:
            with town.database.transaction() as conn:
                cancel(conn, town.municipality, town.clock, message, actor="test")

        self._try(act)

    def redeem(self) -> None:
        town, payout = self.town, f"payout {self.chance.random()}"
        redeem_everything(
            town.database, town.municipality, town.clock, signatory("cashier"), payout, actor="test"
        )

    def settle(self) -> None:
        """Everything at once, or only what is due, or sealed now and sent at some later time."""
        choice = self.chance.randrange(3)
        if choice == 0:
            self.town.settle()
        elif choice == 1:
            tick(self.town.settler)
        else:
            seal_due(self.town.database, self.town.code, self.town.clock.now_ms(), force=True)


def assert_chain_equals_books(town: SettledTown, rpc: Rpc, seed: int) -> None:
    town.settle()
    result = reconcile(town.database, town.municipality, rpc)
    assert result.differences == (), f"seed {seed}"
    assert result.open_items == (), f"seed {seed}"
    assert result.compared > 50


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_random_history_ends_with_the_same_yen_in_books_and_chain(
    database: Database, rpc: Rpc, seed: int
) -> None:
    history = History(found(database, rpc), seed)

    history.play(40)

    assert history.accepted > 5, f"seed {seed}"
    assert history.refused > 5, f"seed {seed}"
    assert_chain_equals_books(history.town, rpc, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 160))
def test_sixty_longer_histories_end_with_the_same_yen(database: Database, rpc: Rpc, seed: int) -> None:
    history = History(found(database, rpc), seed)

    history.play(100)

    assert_chain_equals_books(history.town, rpc, seed)


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
    assert_chain_equals_books(town, rpc, 0)


def test_expired_value_leaves_the_supply_on_both_sides(town: SettledTown, rpc: Rpc) -> None:
    town.pay("aoi", "bakery", 500)
    town.settle()
    town.clock.set_ms((END_S + 60) * 1000)
    town.settle()

    with town.database.transaction() as conn:
        expire(conn, town.municipality, town.clock, END_S, chain_time_s=END_S + 60, actor="test")

    assert_chain_equals_books(town, rpc, 0)
    assert town.settler.contract.snapshot().total_supply == 500
