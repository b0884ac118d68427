"""A batch older than 240 h is settled only with two staff over its number, place, time and content."""

from dataclasses import replace
from typing import Any

import pytest
from eth_tester.exceptions import TransactionFailed

from coin import messages
from coin.core import keccak256
from coin.messages import to_64
from coin.records.codec import encode_batch
from tests.worlds.contract import Town, revert_name
from tests.worlds.people import address_of
from tests.worlds.signing import sign

LATE_S = 864_000 + 86_400


def approval(
    town: Town, late_s: int, data: bytes, staff: tuple[str, str] = ("staff 1", "staff 2"), **changes: Any
) -> bytes:
    """Two signatures over the next batch, which has one record; any field can be changed before."""
    said = messages.LateBatch(town.batch_no + 1, town.sequence, late_s, 1, keccak256(data))
    message = replace(said, **changes)
    return b"".join(address_of(label) for label in staff) + b"".join(
        to_64(sign(town.domain, message, label)) for label in staff
    )


def settle_late(town: Town, as_of_s: int, data: bytes, signed: bytes, sender: str = "settler") -> None:
    arguments = (town.batch_no + 1, town.sequence, as_of_s, 1, data, signed)
    town.transact(town.contract.functions.settleLate(*arguments), sender, 2_000_000)


def late_batch(town: Town) -> tuple[int, bytes]:
    as_of_s = town.now_s()
    data = encode_batch(town.numbered([town.payment("aoi", "bakery", 5)]), as_of_s)
    town.travel(as_of_s + LATE_S)
    return as_of_s, data


def test_two_staff_let_a_late_batch_through(town: Town) -> None:
    as_of_s, data = late_batch(town)
    with pytest.raises(TransactionFailed):
        town.settle_raw(data, 1, as_of_s)

    settle_late(town, as_of_s, data, approval(town, as_of_s, data))

    assert town.balance("bakery") == 5


@pytest.mark.parametrize(
    "staff", [("staff 1", "staff 1"), ("staff 1", "settler"), ("settler", "staff 1"), ("outsider", "pauser")]
)
def test_less_than_two_staff_do_not(town: Town, staff: tuple[str, str]) -> None:
    as_of_s, data = late_batch(town)

    with pytest.raises(TransactionFailed):
        settle_late(town, as_of_s, data, approval(town, as_of_s, data, staff))


@pytest.mark.parametrize("field", ["batch_no", "first_sequence", "as_of_s", "count"])
@pytest.mark.parametrize("step", [1, -1])
def test_an_approval_is_for_one_batch_at_one_place_and_time(town: Town, field: str, step: int) -> None:
    as_of_s, data = late_batch(town)
    right = {"batch_no": town.batch_no + 1, "first_sequence": town.sequence, "as_of_s": as_of_s, "count": 1}
    signed = approval(town, as_of_s, data, **{field: right[field] + step})

    with pytest.raises(TransactionFailed) as refused:
        settle_late(town, as_of_s, data, signed)

    assert revert_name(refused.value) == "NotApproved"


def test_an_approval_is_for_one_content(town: Town) -> None:
    """The settler holds an approval and another good record; what two staff saw is what settles."""
    as_of_s, data = late_batch(town)
    other = encode_batch(town.numbered([town.payment("ren", "inn", 7)]), as_of_s)

    with pytest.raises(TransactionFailed) as refused:
        settle_late(town, as_of_s, other, approval(town, as_of_s, data))

    assert revert_name(refused.value) == "NotApproved"
    settle_late(town, as_of_s, data, approval(town, as_of_s, data))
    assert (town.balance("bakery"), town.balance("inn")) == (5, 0)


@pytest.mark.parametrize("change", [-1, 1, -168])
def test_an_approval_of_another_length_is_refused(town: Town, change: int) -> None:
    as_of_s, data = late_batch(town)
    signed = (approval(town, as_of_s, data) + bytes(1))[: 168 + change]

    with pytest.raises(TransactionFailed):
        settle_late(town, as_of_s, data, signed)


def test_an_approval_does_not_make_anybody_a_settler(town: Town) -> None:
    as_of_s, data = late_batch(town)

    with pytest.raises(TransactionFailed):
        settle_late(town, as_of_s, data, approval(town, as_of_s, data), sender="outsider")


def test_an_approval_does_not_let_as_of_lie_ahead_of_the_block(town: Town) -> None:
    as_of_s = town.now_s() + 10_000
    data = encode_batch(town.numbered([town.payment("aoi", "bakery", 5)]), as_of_s)

    with pytest.raises(TransactionFailed):
        settle_late(town, as_of_s, data, approval(town, as_of_s, data))
