"""What two of the staff signed once is carried out once: the message names the first signer, whose nonce it uses."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from coin.errors import Rejected
from coin.operations.operation import Operation
from coin.records.kinds import KINDS, SignedBy
from tests.worlds.books import Town
from tests.worlds.people import address_of
from tests.worlds.rules import NEXT_YEAR_END_S

STAFF = ("ken", "yumi", "hana")
PAIRS = list(permutations(STAFF, 2))
NONCE = 60  # free in the window of each of the three
A_DAY_S = 86_400
GIVEN: dict[str, Callable[..., Any]] = {
    "merchant": lambda town, **signed: town.shop_message("florist", 77, **signed),
    "calendar": lambda town, **signed: town.date_message(3, NEXT_YEAR_END_S + A_DAY_S, **signed),
    "role": lambda town, **signed: town.role_message("oscar", 2, 1000, "counter", **signed),
}
TAKEN: dict[str, Callable[[Town], Operation[Any]]] = {
    "merchant": lambda town: town.shop_message("florist", 77, 2),
    "role": lambda town: town.role_message("oscar", 0, 0),
}


@pytest.fixture
def three(town: Town) -> Town:
    """A town with a third member of staff."""
    town.role("hana", 1, 0)
    return town


def test_every_kind_of_two_signatures_that_is_carried_out_stands_here() -> None:
    of_two = {row.en for row in KINDS.values() if row.signed_by is SignedBy.TWO_STAFF and row.is_carried_out}

    assert set(GIVEN) == of_two


def attacks(town: Town, message: Any, pair: tuple[str, str]) -> Iterator[Any]:
    """What any of the three can make of the signatures of all three over one message."""
    for named in PAIRS:
        first, second = (address_of(name) for name in named)
        made = town.two(message, named)
        in_the_other_places = replace(made[0], signer=second), replace(made[1], signer=first)
        yield replace(message, signatures=in_the_other_places)
        if named[0] != pair[0]:
            yield replace(message, signatures=made)
            yield replace(message, signatures=made, first=first)
            yield replace(message, signatures=town.two(message, pair), first=first)


def codes(town: Town, messages: Iterator[Any]) -> set[str]:
    found = set()
    for message in messages:
        with pytest.raises(Rejected) as refusal:
            town.perform(message)
        found.add(refusal.value.code)
    return found


@pytest.mark.parametrize("kind", GIVEN)
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_the_signatures_of_three_staff_count_only_for_the_first_signer_whom_they_name(
    three: Town, kind: str, pair: tuple[str, str]
) -> None:
    message = GIVEN[kind](three, nonce=NONCE, names=pair)
    untouched = three.everything()

    assert codes(three, attacks(three, message, pair)) == {"signature_invalid"}
    assert three.everything() == untouched

    first = three.perform(message)
    if kind in TAKEN:
        three.perform(TAKEN[kind](three))
    before = three.everything()

    assert codes(three, attacks(three, message, pair)) == {"signature_invalid"}
    [third] = set(STAFF) - set(pair)
    assert three.perform(replace(message, signatures=three.two(message, (pair[0], third)))) == first
    assert three.everything() == before
