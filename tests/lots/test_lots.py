"""Lots are spent in one order, restored in its reverse, and a bonus never outruns its fund."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coin.errors import InvariantBroken, Rejected, Rejection
from coin.lots import (
    Lot,
    Part,
    choose,
    choose_refund,
    live_balance_yen,
    quote_bonus_yen,
    spending_order,
    split_by_life,
)
from coin.program import Exhaustion, LotKind

FUNDS = ("f1", "f2", "f3")
NOW_MS = 1_000_000
DATES_S = st.sampled_from([999, 1_000, 1_001, 1_002, 2_000])
LOTS = st.one_of(
    st.builds(Lot, st.just(LotKind.COIN), DATES_S),
    st.builds(Lot, st.just(LotKind.POINT), DATES_S, st.sampled_from([*FUNDS, "gone"])),
)
HOLDINGS = st.dictionaries(LOTS, st.integers(0, 5_000), max_size=12)


def coin(expiry_s: int) -> Lot:
    return Lot(LotKind.COIN, expiry_s)


def point(expiry_s: int, fund: str = "f1") -> Lot:
    return Lot(LotKind.POINT, expiry_s, fund)


def total(parts: tuple[Part, ...]) -> int:
    return sum(part.amount_yen for part in parts)


def test_value_is_spent_by_expiry_then_points_before_coins_then_funds_of_the_file() -> None:
    lots = [coin(2), point(2, "gone"), point(2, "f2"), point(2, "f1"), coin(1), point(3, "f1")]

    assert spending_order(lots, FUNDS) == [
        coin(1), point(2, "f1"), point(2, "f2"), point(2, "gone"), coin(2), point(3, "f1"),
    ]  # fmt: skip


def test_the_order_of_the_file_decides_between_funds_not_their_names() -> None:
    assert spending_order([point(2, "f1"), point(2, "f2")], ("f2", "f1")) == [point(2, "f2"), point(2, "f1")]


def test_points_and_coins_of_one_date_pay_as_in_the_town() -> None:
    parts = choose({coin(2_000): 20_000, point(2_000): 1_900}, 3_300, NOW_MS, FUNDS)

    assert parts == (Part(point(2_000), 1_900), Part(coin(2_000), 1_400))


@given(HOLDINGS, st.integers(1, 30_000))
def test_what_is_chosen_adds_up_or_the_balance_was_too_small(lots: dict[Lot, int], amount_yen: int) -> None:
    balance_yen = live_balance_yen(lots, NOW_MS)

    if amount_yen > balance_yen:
        with pytest.raises(Rejected) as refused:
            choose(lots, amount_yen, NOW_MS, FUNDS)
        assert refused.value.reason is Rejection.INSUFFICIENT_BALANCE
        return
    parts = choose(lots, amount_yen, NOW_MS, FUNDS)

    assert total(parts) == amount_yen
    assert all(part.lot.is_live(NOW_MS) and part.amount_yen <= lots[part.lot] for part in parts)
    assert len({part.lot for part in parts}) == len(parts)


@given(HOLDINGS, st.data())
def test_no_lot_is_touched_while_an_earlier_one_holds_value(
    lots: dict[Lot, int], data: st.DataObject
) -> None:
    balance_yen = live_balance_yen(lots, NOW_MS)
    if balance_yen == 0:
        return
    parts = choose(lots, data.draw(st.integers(1, balance_yen)), NOW_MS, FUNDS)

    full = [lot for lot in spending_order(lots, FUNDS) if lot.is_live(NOW_MS) and lots[lot]]
    assert [part.lot for part in parts] == full[: len(parts)]
    assert all(part.amount_yen == lots[part.lot] for part in parts[:-1])


@given(HOLDINGS, st.data())
def test_two_payments_take_the_same_lots_as_one_of_their_sum(
    lots: dict[Lot, int], data: st.DataObject
) -> None:
    balance_yen = live_balance_yen(lots, NOW_MS)
    if balance_yen < 2:
        return
    first_yen = data.draw(st.integers(1, balance_yen - 1))
    second_yen = data.draw(st.integers(1, balance_yen - first_yen))

    left = dict(lots)
    for amount_yen in (first_yen, second_yen):
        for part in choose(left, amount_yen, NOW_MS, FUNDS):
            left[part.lot] -= part.amount_yen

    at_once = dict(lots)
    for part in choose(lots, first_yen + second_yen, NOW_MS, FUNDS):
        at_once[part.lot] -= part.amount_yen
    assert left == at_once


def test_value_pays_until_the_last_millisecond_before_its_expiry() -> None:
    lots = {coin(1_000): 5}

    assert choose(lots, 5, 999_999, FUNDS) == (Part(coin(1_000), 5),)
    with pytest.raises(Rejected):
        choose(lots, 5, 1_000_000, FUNDS)


@pytest.mark.parametrize("amount_yen", [0, -1])
def test_an_amount_below_one_is_refused(amount_yen: int) -> None:
    with pytest.raises(Rejected) as chosen:
        choose({coin(2_000): 5}, amount_yen, NOW_MS, FUNDS)
    with pytest.raises(Rejected) as refunded:
        choose_refund([Part(coin(2_000), 5)], {}, amount_yen)

    assert chosen.value.reason is refunded.value.reason is Rejection.AMOUNT_INVALID


@pytest.mark.parametrize(
    ("coins_yen", "left_yen", "exhaustion", "points_yen"),
    [
        (5_000, 3_000, Exhaustion.PARTIAL, 500),
        (20_000, 1_900, Exhaustion.PARTIAL, 1_900),
        (20_000, 1_900, Exhaustion.NONE, 0),
        (19_000, 1_900, Exhaustion.NONE, 1_900),
        (10_000, 0, Exhaustion.PARTIAL, 0),
        (1_999, 9_999, Exhaustion.PARTIAL, 199),
        (9, 9_999, Exhaustion.PARTIAL, 0),
    ],
)
def test_a_bonus_rounds_down_and_stops_at_its_fund(
    coins_yen: int, left_yen: int, exhaustion: Exhaustion, points_yen: int
) -> None:
    assert quote_bonus_yen(coins_yen, 1_000, left_yen, exhaustion) == points_yen


@given(
    st.lists(st.integers(1, 50_000)),
    st.integers(0, 10_000),
    st.integers(0, 20_000),
    st.sampled_from(Exhaustion),
)
def test_a_fund_never_goes_below_zero(
    charges: list[int], rate_bps: int, budget_yen: int, exhaustion: Exhaustion
) -> None:
    left_yen = budget_yen
    for coins_yen in charges:
        points_yen = quote_bonus_yen(coins_yen, rate_bps, left_yen, exhaustion)
        left_yen -= points_yen

        assert 0 <= points_yen * 10_000 <= coins_yen * rate_bps
        assert left_yen >= 0
        if exhaustion is Exhaustion.PARTIAL and points_yen < coins_yen * rate_bps // 10_000:
            assert left_yen == 0


def test_what_was_spent_last_is_restored_first() -> None:
    spent = (Part(point(2_000), 500), Part(coin(2_000), 1_600))

    assert choose_refund(spent, {}, 900) == (Part(coin(2_000), 900),)
    assert choose_refund(spent, {coin(2_000): 900}, 1_000) == (
        Part(coin(2_000), 700),
        Part(point(2_000), 300),
    )


@given(HOLDINGS, st.data())
def test_refunds_together_restore_exactly_the_lots_of_the_payment(
    lots: dict[Lot, int], data: st.DataObject
) -> None:
    balance_yen = live_balance_yen(lots, NOW_MS)
    if balance_yen == 0:
        return
    amount_yen = data.draw(st.integers(1, balance_yen))
    spent = choose(lots, amount_yen, NOW_MS, FUNDS)

    restored: dict[Lot, int] = {}
    while (rest_yen := amount_yen - sum(restored.values())) > 0:
        for part in choose_refund(spent, restored, data.draw(st.integers(1, rest_yen))):
            restored[part.lot] = restored.get(part.lot, 0) + part.amount_yen

    assert restored == {part.lot: part.amount_yen for part in spent}
    with pytest.raises(Rejected) as refused:
        choose_refund(spent, restored, 1)
    assert refused.value.reason is Rejection.AMOUNT_INVALID


def test_a_refund_larger_than_the_payment_is_refused() -> None:
    with pytest.raises(Rejected) as refused:
        choose_refund([Part(coin(2_000), 5)], {coin(2_000): 2}, 4)

    assert refused.value.reason is Rejection.AMOUNT_INVALID


def test_a_restored_part_that_has_expired_meanwhile_is_set_apart() -> None:
    old, new = Part(point(1_000), 3), Part(coin(1_001), 4)

    assert split_by_life([new, old], NOW_MS) == ((new,), (old,))


@pytest.mark.parametrize(("kind", "fund"), [(LotKind.COIN, "f1"), (LotKind.POINT, "")])
def test_a_lot_that_mixes_coins_and_funds_breaks_an_invariant(kind: LotKind, fund: str) -> None:
    with pytest.raises(InvariantBroken):
        Lot(kind, 2_000, fund)


@pytest.mark.parametrize("amount_yen", [0, -1])
def test_a_part_of_nothing_breaks_an_invariant(amount_yen: int) -> None:
    with pytest.raises(InvariantBroken):
        Part(coin(2_000), amount_yen)
