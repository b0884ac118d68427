"""When and in what order batches may come: the next number, the next sequence, asOf within its window."""

import pytest
from eth_tester.exceptions import TransactionFailed

from tests.worlds.contract import Town

WINDOW_S = 864_000


def settle_empty(town: Town, batch_no: int, sequence: int, as_of_s: int) -> None:
    function = town.contract.functions.settle(batch_no, sequence, as_of_s, 0, bytes(4))
    town.transact(function, "settler", 1_000_000)


@pytest.mark.parametrize("step", [-1, 0, 2, 1 << 32, (1 << 256) - 3])
def test_a_batch_with_another_number_than_the_next_reverts(town: Town, step: int) -> None:
    with pytest.raises(TransactionFailed):
        settle_empty(town, town.batch_no + step, town.sequence, town.now_s() - 1)


@pytest.mark.parametrize("step", [-1, 1, 1 << 64])
def test_a_batch_with_another_first_sequence_than_the_next_reverts(town: Town, step: int) -> None:
    with pytest.raises(TransactionFailed):
        settle_empty(town, town.batch_no + 1, town.sequence + step, town.now_s() - 1)


def test_a_batch_cannot_be_settled_twice(town: Town) -> None:
    town.settle(town.payment("aoi", "bakery", 1))

    with pytest.raises(TransactionFailed):
        settle_empty(town, town.batch_no, town.sequence - 1, town.as_of_s)


def test_as_of_may_stand_still_but_not_go_back(town: Town) -> None:
    town.settle(town.payment("aoi", "bakery", 1))

    assert town.settle(town.payment("aoi", "bakery", 1), as_of_s=town.as_of_s).reasons == ["none"]
    with pytest.raises(TransactionFailed):
        settle_empty(town, town.batch_no + 1, town.sequence, town.as_of_s - 1)


def test_as_of_is_at_most_the_block_s_time(town: Town) -> None:
    block_s = town.now_s() + 1_000
    town.travel(block_s)
    with pytest.raises(TransactionFailed):
        settle_empty(town, town.batch_no + 1, town.sequence, block_s + 1)

    town.travel(block_s + 100)
    settle_empty(town, town.batch_no + 1, town.sequence, block_s + 100)


def test_as_of_is_at_most_240_hours_before_the_block(town: Town) -> None:
    block_s = town.now_s() + WINDOW_S + 1_000
    town.travel(block_s)
    with pytest.raises(TransactionFailed):
        settle_empty(town, town.batch_no + 1, town.sequence, block_s - WINDOW_S - 1)

    town.travel(block_s + 100)
    settle_empty(town, town.batch_no + 1, town.sequence, block_s + 100 - WINDOW_S)


@pytest.mark.parametrize("as_of_s", [0, (1 << 256) - 1, (1 << 256) - WINDOW_S, 1 << 40])
def test_no_as_of_wraps_around(town: Town, as_of_s: int) -> None:
    with pytest.raises(TransactionFailed):
        settle_empty(town, town.batch_no + 1, town.sequence, as_of_s)


def test_the_journal_remembers_how_far_it_came(town: Town) -> None:
    as_of_s = town.now_s()

    town.settle(town.payment("aoi", "bakery", 9), town.expire(1), as_of_s=as_of_s)

    word = as_of_s | town.batch_no << 40 | town.sequence << 72 | 9 << 136
    assert town.call("journalWord") == word
    assert (town.batch_no, town.sequence) == (2, 12)


def test_a_new_journal_begins_with_batch_1_and_sequence_1(empty: Town) -> None:
    assert empty.call("journalWord") == 1 << 72
    assert empty.call("calendarWord") == 0xE4 << 208

    settle_empty(empty, 1, 1, empty.now_s() - 1)
