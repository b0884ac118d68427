"""13: the end of a date moves the value under it to its expired total, and changes no account."""

from tests.worlds.contract import DAY_S, FIRST_EXPIRY_S, SECOND_EXPIRY_S, Town

OPENED = 1 << 128


def test_expiry_moves_held_to_expired_and_touches_no_account(town: Town) -> None:
    town.travel(FIRST_EXPIRY_S)
    before = town.account("aoi")

    outcome = town.settle(town.expire(FIRST_EXPIRY_S), as_of_s=FIRST_EXPIRY_S)

    assert outcome.reasons == ["none"]
    assert outcome.named("Expired") == [{"expiry": FIRST_EXPIRY_S, "amount": 11_000}]
    assert town.date(FIRST_EXPIRY_S) == OPENED | 11_000 << 64
    assert town.account("aoi") == before
    assert town.call("totalSupply") == 5_500


def test_expiry_moves_what_was_left_after_payments_and_top_ups(town: Town) -> None:
    town.settle(town.top_up("ren", 10), town.payment("aoi", "bakery", 1_000))
    town.travel(FIRST_EXPIRY_S + 5)

    town.settle(town.expire(FIRST_EXPIRY_S))

    assert town.date(FIRST_EXPIRY_S) == OPENED | 10_010 << 64


def test_a_second_expiry_changes_nothing_and_is_no_skip(town: Town) -> None:
    town.travel(FIRST_EXPIRY_S + DAY_S)

    outcome = town.settle(town.expire(FIRST_EXPIRY_S), town.expire(FIRST_EXPIRY_S))

    assert outcome.reasons == ["none", "none"]
    assert [event["amount"] for event in outcome.named("Expired")] == [11_000, 0]
    assert town.date(FIRST_EXPIRY_S) == OPENED | 11_000 << 64


def test_a_date_one_second_ahead_is_not_reached(town: Town) -> None:
    town.travel(FIRST_EXPIRY_S + 5)

    outcome = town.settle(town.expire(FIRST_EXPIRY_S), as_of_s=FIRST_EXPIRY_S - 1)

    assert outcome.reasons == ["date_not_reached"]
    assert town.date(FIRST_EXPIRY_S) == OPENED | 11_000


def test_a_date_that_was_never_opened_is_refused(town: Town) -> None:
    outcome = town.settle(town.expire(FIRST_EXPIRY_S - DAY_S), town.expire(0))

    assert outcome.reasons == ["date_not_in_calendar", "date_not_in_calendar"]


def test_a_date_that_left_the_calendar_can_be_expired_again_without_effect(town: Town) -> None:
    town.travel(FIRST_EXPIRY_S + 11 * DAY_S)
    town.settle(town.expire(FIRST_EXPIRY_S), town.calendar(0, SECOND_EXPIRY_S + DAY_S))

    outcome = town.settle(town.expire(FIRST_EXPIRY_S))

    assert outcome.named("Expired") == [{"expiry": FIRST_EXPIRY_S, "amount": 0}]
