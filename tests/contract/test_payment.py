"""04 and 05: a payer's signature moves value to a registered, open merchant, nearest expiry first."""

import pytest

from coin.records.kinds import Kind
from tests.worlds.contract import FIRST_EXPIRY_S, SECOND_EXPIRY_S, Town, hexed


@pytest.mark.parametrize("kind", [Kind.PAYMENT, Kind.PAYMENT_GENERAL])
def test_a_payment_moves_the_amount_to_the_shop_and_says_so_once(town: Town, kind: Kind) -> None:
    outcome = town.settle(town.payment("aoi", "bakery", 700, kind=kind))

    assert outcome.reasons == ["none"]
    transfer = {"from": hexed("aoi"), "to": hexed("bakery"), "value": 700}
    assert outcome.named("Transfer") == [transfer]
    assert town.balance("aoi") == 10_300
    assert town.balance("bakery") == 700
    assert town.call("totalSupply") == 16_500
    assert town.call("journalWord") >> 136 == 700
    assert town.date(FIRST_EXPIRY_S) == 1 << 128 | 10_300


def test_a_payment_spends_the_nearest_date_first_and_then_the_next(town: Town) -> None:
    town.settle(town.top_up("aoi", 400, expiry=SECOND_EXPIRY_S))

    town.settle(town.payment("aoi", "inn", 11_150))

    assert town.account("aoi") & ((1 << 96) - 1) == 250 << 24
    assert town.date(FIRST_EXPIRY_S) == 1 << 128
    assert town.date(SECOND_EXPIRY_S) == 1 << 128 | 5_750


def test_a_date_opened_later_with_a_nearer_end_is_spent_first(town: Town) -> None:
    nearer = FIRST_EXPIRY_S - 10 * 86_400
    town.settle(town.calendar(3, nearer), town.top_up("aoi", 100, expiry=nearer))

    town.settle(town.payment("aoi", "inn", 60))

    assert town.account("aoi") & ((1 << 96) - 1) == 40 << 72 | 11_000


def test_a_payer_can_spend_everything_to_the_last_yen(town: Town) -> None:
    outcome = town.settle(town.payment("aoi", "bakery", 11_000))

    assert outcome.reasons == ["none"]
    assert town.balance("aoi") == 0


def test_one_yen_too_much_is_refused(town: Town) -> None:
    town.refused(town.payment("aoi", "bakery", 11_001), "insufficient_balance", uses_nonce=True)


def test_a_second_payment_from_the_same_balance_is_refused_and_moves_nothing(town: Town) -> None:
    outcome = town.settle(town.payment("aoi", "bakery", 11_000), town.payment("aoi", "inn", 1))

    assert outcome.reasons == ["none", "insufficient_balance"]
    assert town.balance("inn") == 0


def test_value_received_in_the_same_batch_can_be_spent(town: Town) -> None:
    outcome = town.settle(town.send("aoi", "yui", 500), town.payment("yui", "bakery", 500))

    assert outcome.reasons == ["none", "none"]
    assert town.balance("bakery") == 500


def test_a_payment_of_nothing_is_refused(town: Town) -> None:
    town.refused(town.payment("aoi", "bakery", 0), "amount_invalid", uses_nonce=True)


def test_a_payment_to_somebody_who_is_no_merchant_is_refused(town: Town) -> None:
    town.refused(town.payment("aoi", "ren", 1), "merchant_not_registered", uses_nonce=True)


def test_a_payment_to_oneself_as_a_shop_is_refused(town: Town) -> None:
    town.refused(town.payment("aoi", "aoi", 1), "merchant_not_registered", uses_nonce=True)


def test_a_payment_to_a_closed_merchant_is_refused(town: Town) -> None:
    town.settle(town.merchant("bakery", 1, status=2))

    town.refused(town.payment("aoi", "bakery", 1), "merchant_closed", uses_nonce=True)


def test_a_merchant_cannot_pay(town: Town) -> None:
    town.settle(town.payment("aoi", "bakery", 100))

    town.refused(town.payment("bakery", "inn", 100), "holder_is_merchant", uses_nonce=True)


def test_the_amount_field_holds_its_largest_value(town: Town) -> None:
    town.refused(town.payment("aoi", "bakery", (1 << 24) - 1), "insufficient_balance", uses_nonce=True)


def test_value_of_a_passed_date_never_pays(town: Town) -> None:
    town.travel(FIRST_EXPIRY_S + 10)

    outcome = town.settle(town.payment("aoi", "bakery", 1), as_of_s=FIRST_EXPIRY_S)

    assert outcome.reasons == ["insufficient_balance"]


def test_value_pays_in_the_last_second_before_its_date_although_the_block_comes_after_it(town: Town) -> None:
    town.travel(FIRST_EXPIRY_S + 3_600)

    effect = town.payment("aoi", "bakery", 11_000, valid_before=FIRST_EXPIRY_S + 100)
    outcome = town.settle(effect, as_of_s=FIRST_EXPIRY_S - 1)

    assert outcome.reasons == ["none"]


def test_passed_value_is_passed_over_and_later_dates_pay(town: Town) -> None:
    town.settle(town.top_up("aoi", 400, expiry=SECOND_EXPIRY_S))
    town.travel(FIRST_EXPIRY_S + 10)

    outcome = town.settle(town.payment("aoi", "bakery", 400), town.payment("aoi", "bakery", 1))

    assert outcome.reasons == ["none", "insufficient_balance"]
    assert town.account("aoi") & ((1 << 96) - 1) == 11_000


def test_the_payer_is_who_signed_and_not_who_sits_at_the_position(town: Town) -> None:
    effect = town.payment("aoi", "bakery", 1, signer="ren", nonce=0)

    town.refused(effect, "signature_invalid", uses_nonce=False)
