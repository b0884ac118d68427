"""11: two staff register, open and close merchants, and give a number to a new address."""

from dataclasses import replace

import pytest

from tests.worlds.contract import Town, hexed

REGISTERED, CLOSED, FLAG = 1 << 224, 1 << 225, 1 << 111
NOBODY = "0x" + "00" * 20


def test_a_registration_sets_number_and_flags(town: Town) -> None:
    outcome = town.settle(town.merchant("smith", 999_999))

    assert outcome.reasons == ["none"]
    changed = {"account": hexed("smith"), "number": 999_999, "status": 1, "replaced": NOBODY}
    assert outcome.named("MerchantChanged") == [changed]
    assert town.shop("smith") == REGISTERED | 999_999 << 236
    assert town.account("smith") == FLAG | 2 << 96
    assert town.call("merchantOf", 999_999) == hexed("smith").lower()


def test_a_merchant_can_be_closed_and_opened_again_with_what_it_holds(town: Town) -> None:
    town.settle(town.payment("aoi", "bakery", 700))

    town.settle(town.merchant("bakery", 1, status=2))
    assert town.shop("bakery") == 700 | REGISTERED | CLOSED | 1 << 236

    town.settle(town.merchant("bakery", 1, status=1))
    assert town.shop("bakery") == 700 | REGISTERED | 1 << 236


def test_a_merchant_can_be_registered_closed(town: Town) -> None:
    town.settle(town.merchant("smith", 5, status=2))

    assert town.shop("smith") == REGISTERED | CLOSED | 5 << 236


def test_a_new_address_takes_number_and_balance_and_the_old_is_closed_for_ever(town: Town) -> None:
    town.settle(town.payment("aoi", "bakery", 700))

    outcome = town.settle(town.merchant("bakery 2", 1, replaces="bakery"), town.payment("ren", "bakery 2", 5))

    assert outcome.reasons == ["none", "none"]
    moved = {"from": hexed("bakery"), "to": hexed("bakery 2"), "value": 700}
    assert outcome.named("Transfer")[0] == moved
    assert outcome.named("MerchantChanged")[0]["replaced"] == hexed("bakery")
    assert town.shop("bakery") == CLOSED | 1 << 236
    assert town.shop("bakery 2") == 705 | REGISTERED | 1 << 236
    assert town.call("merchantOf", 1) == hexed("bakery 2").lower()
    assert town.call("journalWord") >> 136 == 705
    town.refused(town.payment("aoi", "bakery", 1), "merchant_not_registered", uses_nonce=True)
    town.refused(town.redeem("bakery", 1), "merchant_not_registered", uses_nonce=True)
    town.refused(town.merchant("bakery", 1, replaces="bakery 2"), "address_in_use", uses_nonce=True)
    town.refused(town.send("aoi", "bakery", 1), "holder_is_merchant", uses_nonce=True)


def test_a_registration_and_its_replacement_may_stand_in_one_batch(town: Town) -> None:
    outcome = town.settle(
        town.merchant("smith", 7),
        town.payment("aoi", "smith", 10),
        town.merchant("smith 2", 7, replaces="smith"),
        town.payment("aoi", "smith", 10),
    )

    assert outcome.reasons == ["none", "none", "none", "merchant_not_registered"]
    assert town.balance("smith 2") == 10


@pytest.mark.parametrize("number", [0, 1_000_000, (1 << 32) - 1])
def test_a_number_out_of_range_is_refused(town: Town, number: int) -> None:
    town.refused(
        town.merchant("smith", number), "merchant_number_invalid", "smith", "staff 1", uses_nonce=True
    )


def test_an_account_has_one_number_for_ever(town: Town) -> None:
    town.refused(town.merchant("bakery", 3), "merchant_number_invalid", uses_nonce=True)


@pytest.mark.parametrize(
    ("replaces", "number"), [("", 1), ("inn", 1), ("inn", 9), ("smith", 9), ("smith", 1)]
)
def test_a_record_that_names_another_than_the_holder_of_the_number_is_refused(
    town: Town, replaces: str, number: int
) -> None:
    effect = town.merchant("smith", number, replaces=replaces)

    town.refused(effect, "merchant_number_invalid", "smith", "bakery", "inn", "staff 1", uses_nonce=True)


def test_a_shop_that_changes_its_state_must_not_name_a_loser(town: Town) -> None:
    town.refused(town.merchant("bakery", 1, replaces="bakery"), "merchant_number_invalid", uses_nonce=True)


def test_an_address_with_value_cannot_become_a_merchant(town: Town) -> None:
    town.refused(town.merchant("aoi", 9), "address_in_use", uses_nonce=True)


def test_an_address_that_used_a_windowed_nonce_cannot_become_a_merchant(town: Town) -> None:
    town.settle(town.cancel("yui", 0))

    town.refused(town.merchant("yui", 9), "address_in_use", "yui", "staff 1", uses_nonce=True)


@pytest.mark.parametrize("status", [0, 3, 255])
def test_another_status_is_refused(town: Town, status: int) -> None:
    town.refused(town.merchant("bakery", 1, status=status), "status_invalid", uses_nonce=True)


def test_staff_sign_this_account_this_number_and_this_status(town: Town) -> None:
    effect = town.merchant("smith", 9)
    other = town.merchant("smith 2", 9)

    town.refused(
        replace(effect, words=other.words),
        "signature_invalid",
        "smith",
        "smith 2",
        "staff 1",
        uses_nonce=False,
    )
    assert town.call("merchantOf", 9) == NOBODY
