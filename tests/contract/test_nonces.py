"""Payers' nonces: a window of 120 above the base, random ones in a table, each used at most once."""

import pytest

from coin.records.kinds import Kind
from tests.worlds.contract import Town
from tests.worlds.people import address_of

RANDOM = (1 << 255) | 7


def base_and_map(town: Town, label: str = "aoi") -> tuple[int, int]:
    word = town.account(label)
    return word >> 112 & 0xFFFFFF, word >> 136


def state(town: Town, nonce: int, label: str = "aoi") -> bool:
    return bool(town.call("authorizationState", address_of(label), nonce.to_bytes(32, "big")))


def test_nonces_in_any_order_advance_the_base_over_the_run_of_ones(town: Town) -> None:
    town.settle(*(town.payment("aoi", "bakery", 1, nonce=n) for n in (2, 1, 119)))
    assert base_and_map(town) == (0, 1 << 119 | 0b110)

    town.settle(town.payment("aoi", "bakery", 1, nonce=0))

    assert base_and_map(town) == (3, 1 << 116)


def test_the_authorization_state_is_true_below_the_base_and_for_each_used_one_above(town: Town) -> None:
    town.settle(*(town.payment("aoi", "bakery", 1, nonce=n) for n in (0, 1, 5)))

    assert [state(town, n) for n in (0, 1, 2, 5, 121, 122, 1 << 23)] == [
        True,
        True,
        False,
        True,
        False,
        False,
        False,
    ]


def test_a_used_nonce_is_refused_in_the_same_batch_and_in_the_next(town: Town) -> None:
    outcome = town.settle(
        town.payment("aoi", "bakery", 1, nonce=3),
        town.payment("aoi", "inn", 2, nonce=3),
    )
    assert outcome.reasons == ["none", "nonce_used"]

    town.refused(town.payment("aoi", "bakery", 1, nonce=3), "nonce_used", uses_nonce=False)


def test_a_window_is_120_wide(town: Town) -> None:
    outcome = town.settle(
        town.payment("aoi", "bakery", 1, nonce=120),
        town.payment("aoi", "bakery", 1, nonce=119),
    )

    assert outcome.reasons == ["nonce_out_of_window", "none"]


def test_a_packed_nonce_below_the_base_stands_outside_the_window(town: Town) -> None:
    town.settle(town.payment("aoi", "bakery", 1, nonce=0))

    town.refused(town.payment("aoi", "bakery", 1, nonce=0), "nonce_out_of_window", uses_nonce=False)


def test_a_nonce_outside_its_window_is_named_before_the_signature(town: Town) -> None:
    effect = town.payment("aoi", "bakery", 1, nonce=120, signer="ren")

    town.refused(effect, "nonce_out_of_window", uses_nonce=False)


@pytest.mark.parametrize(("nonce", "reason"), [(0, "nonce_used"), (121, "nonce_out_of_window")])
def test_a_general_payment_judges_a_windowed_nonce_by_the_window(town: Town, nonce: int, reason: str) -> None:
    town.settle(town.payment("aoi", "bakery", 1, nonce=0))

    effect = town.payment("aoi", "bakery", 1, nonce=nonce, kind=Kind.PAYMENT_GENERAL)

    town.refused(effect, reason, uses_nonce=False)


def test_a_general_payment_with_a_wrong_signature_is_named_for_it_wherever_its_nonce_stands(
    town: Town,
) -> None:
    effect = town.payment("aoi", "bakery", 1, nonce=500, kind=Kind.PAYMENT_GENERAL, signer="ren")

    town.refused(effect, "signature_invalid", uses_nonce=False)


def test_a_windowed_nonce_is_used_by_either_kind(town: Town) -> None:
    outcome = town.settle(
        town.payment("aoi", "bakery", 1, nonce=0, kind=Kind.PAYMENT_GENERAL),
        town.payment("aoi", "bakery", 1, nonce=1),
        town.payment("aoi", "bakery", 1, nonce=1, kind=Kind.PAYMENT_GENERAL),
    )

    assert outcome.reasons == ["none", "none", "nonce_used"]


def test_a_random_nonce_moves_money_once_and_leaves_the_window_alone(town: Town) -> None:
    again = town.payment("aoi", "bakery", 1, nonce=RANDOM, kind=Kind.PAYMENT_GENERAL)
    outcome = town.settle(again, again)

    assert outcome.reasons == ["none", "nonce_used"]
    assert state(town, RANDOM)
    assert base_and_map(town) == (0, 0)
    assert town.settle(again).reasons == ["nonce_used"]
    assert town.balance("bakery") == 1


def test_the_random_nonces_of_two_payers_do_not_touch(town: Town) -> None:
    outcome = town.settle(
        town.payment("aoi", "bakery", 1, nonce=RANDOM, kind=Kind.PAYMENT_GENERAL),
        town.payment("ren", "bakery", 1, nonce=RANDOM, kind=Kind.PAYMENT_GENERAL),
    )

    assert outcome.reasons == ["none", "none"]


@pytest.mark.parametrize("nonce", [(1 << 24), (1 << 256) - 1])
def test_the_first_and_the_last_random_nonce_stand_in_the_table(town: Town, nonce: int) -> None:
    outcome = town.settle(town.payment("aoi", "bakery", 1, nonce=nonce, kind=Kind.PAYMENT_GENERAL))

    assert outcome.reasons == ["none"]
    assert base_and_map(town) == (0, 0)
    assert state(town, nonce)


def test_the_largest_value_of_the_base_is_no_nonce(town: Town) -> None:
    effect = town.payment("aoi", "bakery", 1, nonce=(1 << 24) - 1, kind=Kind.PAYMENT_GENERAL)

    town.refused(effect, "nonce_out_of_window", uses_nonce=False)


def test_a_random_nonce_of_a_payment_that_failed_a_rule_is_used(town: Town) -> None:
    effect = town.payment("aoi", "bakery", 99_999, nonce=RANDOM, kind=Kind.PAYMENT_GENERAL)

    outcome = town.settle(effect)

    assert outcome.reasons == ["insufficient_balance"]
    assert state(town, RANDOM)


def test_the_window_moves_past_a_payment_that_failed_so_that_later_ones_go_through(town: Town) -> None:
    first = [town.payment("aoi", "bakery", 99_999, nonce=0)]
    outcome = town.settle(*first, *(town.payment("aoi", "bakery", 1, nonce=n) for n in range(1, 125)))

    assert outcome.reasons == ["insufficient_balance"] + ["none"] * 124
    assert base_and_map(town) == (125, 0)


def test_filling_the_lowest_gap_runs_over_the_whole_window(town: Town) -> None:
    town.settle(*(town.payment("aoi", "bakery", 1, nonce=n) for n in range(119, 0, -1)))
    assert base_and_map(town) == (0, (1 << 120) - 2)

    town.settle(town.cancel("aoi", 0))

    assert base_and_map(town) == (120, 0)
