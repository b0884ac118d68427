"""Concurrent callers: no double spending, no budget below zero, no gap in the numbers, nothing half done. I-01, I-02, I-03."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import psycopg
import pytest

from coin.core import keccak256
from coin.database.database import Database
from coin.errors import Unavailable
from coin.ledger.replay import replay
from coin.ledger.trial_balance import trial_balance
from coin.operations import top_up
from coin.operations.perform import Performed, perform_each
from coin.payments import Accepted, Submission, accept
from coin.program import Exhaustion, Fund
from coin.registry.books import Books
from tests.worlds.books import Town, code_of, open_town
from tests.worlds.rules import FUND, program

T = TypeVar("T")


def at_once(acts: Sequence[Callable[[], T]]) -> list[T]:
    """Run all in threads that start together."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], T]) -> T:
        gate.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def in_order(town: Town) -> bool:
    """Trial balance, replay, and numbers without a gap."""
    with town.database.transaction() as connection:
        trial = trial_balance(connection, town.municipality.code)
        gaps = connection.execute(
            """SELECT 1 FROM journal_head h WHERE h.last_sequence <> (SELECT count(*) FROM operation)
               OR h.last_sequence <> (SELECT max(sequence) FROM operation)"""
        ).fetchall()
        return not trial.differences and not replay(connection, town.municipality.code) and not gaps


def test_two_phones_racing_on_one_balance_pay_once(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 1000)
    signed = [Submission(town.authorization("aiko", "bakery", 700, nonce)) for nonce in range(6)]

    answers = at_once([lambda item=item: town.accept(item)[0] for item in signed])

    assert sorted(map(code_of, answers)) == ["accepted"] + ["insufficient_balance"] * 5
    assert town.balance("aiko") == 400
    assert in_order(town)


def test_one_checkout_is_paid_by_one_of_many(town: Town) -> None:
    names = [f"guest {number}" for number in range(6)]
    town.register(*names)
    for name in names:
        town.charge(name, 1000)
    checkout = town.checkout(500)
    signed = [Submission(town.authorization(name, "bakery", 500, 0), checkout) for name in names]

    answers = at_once([lambda item=item: town.accept(item)[0] for item in signed])

    assert sorted(map(code_of, answers)) == ["accepted"] + ["checkout_paid"] * 5
    assert town.shop_balance(1) == 500
    assert in_order(town)


def test_the_same_submission_sent_six_times_at_once_has_one_answer(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)
    item = Submission(town.authorization("aiko", "bakery", 500, 0), town.checkout(500))

    answers = at_once([lambda: town.accept(item)[0] for _ in range(6)])

    assert len({answer.receipt for answer in answers if isinstance(answer, Accepted)}) == 1
    assert all(isinstance(answer, Accepted) for answer in answers)
    assert town.shop_balance(1) == 500


def test_sends_in_a_ring_do_not_lock_each_other_out(town: Town) -> None:
    names = [f"friend {number}" for number in range(5)]
    town.register(*names)
    for name in names:
        town.charge(name, 5000)
    lists = [
        [
            Submission(
                town.authorization(names[(start + step) % 5], names[(start + step + 1) % 5], 100, start)
            )
            for step in range(5)
        ]
        for start in range(5)
    ]

    answers = at_once([lambda items=items: town.accept(*items) for items in lists])

    assert {code_of(answer) for some in answers for answer in some} == {"accepted"}
    assert sum(town.balance(name) for name in names) == 5 * 5500
    assert in_order(town)


@pytest.mark.parametrize(("exhaustion", "given"), [(Exhaustion.PARTIAL, 450), (Exhaustion.NONE, 400)])
def test_a_budget_stops_exactly_at_zero_however_many_charge_at_once(
    database: Database, exhaustion: Exhaustion, given: int
) -> None:
    town = open_town(database, program(funds=(Fund(FUND, "町", "town", 450, exhaustion, 0),)))
    names = [f"guest {number}" for number in range(6)]
    town.register(*names)

    def charge(name: str, place: int) -> int:
        refusals = 0
        while True:
            message = town.charge_message(name, 1000, nonce=40 + place, reference=keccak256(name.encode()))
            with town.database.transaction() as connection:
                outcome = perform_each(
                    Books(connection, town.municipality, town.clock), [message], actor="clerk"
                )[0]
            if isinstance(outcome, Performed):
                return refusals
            assert outcome.code == "bonus_differs"
            refusals += 1

    at_once([lambda name=name, place=place: charge(name, place) for place, name in enumerate(names)])

    spent = town.rows("SELECT spent, budget FROM fund")[0]
    assert spent == {"spent": given, "budget": 450}
    assert sum(town.balance(name) for name in names) == 6000 + given
    assert in_order(town)


def test_payments_and_charges_side_by_side_leave_the_books_in_order(town: Town) -> None:
    names = [f"guest {number}" for number in range(4)]
    town.register(*names)
    for name in names:
        town.charge(name, 3000)
    messages = [town.charge_message(name, 1000, nonce=20 + place) for place, name in enumerate(names)]
    lists = [
        [
            Submission(town.authorization(name, "bakery", 100, nonce))
            for name in names
            for nonce in range(5 * n, 5 * n + 5)
        ]
        for n in range(3)
    ]

    def charge(message: top_up.TopUp) -> object:
        return town.perform(message, actor="clerk")

    acts: list[Callable[[], object]] = [lambda items=items: town.accept(*items) for items in lists]  # type: ignore[misc]
    acts += [lambda message=message: charge(message) for message in messages]  # type: ignore[misc]
    at_once(acts)

    assert town.shop_balance(1) == 4 * 15 * 100
    assert in_order(town)


# ---------------------------------------------------------------- a connection that dies


@pytest.fixture
def killer(owner_url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Somebody who can end the application's connections."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("stage", ["deciding", "signing the receipt", "storing the payment"])
def test_a_connection_killed_in_the_middle_leaves_nothing_half_done(
    town: Town, killer: psycopg.Connection[tuple[object, ...]], stage: str
) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)
    checkout = town.checkout(500)
    item = Submission(town.authorization("aiko", "bakery", 500, 0), checkout)
    before = town.everything()
    signer = Dying(town, killer, stage)

    with pytest.raises(Unavailable):
        accept(town.database, town.municipality, signer.clock, signer, [item])  # type: ignore[arg-type]

    assert signer.has_killed
    assert town.everything() == before
    assert code_of(town.accept(item)[0]) == "accepted"
    assert in_order(town)


class Dying:
    """The town's clock and receipts key, which end every connection of the application at one moment."""

    def __init__(self, town: Town, killer: psycopg.Connection[tuple[object, ...]], stage: str) -> None:
        self._town, self._killer, self._stage = town, killer, stage
        self.clock = self
        self.has_killed = False
        self.address, self.key_id = town.receipts.address, town.receipts.key_id
        self.demand = town.receipts.demand

    def now_ms(self) -> int:
        """Read under the lock, before anything is decided."""
        self._kill("deciding")
        return self._town.clock.now_ms()

    def sign(self, *arguments: object) -> object:
        """Called after everything but the payments was written."""
        self._kill("signing the receipt")
        signed = self._town.receipts.sign(*arguments)  # type: ignore[arg-type]
        self._kill("storing the payment")
        return signed

    def _kill(self, stage: str) -> None:
        if stage == self._stage and not self.has_killed:
            self.has_killed = True
            self._killer.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'bandai_app'"
                " AND datname = current_database()"
            )
