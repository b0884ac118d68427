"""Validity of an authorization: validAfter < asOf < validBefore, both exclusive (EIP-3009), judged at asOf."""

import pytest

from coin.records.kinds import Kind
from tests.worlds.contract import FIRST_EXPIRY_S, Town

GENERAL = Kind.PAYMENT_GENERAL


@pytest.mark.parametrize(
    ("after", "before", "reason"),
    [
        (-1, 1, "none"),
        (0, 1, "authorization_not_yet_valid"),
        (1, 2, "authorization_not_yet_valid"),
        (-1, 0, "authorization_expired"),
        (-2, -1, "authorization_expired"),
        (0, 0, "authorization_not_yet_valid"),
    ],
)
def test_both_ends_are_exclusive_in_a_general_payment(
    town: Town, after: int, before: int, reason: str
) -> None:
    as_of_s = town.now_s() - 1
    effect = town.payment(
        "aoi", "bakery", 1, kind=GENERAL, valid_after=as_of_s + after, valid_before=as_of_s + before
    )

    outcome = town.settle(effect, as_of_s=as_of_s)

    assert outcome.reasons == [reason]
    assert town.account("aoi") >> 112 & 0xFFFFFF == 1


@pytest.mark.parametrize(
    ("before", "reason"), [(1, "none"), (0, "authorization_expired"), ((1 << 24) - 1, "none")]
)
def test_a_packed_payment_is_valid_as_long_as_its_end_is_after_as_of(
    town: Town, before: int, reason: str
) -> None:
    as_of_s = town.now_s() - 1

    outcome = town.settle(town.payment("aoi", "bakery", 1, valid_before=as_of_s + before), as_of_s=as_of_s)

    assert outcome.reasons == [reason]
    assert town.account("aoi") >> 112 & 0xFFFFFF == 1


def test_the_largest_times_of_a_general_payment_fit(town: Town) -> None:
    forever = (1 << 40) - 1

    outcome = town.settle(
        town.payment("aoi", "bakery", 1, kind=GENERAL, valid_before=forever),
        town.payment("aoi", "bakery", 1, kind=GENERAL, valid_after=forever, valid_before=forever),
    )

    assert outcome.reasons == ["none", "authorization_not_yet_valid"]


def test_acceptance_decides_and_not_the_block(town: Town) -> None:
    as_of_s = town.now_s()
    effect = town.payment("aoi", "bakery", 1, valid_before=as_of_s + 60)
    town.travel(as_of_s + 9 * 86_400)

    outcome = town.settle(effect, as_of_s=as_of_s)

    assert as_of_s < FIRST_EXPIRY_S
    assert outcome.reasons == ["none"]
