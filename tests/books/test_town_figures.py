"""The staff's figures are those of one moment: the end of any day can be asked for later, and payments that go on meanwhile
do not make one sum disagree with another."""

from datetime import date

import pytest

from coin.clock import DAY_S
from coin.operations.expire import EndDate
from coin.reports.town_figures import TownFigures, town_figures
from tests.worlds.books import Town
from tests.worlds.rules import FUND, HALF_YEAR_S

FIRST_DAY = date(2022, 7, 22)
BASE_DATE = date(2022, 9, 30)


def figures(town: Town, day: date) -> TownFigures:
    with town.books() as books:
        return town_figures(books, day)


@pytest.fixture
def half_a_year(town: Town) -> Town:
    """Charged on the first day and in the last second of the base date; points end with that day; spent a second later."""
    town.register("aiko")
    town.charge("aiko", 5000)
    town.clock.set_ms(HALF_YEAR_S * 1000 - 1000)
    town.charge("aiko", 2000)
    town.clock.set_ms(HALF_YEAR_S * 1000)
    town.perform(EndDate(HALF_YEAR_S, chain_time_s=HALF_YEAR_S), actor="x")
    town.pay("aiko", "bakery", 1000, 0)
    return town


def test_a_day_ends_at_midnight_in_japan_and_what_comes_a_second_later_is_of_the_next(
    half_a_year: Town,
) -> None:
    base, after = figures(half_a_year, BASE_DATE), figures(half_a_year, date(2022, 10, 1))

    assert (base.unused_coins, after.unused_coins) == (7000, 6000)
    assert (base.sum_of("merchant", "coin"), after.sum_of("merchant", "coin")) == (0, 1000)
    assert sum(base.held_by_date.values()) == 7700
    assert [shop.received("coin") for shop in after.shops] == [1000]


def test_cash_is_told_for_the_day_and_since_the_first(half_a_year: Town) -> None:
    first, base, after = (figures(half_a_year, day) for day in (FIRST_DAY, BASE_DATE, date(2022, 10, 1)))

    told = [
        next((item.day, item.total) for item in found.cash if item.total) for found in (first, base, after)
    ]
    assert told == [(5000, 5000), (2000, 7000), (0, 7000)]


def test_points_that_expired_are_told_and_do_not_come_back_to_their_budget(half_a_year: Town) -> None:
    base, after = figures(half_a_year, BASE_DATE), figures(half_a_year, date(2022, 10, 1))

    assert (base.expired_points, after.expired_points) == (0, 700)
    assert [next(item.given for item in found.funds if item.id == FUND) for found in (base, after)] == [
        700,
        700,
    ]


def test_coins_that_expired_are_unused_on_their_last_day_and_no_longer_on_the_next(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)
    ends_s = max(figures(town, FIRST_DAY).held_by_date)
    town.clock.set_ms(ends_s * 1000)
    town.perform(EndDate(ends_s, chain_time_s=ends_s), actor="x")

    last, next_day = figures(town, date(2023, 3, 31)), figures(town, date(2023, 4, 1))

    assert (last.unused_coins, next_day.unused_coins) == (5000, 0)
    assert next_day.sum_of("expired_income", "coin") == 5000


def test_what_is_paid_while_figures_are_added_up_is_in_none_of_them(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)
    with town.books() as books:
        before = town_figures(books, FIRST_DAY)
        town.pay("aiko", "bakery", 1000, 0)
        rows = books.connection.execute("SELECT count(*) AS n FROM payment").fetchone()

    assert rows == {"n": 0}
    assert before.unused_coins == 5000
    assert figures(town, FIRST_DAY).unused_coins == 4500


def test_a_clock_that_was_set_back_hides_no_sale_of_the_day(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)
    town.pay("aiko", "bakery", 1000, 0)
    town.clock.advance_ms(-DAY_S * 100)

    found = figures(town, FIRST_DAY)

    assert sum(shop.balance for shop in found.shops) == 1000
    assert found.sum_of("merchant", "coin") + found.sum_of("merchant", "point") == 1000
