"""12: two staff open an expiry date in a lane; lanes that were replaced hold nothing any more."""

import pytest

from coin.chain.words import CalendarWord
from tests.worlds.contract import DAY_S, FIRST_EXPIRY_S, SECOND_EXPIRY_S, Town

THIRD = SECOND_EXPIRY_S + 100 * DAY_S
LANES = (1 << 96) - 1


def calendar(town: Town) -> CalendarWord:
    return CalendarWord.of(town.call("calendarWord"))


def at_the_end_of_rest(town: Town) -> None:
    """Empty the first date and go to the second at which its lane may take another."""
    town.travel(FIRST_EXPIRY_S + 10 * DAY_S)
    town.settle(town.expire(FIRST_EXPIRY_S), as_of_s=FIRST_EXPIRY_S + 10 * DAY_S - 1)


def test_a_date_takes_its_lane_version_and_place_in_the_order(town: Town) -> None:
    outcome = town.settle(town.calendar(3, FIRST_EXPIRY_S - DAY_S))

    assert outcome.reasons == ["none"]
    assert outcome.named("CalendarChanged") == [{"lane": 3, "expiry": FIRST_EXPIRY_S - DAY_S, "version": 3}]
    expiries = (FIRST_EXPIRY_S, SECOND_EXPIRY_S, 0, FIRST_EXPIRY_S - DAY_S)
    assert calendar(town) == CalendarWord(expiries, (1, 2, 0, 3), (2, 3, 0, 1), 3)
    assert town.date(FIRST_EXPIRY_S - DAY_S) == 1 << 128


@pytest.mark.parametrize(
    ("lane", "expiry"),
    [
        (4, THIRD),
        (255, THIRD),
        (2, THIRD + 1),
        (2, THIRD - 3_600),
        (2, 0),
        (2, FIRST_EXPIRY_S),
        (0, FIRST_EXPIRY_S),
    ],
)
def test_a_wrong_lane_time_of_day_or_an_old_date_is_refused(town: Town, lane: int, expiry: int) -> None:
    town.refused(town.calendar(lane, expiry), "date_invalid", uses_nonce=True)


@pytest.mark.parametrize("expiry", [FIRST_EXPIRY_S - 100 * DAY_S, FIRST_EXPIRY_S - 200 * DAY_S])
def test_a_date_that_is_not_ahead_is_refused(town: Town, expiry: int) -> None:
    town.refused(town.calendar(2, expiry), "date_passed", uses_nonce=True)


def test_a_lane_in_use_is_refused(town: Town) -> None:
    town.refused(town.calendar(0, THIRD), "lane_occupied", uses_nonce=True)


def test_a_lane_rests_ten_days_after_its_date(town: Town) -> None:
    at_the_end_of_rest(town)

    early = town.settle(town.calendar(0, THIRD), as_of_s=FIRST_EXPIRY_S + 10 * DAY_S - 1)
    in_time = town.settle(town.calendar(0, THIRD), as_of_s=FIRST_EXPIRY_S + 10 * DAY_S)

    assert early.reasons == ["lane_occupied"]
    assert in_time.reasons == ["none"]


def test_a_lane_whose_date_was_not_expired_is_refused_while_something_is_held(town: Town) -> None:
    town.travel(FIRST_EXPIRY_S + 11 * DAY_S)

    outcome = town.settle(town.calendar(0, THIRD), town.expire(FIRST_EXPIRY_S), town.calendar(0, THIRD))

    assert outcome.reasons == ["lane_occupied", "none", "none"]


def test_value_of_a_replaced_date_does_not_come_back_to_life(town: Town) -> None:
    at_the_end_of_rest(town)
    town.settle(town.calendar(0, THIRD))

    assert town.account("aoi") & LANES == 11_000
    assert town.balance("aoi") == 0
    outcome = town.settle(town.payment("aoi", "bakery", 1))

    assert outcome.reasons == ["insufficient_balance"]
    assert town.account("aoi") & LANES == 0
    assert town.account("aoi") >> 96 & 0xFFF == 3


def test_an_account_loaded_before_the_date_was_replaced_is_cleaned_in_the_same_batch(town: Town) -> None:
    at_the_end_of_rest(town)

    outcome = town.settle(
        town.payment("aoi", "bakery", 1),
        town.calendar(0, THIRD),
        town.payment("aoi", "bakery", 1),
        town.top_up("aoi", 40, expiry=THIRD),
        town.payment("aoi", "bakery", 41),
        town.payment("aoi", "bakery", 40),
    )

    assert outcome.reasons == [
        "insufficient_balance", "none", "insufficient_balance", "none", "insufficient_balance", "none"
    ]  # fmt: skip
    assert town.date(THIRD) == 1 << 128


def test_only_the_replaced_lane_is_cleaned(town: Town) -> None:
    town.settle(town.top_up("aoi", 77, expiry=SECOND_EXPIRY_S))
    at_the_end_of_rest(town)

    town.settle(town.calendar(0, THIRD), town.send("aoi", "yui", 7))

    assert town.account("aoi") & LANES == 70 << 24
    assert town.account("yui") & LANES == 7 << 24


def test_a_stale_account_can_become_a_merchant(town: Town) -> None:
    at_the_end_of_rest(town)

    outcome = town.settle(town.calendar(0, THIRD), town.merchant("aoi", 9))

    assert outcome.reasons == ["none", "none"]


def test_a_date_opened_in_a_batch_can_be_used_in_it(empty: Town) -> None:
    outcome = empty.settle(
        empty.role(bytes(20), 5, 1_000),
        empty.role("channel", 2, 1_000),
        empty.top_up("aoi", 10, nonce=0),
        empty.calendar(2, FIRST_EXPIRY_S),
        empty.top_up("aoi", 10, nonce=1),
        empty.send("aoi", "ren", 10),
    )

    assert outcome.reasons == ["none", "none", "date_not_in_calendar", "none", "none", "none"]
    assert empty.account("ren") & LANES == 10 << 48
