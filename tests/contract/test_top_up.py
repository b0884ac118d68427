"""01: a channel's signature issues coins and points to a holder, within its allowance and the period's cap."""

import pytest

from coin import messages
from tests.worlds.contract import FIRST_EXPIRY_S, SECOND_EXPIRY_S, Town, hexed
from tests.worlds.people import address_of

LANES = (1 << 96) - 1
DAY_NUMBER = (FIRST_EXPIRY_S - 100 * 86_400 + 32_400) // 86_400


def test_a_top_up_credits_both_parts_at_their_dates_and_counts_them(town: Town) -> None:
    used, period = town.call("usedToday", address_of("channel"), DAY_NUMBER), town.call("periodWord")

    outcome = town.settle(
        town.top_up("yui", 5_000, 500, coin_expiry=SECOND_EXPIRY_S, point_expiry=FIRST_EXPIRY_S)
    )

    assert outcome.reasons == ["none"]
    assert outcome.named("Transfer") == [{"from": "0x" + "00" * 20, "to": hexed("yui"), "value": 5_500}]
    assert town.account("yui") & LANES == 5_000 << 24 | 500
    assert town.date(FIRST_EXPIRY_S) == 1 << 128 | 11_500
    assert town.date(SECOND_EXPIRY_S) == 1 << 128 | 10_500
    assert town.call("usedToday", address_of("channel"), DAY_NUMBER) == used + 5_500
    assert town.call("periodWord") == period + (5_500 << 64)
    assert town.call("totalSupply") == 22_000


def test_both_parts_may_share_a_date(town: Town) -> None:
    town.settle(town.top_up("yui", 5_000, 500))

    assert town.account("yui") & LANES == 5_500


@pytest.mark.parametrize(("coins", "points"), [(5, 0), (0, 5)])
def test_a_part_of_nothing_needs_no_date(town: Town, coins: int, points: int) -> None:
    assert town.settle(town.top_up("yui", coins, points)).reasons == ["none"]


@pytest.mark.parametrize(("coins", "points"), [(5, 0), (0, 5)])
def test_a_part_of_nothing_with_a_date_is_refused(town: Town, coins: int, points: int) -> None:
    effect = town.top_up("yui", coins, points, coin_expiry=FIRST_EXPIRY_S, point_expiry=FIRST_EXPIRY_S)

    town.refused(effect, "date_invalid", "yui", "channel", uses_nonce=True)


def test_the_issue_is_remembered_by_its_digest(town: Town) -> None:
    effect = town.top_up("yui", 70, 7)

    town.settle(effect)

    word = int.from_bytes(address_of("channel"), "big") | DAY_NUMBER << 160 | 70 << 184 | 7 << 208
    assert town.call("issueWord", messages.TopUp.TYPE.digest(town.domain, effect.words)) == word


def test_a_top_up_of_nothing_is_refused(town: Town) -> None:
    town.refused(town.top_up("yui", 0, 0), "amount_invalid", "yui", "channel", uses_nonce=True)


def test_a_top_up_of_a_merchant_is_refused(town: Town) -> None:
    town.refused(town.top_up("bakery", 100), "holder_is_merchant", uses_nonce=True)


@pytest.mark.parametrize("channel", ["cashier", "staff 1", "outsider"])
def test_nobody_without_the_role_can_issue_and_a_good_signature_uses_the_nonce(
    town: Town, channel: str
) -> None:
    town.refused(town.top_up("aoi", 100, channel=channel), "signer_not_authorized", uses_nonce=True)


def test_a_channel_cannot_issue_with_another_s_signature(town: Town) -> None:
    town.refused(town.top_up("aoi", 100, signer="outsider"), "signature_invalid", uses_nonce=False)


def test_a_top_up_is_carried_out_once(town: Town) -> None:
    effect = town.top_up("aoi", 100)

    outcome = town.settle(effect, effect)

    assert outcome.reasons == ["none", "nonce_out_of_window"]


def test_a_top_up_above_the_base_is_carried_out_once_too(town: Town) -> None:
    effect = town.top_up("aoi", 100, nonce=50)

    outcome = town.settle(effect, effect)

    assert outcome.reasons == ["none", "nonce_used"]


@pytest.mark.parametrize("part", ["coin_expiry", "point_expiry"])
def test_a_date_that_was_never_opened_is_refused(town: Town, part: str) -> None:
    effect = town.top_up("aoi", 10, 10, **{part: FIRST_EXPIRY_S + 86_400})

    town.refused(effect, "date_not_in_calendar", uses_nonce=True)


def test_a_date_of_zero_is_not_an_empty_lane(town: Town) -> None:
    town.refused(town.top_up("aoi", 10, coin_expiry=0), "date_not_in_calendar", uses_nonce=True)


def test_a_date_that_has_passed_is_refused(town: Town) -> None:
    town.travel(FIRST_EXPIRY_S + 10)

    outcome = town.settle(town.top_up("aoi", 10), as_of_s=FIRST_EXPIRY_S)

    assert outcome.reasons == ["date_passed"]


def test_the_lower_of_two_wrong_dates_is_named(town: Town) -> None:
    town.travel(FIRST_EXPIRY_S + 10)

    outcome = town.settle(town.top_up("aoi", 10, 10, point_expiry=5))

    assert outcome.reasons == ["date_not_in_calendar"]


@pytest.mark.parametrize(
    ("coins", "points"), [((1 << 24) - 1, 0), ((1 << 24) - 11_001, 2), (5_000_000, 12_000_000)]
)
def test_a_lane_that_would_overflow_is_refused(town: Town, coins: int, points: int) -> None:
    town.settle(town.role(bytes(20), 6, 1 << 40), town.role("channel", 2, 1 << 40))

    town.refused(town.top_up("aoi", coins, points), "lane_full", uses_nonce=True)


def test_a_channel_can_issue_its_allowance_of_a_day_and_no_yen_more(town: Town) -> None:
    left = 1_000_000 - 16_500

    outcome = town.settle(town.top_up("aoi", left, 1), town.top_up("aoi", left - 1, 1), town.top_up("aoi", 1))

    assert outcome.reasons == ["allowance_exceeded", "none", "allowance_exceeded"]


def test_the_allowance_begins_anew_at_midnight_in_japan(town: Town) -> None:
    midnight = FIRST_EXPIRY_S - 99 * 86_400
    town.settle(town.role("channel", 2, 16_501))
    town.travel(midnight + 10)

    before = town.settle(town.top_up("aoi", 1), town.top_up("aoi", 1), as_of_s=midnight - 1)
    after = town.settle(town.top_up("aoi", 16_501), as_of_s=midnight)

    assert before.reasons == ["none", "allowance_exceeded"]
    assert after.reasons == ["none"]


def test_the_cap_of_the_period_holds_to_the_yen(town: Town) -> None:
    town.settle(town.role(bytes(20), 6, 16_600))

    outcome = town.settle(town.top_up("aoi", 100, 1), town.top_up("aoi", 99, 1), town.top_up("aoi", 1))

    assert outcome.reasons == ["cap_exceeded", "none", "cap_exceeded"]


def test_without_a_period_nothing_is_issued(empty: Town) -> None:
    outcome = empty.settle(
        empty.calendar(0, FIRST_EXPIRY_S), empty.role("channel", 2, 100), empty.top_up("aoi", 1)
    )

    assert outcome.reasons == ["none", "none", "cap_exceeded"]
