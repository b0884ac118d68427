"""A slip's number is a reference in one place, so that no second way in takes the same slip twice."""

import pytest

from coin.core import keccak256
from coin.errors import InvalidInput
from coin.references import payout_reference, slip_number, slip_reference

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


@pytest.mark.parametrize("typed", ["伝票17", "伝票１７", " 伝票１７\u3000", "伝票17\n"])
def test_a_number_in_full_width_or_with_spaces_around_it_is_the_same_slip(typed: str) -> None:
    assert slip_reference(KEY, typed) == slip_reference(KEY, "伝票17")


@pytest.mark.parametrize(("one", "other"), [("17", "18"), ("17", "017"), ("1 7", "17"), ("A", "B")])
def test_other_numbers_are_other_slips(one: str, other: str) -> None:
    assert slip_reference(KEY, one) != slip_reference(KEY, other)


def test_one_slip_has_another_reference_in_each_town_and_none_that_its_number_alone_gives() -> None:
    keyed = {slip_reference(key, "17") for key in (KEY, OTHER_KEY)}

    assert len(keyed) == 2
    assert keccak256(b"17") not in keyed


def test_a_number_that_was_normalised_stays_as_it_is() -> None:
    assert slip_number(slip_number("№ １７  甲")) == slip_number("№ １７  甲") == "No 17 甲"


@pytest.mark.parametrize("typed", ["", " ", "\u3000\t"])
def test_no_number_is_no_slip(typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        slip_reference(KEY, typed)

    assert refused.value.code == "reference_empty"


def test_each_shop_has_a_reference_of_its_own_in_each_payout() -> None:
    made = {payout_reference(payout, number) for payout in ("2022-08", "2022-09") for number in (1, 2)}

    assert len(made) == 4
    assert payout_reference("2022-08", 1) == keccak256(b"2022-08/000001")
