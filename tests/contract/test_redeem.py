"""0B: the cashier burns from a merchant's balance."""

import pytest

from tests.worlds.contract import Town, hexed


def test_a_redeem_burns_the_amount_and_lowers_the_supply(town: Town) -> None:
    town.settle(town.payment("aoi", "bakery", 700))

    outcome = town.settle(town.redeem("bakery", 300))

    assert outcome.reasons == ["none"]
    assert outcome.named("Transfer") == [{"from": hexed("bakery"), "to": "0x" + "00" * 20, "value": 300}]
    assert town.balance("bakery") == 400
    assert town.call("totalSupply") == 16_200


def test_a_redeem_works_for_a_closed_merchant_to_the_last_yen(town: Town) -> None:
    town.settle(town.payment("aoi", "bakery", 700), town.merchant("bakery", 1, status=2))

    assert town.settle(town.redeem("bakery", 700)).reasons == ["none"]
    assert town.balance("bakery") == 0


@pytest.mark.parametrize("amount", [701, (1 << 64) - 1])
def test_a_redeem_of_more_than_there_is_is_refused(town: Town, amount: int) -> None:
    town.settle(town.payment("aoi", "bakery", 700))

    town.refused(town.redeem("bakery", amount), "insufficient_redeemable", uses_nonce=True)


def test_a_redeem_of_nothing_is_refused(town: Town) -> None:
    town.refused(town.redeem("bakery", 0), "amount_invalid", uses_nonce=True)


def test_a_redeem_for_somebody_who_is_no_merchant_is_refused(town: Town) -> None:
    town.refused(town.redeem("ren", 1), "merchant_not_registered", uses_nonce=True)


@pytest.mark.parametrize("cashier", ["channel", "staff 1", "settler"])
def test_nobody_without_the_role_can_redeem(town: Town, cashier: str) -> None:
    town.settle(town.payment("aoi", "bakery", 700))

    labels = ("bakery", "channel", "staff 1", "settler")
    town.refused(town.redeem("bakery", 1, cashier=cashier), "signer_not_authorized", *labels, uses_nonce=True)


def test_a_forged_redeem_is_refused(town: Town) -> None:
    town.refused(town.redeem("bakery", 1, signer="outsider"), "signature_invalid", uses_nonce=False)


def test_a_redeem_is_carried_out_once(town: Town) -> None:
    town.settle(town.payment("aoi", "bakery", 700))
    effect = town.redeem("bakery", 100, nonce=9)

    assert town.settle(effect, effect).reasons == ["none", "nonce_used"]
    assert town.balance("bakery") == 600
