"""Checkouts that nobody paid leave the books 30 days after their end, a portion at a time; what was paid stays for ever."""

import psycopg
import pytest

from coin.clock import DAY_S
from coin.payments import Accepted, Submission, accept, checkouts
from coin.reconciliation.figures import Id, Subject
from coin.reconciliation.reconcile import reconcile
from coin.settlement.sweep import KEPT_DAYS, PORTION, Sweep
from tests.worlds.people import address_of
from tests.worlds.settled import SettledTown


def open_checkout(town: SettledTown) -> str:
    """Aoi reads the bakery's sticker and types 100 yen."""
    aoi = address_of("aoi")
    with town.books() as books:
        return checkouts.open_by_wallet(books, merchant_number=1, wallet=aoi, amount_yen=100).id


@pytest.fixture
def paid(town: SettledTown) -> str:
    """A checkout that was paid and settled."""
    checkout = open_checkout(town)
    submission = Submission(town.authorization("aoi", "bakery", 100), checkout)
    (outcome,) = accept(town.database, town.municipality, town.clock, town.receipts, [submission])
    assert isinstance(outcome, Accepted)
    town.settle()
    return checkout


def later(town: SettledTown) -> None:
    """A day after everything that is there has become old."""
    town.clock.advance_ms((KEPT_DAYS + 1) * DAY_S * 1000)


def left(town: SettledTown) -> set[str]:
    return {str(row["id"]) for row in town.rows("SELECT id FROM checkout")}


def differences(town: SettledTown) -> list[tuple[Subject, Id]]:
    return [
        (item.subject, item.id)
        for item in reconcile(town.database, town.municipality, town.settler.rpc).differences
    ]


def test_what_nobody_paid_is_gone_after_thirty_days_and_the_books_still_agree(
    town: SettledTown, paid: str
) -> None:
    open_checkout(town)
    sweep = Sweep()
    too_early = sweep.sweep(town.settler)
    later(town)
    young = open_checkout(town)

    swept = sweep.sweep(town.settler)

    assert (too_early, swept) == (0, 1)
    assert left(town) == {paid, young}
    assert differences(town) == []


def test_one_that_a_payment_names_stays_even_if_its_row_says_unpaid(
    town: SettledTown, paid: str, owner_url: str
) -> None:
    with psycopg.connect(owner_url) as owner:
        owner.execute("UPDATE checkout SET payment = NULL")
    later(town)

    swept = Sweep().sweep(town.settler)

    assert (swept, left(town)) == (0, {paid})
    assert differences(town) == [(Subject.CHECKOUT, paid)]


def test_many_go_in_portions_and_each_is_looked_at_once(town: SettledTown, owner_url: str) -> None:
    with psycopg.connect(owner_url) as owner:
        owner.execute(
            """INSERT INTO checkout (municipality, id, merchant_number, wallet, amount, opened_at_ms, deadline_ms)
               SELECT '074071', lpad(n::text, 26, '0'), 1, decode(repeat('ab', 20), 'hex'), 1, 1, 2 + n %% 2
               FROM generate_series(1, %s) n""",
            [2 * PORTION + 5],
        )
    sweep = Sweep()

    swept = [sweep.sweep(town.settler) for _ in range(4)]

    assert swept == [PORTION, PORTION, 5, 0]
    assert left(town) == set()
