"""Where a batch ends: each limit cuts, and what is judged at asOf was no stricter at acceptance."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coin import messages
from coin.clock import jst_midnight_s, parse_jst_date
from coin.formats import MIN_LIFE_S
from coin.messages import nonce_word
from coin.reconciliation.vouching import acceptances
from coin.records.kinds import FIRST_WRITE_GAS, KINDS, Kind
from coin.settlement.cut import (
    BASE_GAS,
    MAX_GAS,
    MAX_OPERATIONS,
    MAX_SPAN_MS,
    Run,
    Waiting,
    cut,
    due_run,
)

MORNING_MS = jst_midnight_s(parse_jst_date("2022-07-22")) * 1000 + 9 * 3600 * 1000
MIDNIGHT_MS = jst_midnight_s(parse_jst_date("2022-07-23")) * 1000


def payment(
    sequence: int,
    at_ms: int,
    *,
    lives_s: int = 43_200,
    payer: int = 1,
    payee: int = 0x77,
    kind: int = 4,
) -> Waiting:
    """A payment that was accepted at a moment and lives so long."""
    words = messages.TransferWithAuthorization(
        payer=payer.to_bytes(20, "big"),
        payee=payee.to_bytes(20, "big"),
        value=100,
        valid_after_s=0,
        valid_before_s=at_ms // 1000 + lives_s,
        nonce=nonce_word(sequence),
    ).words
    return Waiting(sequence, kind, at_ms, words)


def last_of(waiting: list[Waiting], last_as_of_s: int = 0) -> int:
    """The last operation of the first batch."""
    run = cut(waiting, last_as_of_s=last_as_of_s)
    assert run is not None
    return run.last_sequence


def test_nothing_waiting_makes_no_batch() -> None:
    assert cut([], last_as_of_s=0) is None


def test_a_batch_never_spans_midnight_in_japan() -> None:
    waiting = [payment(1, MIDNIGHT_MS - 1), payment(2, MIDNIGHT_MS)]

    assert last_of(waiting) == 1


def test_a_batch_spans_fifteen_minutes_and_not_a_millisecond_more() -> None:
    inside = [payment(1, MORNING_MS), payment(2, MORNING_MS + MAX_SPAN_MS)]
    outside = [payment(1, MORNING_MS), payment(2, MORNING_MS + MAX_SPAN_MS + 1)]

    assert last_of(inside) == 2
    assert last_of(outside) == 1


def test_a_batch_ends_with_the_thousandth_operation() -> None:
    waiting = [payment(number, MORNING_MS) for number in range(1, MAX_OPERATIONS + 2)]

    assert last_of(waiting) == MAX_OPERATIONS


def test_a_busy_hour_of_two_hundred_people_at_forty_shops_is_one_batch() -> None:
    waiting = [
        payment(number, MORNING_MS, payer=1 + number % 200, payee=1_000 + number % 40)
        for number in range(1, MAX_OPERATIONS + 1)
    ]

    assert last_of(waiting) == MAX_OPERATIONS


def test_a_batch_of_sends_to_people_who_hold_nothing_yet_ends_before_its_gas_does() -> None:
    waiting = [payment(number, MORNING_MS, kind=6, payee=1_000 + number) for number in range(1, 1_001)]

    assert last_of(waiting) == (MAX_GAS - BASE_GAS) // (KINDS[Kind.SEND].gas.record + FIRST_WRITE_GAS)


# Times of acceptance that never fall, and how long each authorization lived then: what the gateway accepts, and often just so.
JOURNALS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 999, 1_000, 60_000, MAX_SPAN_MS - 1, MAX_SPAN_MS, MAX_SPAN_MS + 1]),
        st.sampled_from([MIN_LIFE_S, MIN_LIFE_S, MIN_LIFE_S + 1, 43_200]),
    ),
    min_size=1,
    max_size=40,
)


def batches_of(waiting: list[Waiting]) -> list[Run]:
    """Everything that waits, cut as the worker cuts it."""
    made: list[Run] = []
    while waiting:
        run = cut(waiting, last_as_of_s=made[-1].as_of_s if made else 0)
        assert run is not None
        made.append(run)
        waiting = waiting[run.count :]
    return made


@given(JOURNALS, st.integers(0, 86_400_000))
def test_whatever_was_accepted_is_valid_at_its_as_of_and_no_end_makes_a_batch_shorter(
    steps: list[tuple[int, int]], start_ms: int
) -> None:
    times = list(itertools.accumulate((step for step, _ in steps), initial=MORNING_MS + start_ms))[1:]
    lives = [life_s for _, life_s in steps]
    accepted = [
        payment(number, at_ms, lives_s=life_s)
        for number, (at_ms, life_s) in enumerate(zip(times, lives, strict=True), 1)
    ]
    endless = [payment(number, at_ms, lives_s=1 << 30) for number, at_ms in enumerate(times, 1)]

    made = batches_of(accepted)

    assert made == batches_of(endless)
    for run in made:
        ends = [item.valid_before_s for item in accepted[run.first_sequence - 1 : run.last_sequence]]
        assert all(end is not None and run.as_of_s < end for end in ends)


def test_a_batch_of_what_an_earlier_release_accepted_ends_before_the_first_end_in_it() -> None:
    waiting = [payment(1, MORNING_MS, lives_s=60), payment(2, MORNING_MS + 59_999)]
    one_later = [*waiting, payment(3, MORNING_MS + 60_000)]

    assert last_of(waiting) == 2
    assert last_of(one_later) == 2


def test_as_of_is_the_floored_second_of_the_last_acceptance_and_never_falls() -> None:
    run = cut([payment(1, MORNING_MS + 1_999)], last_as_of_s=0)
    later = cut([payment(1, MORNING_MS)], last_as_of_s=MORNING_MS // 1000 + 5)

    assert run is not None
    assert run.as_of_s == MORNING_MS // 1000 + 1
    assert later is not None
    assert later.as_of_s == MORNING_MS // 1000 + 5


@pytest.mark.parametrize(
    ("now_ms", "is_due"),
    [
        (MORNING_MS + MAX_SPAN_MS - 1, False),
        (MORNING_MS + MAX_SPAN_MS, True),
    ],
)
def test_a_run_is_due_after_fifteen_minutes(now_ms: int, is_due: bool) -> None:
    run = due_run([payment(1, MORNING_MS)], last_as_of_s=0, now_ms=now_ms, force=False)

    assert (run is not None) is is_due


def test_a_run_is_due_at_midnight_whatever_its_age() -> None:
    waiting = [payment(1, MIDNIGHT_MS - 1_000)]

    assert due_run(waiting, last_as_of_s=0, now_ms=MIDNIGHT_MS - 1, force=False) is None
    assert due_run(waiting, last_as_of_s=0, now_ms=MIDNIGHT_MS, force=False) is not None


def test_a_run_is_due_by_hand_at_once() -> None:
    run = due_run([payment(1, MORNING_MS)], last_as_of_s=0, now_ms=MORNING_MS, force=True)

    assert run is not None


def test_an_authorization_lives_twice_as_long_as_a_batch_and_the_checker_knows_the_longest_batch() -> None:
    assert MIN_LIFE_S * 1000 == 2 * MAX_SPAN_MS
    assert acceptances._LONGEST_BATCH_MS == MAX_SPAN_MS
