"""A batch whose bytes do not fit reverts as a whole; a record that fails a rule costs only itself."""

from typing import Any

import pytest
from eth_tester.exceptions import TransactionFailed

from coin.records.codec import encode_batch
from coin.records.kinds import carried_out
from tests.worlds.contract import Town, revert_name
from tests.worlds.people import address_of


def settle_data(town: Town, data: bytes, count: int, **changes: Any) -> None:
    town.settle_raw(data, count, changes.get("as_of_s", town.now_s() - 1))


def assert_reverts(town: Town, name: str, data: bytes, count: int) -> None:
    before = town.everything("aoi", "ren", "bakery", "staff 1", "channel")

    with pytest.raises(TransactionFailed) as caught:
        settle_data(town, data, count)

    assert revert_name(caught.value) == name
    assert town.everything("aoi", "ren", "bakery", "staff 1", "channel") == before


def good(town: Town) -> bytes:
    """A batch of two payments of 77 bytes, whose table has two holders and two merchants."""
    effects = [town.payment("aoi", "bakery", 5), town.payment("ren", "inn", 5)]
    return encode_batch(town.numbered(effects), town.now_s() - 1)


RECORDS = 4 + 4 * 20


def test_the_bytes_that_the_other_tests_break_are_good(town: Town) -> None:
    settle_data(town, good(town), 2)

    assert town.balance("bakery") == 5


def test_an_empty_batch_is_a_batch(town: Town) -> None:
    outcome = town.settle_raw(bytes(4), 0, town.now_s() - 1)

    assert [name for name, _ in outcome.events] == ["Settled"]


@pytest.mark.parametrize(
    "kind", [*[kind for kind in range(256) if not carried_out(kind)][::9], 0, 2, 12, 21, 31, 32, 255]
)
def test_a_kind_of_no_release_or_of_a_later_one_reverts(town: Town, kind: int) -> None:
    data = bytearray(good(town))
    data[RECORDS] = kind

    assert_reverts(town, "UnknownKind", bytes(data), 2)


@pytest.mark.parametrize(
    "size", [0, 1, 3, 4, 23, RECORDS - 1, RECORDS, RECORDS + 1, RECORDS + 76, RECORDS + 153]
)
def test_data_that_end_early_revert(town: Town, size: int) -> None:
    assert_reverts(town, "DataShort", good(town)[:size], 2)


@pytest.mark.parametrize("count", [3, 4, 1 << 64, (1 << 256) - 1])
def test_a_count_above_the_records_reverts(town: Town, count: int) -> None:
    assert_reverts(town, "DataShort", good(town), count)


@pytest.mark.parametrize("surplus", [1, 77])
def test_bytes_after_the_last_record_revert(town: Town, surplus: int) -> None:
    assert_reverts(town, "DataSurplus", good(town) + bytes(surplus), 2)


def test_a_count_below_the_records_reverts(town: Town) -> None:
    assert_reverts(town, "DataSurplus", good(town), 1)


@pytest.mark.parametrize(
    ("at", "position"), [(1, 2), (1, 3), (1, 4), (1, 0xFFFF), (3, 0), (3, 1), (3, 4), (3, 0xFFFF)]
)
def test_a_position_in_the_wrong_part_or_outside_the_table_reverts(
    town: Town, at: int, position: int
) -> None:
    data = bytearray(good(town))
    data[RECORDS + at : RECORDS + at + 2] = position.to_bytes(2, "big")

    assert_reverts(town, "WrongPosition", bytes(data), 2)


@pytest.mark.parametrize("first", [0, 2])
def test_a_part_of_the_table_that_is_not_ascending_reverts(town: Town, first: int) -> None:
    data = bytearray(good(town))
    at = 4 + 20 * first
    data[at : at + 40] = data[at + 20 : at + 40] + data[at : at + 20]

    assert_reverts(town, "TableNotAscending", bytes(data), 2)


@pytest.mark.parametrize("first", [0, 2])
def test_an_address_twice_in_a_part_reverts(town: Town, first: int) -> None:
    data = bytearray(good(town))
    at = 4 + 20 * first
    data[at + 20 : at + 40] = data[at : at + 20]

    assert_reverts(town, "TableNotAscending", bytes(data), 2)


def test_address_zero_cannot_be_in_the_table(town: Town) -> None:
    data = bytearray(good(town))
    data[4:24] = bytes(20)

    assert_reverts(town, "TableNotAscending", bytes(data), 2)


def merchant_batch(town: Town) -> bytearray:
    return bytearray(encode_batch(town.numbered([town.merchant("smith", 9)]), town.now_s() - 1))


def test_a_merchant_record_over_two_addresses_reverts(town: Town) -> None:
    data = merchant_batch(town)
    data[24:44] = address_of("smith 2")

    assert_reverts(town, "WrongPosition", bytes(data), 1)


def test_a_merchant_record_that_replaces_a_position_outside_the_merchants_reverts(town: Town) -> None:
    data = merchant_batch(town)
    data[44 + 5 : 44 + 7] = bytes(2)

    assert_reverts(town, "WrongPosition", bytes(data), 1)


def test_one_bad_record_among_many_costs_only_itself(town: Town) -> None:
    effects = [town.payment("aoi", "bakery", 5) for _ in range(9)]
    effects[4] = town.payment("aoi", "bakery", 5, signer="ren", nonce=4)

    outcome = town.settle(*effects)

    assert outcome.reasons == ["none"] * 4 + ["signature_invalid"] + ["none"] * 4
    assert [skip["sequence"] for skip in outcome.named("Skipped")] == [outcome.first_sequence + 4]
    assert town.balance("bakery") == 40


def test_an_address_that_was_only_named_gets_no_storage(town: Town) -> None:
    town.settle(town.payment("stranger", "bakery", 5, signer="ren", nonce=0))

    assert town.account("stranger") == 0


def test_the_receipt_names_the_batch_and_the_hash_of_its_bytes(town: Town) -> None:
    data, as_of_s, first = good(town), town.now_s() - 1, town.sequence

    outcome = town.settle_raw(data, 2, as_of_s)

    settled = {
        "batchNo": town.batch_no,
        "firstSequence": first,
        "count": 2,
        "asOf": as_of_s,
        "dataHash": bytes(town.web3.keccak(data)),
    }
    assert outcome.named("Settled") == [settled]


def test_a_call_that_is_not_sent_foretells_each_reason(town: Town) -> None:
    effects = [town.payment("aoi", "bakery", 5), town.payment("aoi", "bakery", 99_999), town.expire(5)]
    as_of_s = town.now_s() - 1
    data = encode_batch(town.numbered(effects), as_of_s)

    reasons = town.simulate(data, 3, as_of_s)

    assert reasons == bytes([0, 35, 38])
    assert town.settle_raw(data, 3, as_of_s).reasons == [
        "none",
        "insufficient_balance",
        "date_not_in_calendar",
    ]
