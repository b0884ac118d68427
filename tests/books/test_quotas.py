"""What costs the town has a number a day for each wallet, exactly, however many ask at once; before its first value a wallet has none."""

import itertools

import pytest

from coin.clock import jst_midnight_s, parse_jst_date
from coin.errors import QuotaUsed, Rejected
from coin.operations.cancel import Cancel
from coin.payments import Submission, checkouts
from coin.registry import quotas, wallets
from coin.registry.quotas import Deed
from tests.books.test_races import at_once
from tests.worlds.books import Town, code_of
from tests.worlds.people import address_of

NEXT_DAY_MS = jst_midnight_s(parse_jst_date("2022-07-23")) * 1000
RANDOM = 1 << 24  # nonces from here on are in no window


@pytest.fixture
def funded(town: Town) -> Town:
    """Aiko and Bunta hold 11,000 each; Chie is registered and holds nothing."""
    town.register("aiko", "bunta", "chie")
    for name in ("aiko", "bunta"):
        town.charge(name, 10_000)
    return town


def cancel(town: Town, message: Cancel) -> str:
    """Hand a cancel in; return the code."""
    try:
        town.perform(message, actor="payer")
    except Rejected as refused:
        return refused.code
    return "accepted"


def cancels(town: Town, who: str, count: int, *, first: int = 0) -> list[str]:
    messages = [town.cancel_message(who, RANDOM + first + number) for number in range(count)]
    return [cancel(town, message) for message in messages]


# ---------------------------------------------------------------- cancels


def test_a_wallet_cancels_so_often_a_day_and_again_from_midnight_and_another_is_not_concerned(
    funded: Town,
) -> None:
    most = quotas.CANCELS_OF_WALLET

    first_day = cancels(funded, "aiko", most + 2)
    other = cancels(funded, "bunta", 1)
    funded.clock.set_ms(NEXT_DAY_MS - 1)
    last_moment = cancels(funded, "aiko", 1, first=100)
    funded.clock.set_ms(NEXT_DAY_MS)
    next_day = cancels(funded, "aiko", 1, first=100)

    assert first_day == ["accepted"] * most + ["daily_quota"] * 2
    assert (other, last_moment, next_day) == (["accepted"], ["daily_quota"], ["accepted"])


def test_a_refusal_says_the_seconds_until_midnight_in_japan(funded: Town) -> None:
    cancels(funded, "aiko", quotas.CANCELS_OF_WALLET)
    funded.clock.set_ms(NEXT_DAY_MS - 90_000)

    with pytest.raises(QuotaUsed) as refused:
        funded.perform(funded.cancel_message("aiko", RANDOM + 99), actor="payer")

    assert refused.value.retry_after_s == 90


def test_cancels_that_come_at_once_are_counted_one_by_one(funded: Town) -> None:
    most = quotas.CANCELS_OF_WALLET
    messages = [funded.cancel_message("aiko", RANDOM + number) for number in range(most + 8)]

    codes = at_once([lambda message=message: cancel(funded, message) for message in messages])

    assert sorted(codes) == ["accepted"] * most + ["daily_quota"] * 8


def test_the_same_cancel_again_is_answered_and_not_counted_and_a_refused_one_is_not_either(
    funded: Town,
) -> None:
    message = funded.cancel_message("aiko", RANDOM)
    used = funded.cancel_message("aiko", RANDOM, key="bunta")

    codes = [cancel(funded, item) for item in [message] * 5 + [used] * 5]

    assert codes == ["accepted"] * 5 + ["signature_invalid"] * 5
    assert funded.rows("SELECT used FROM daily_use") == [{"used": 1}]


def test_a_wallet_that_never_held_value_cancels_nothing_and_leaves_no_row(funded: Town) -> None:
    before = funded.everything()

    codes = cancels(funded, "chie", 3)

    assert set(codes) == {"holder_without_value"}
    assert funded.everything() == before


@pytest.mark.parametrize("how", ["sent away", "received and sent away"])
def test_a_wallet_that_has_nothing_left_may_cancel_for_it_held_value(funded: Town, how: str) -> None:
    who = "aiko" if how == "sent away" else "chie"
    funded.pay("aiko", "chie" if who == "chie" else "bunta", 11_000)
    if who == "chie":
        funded.pay("chie", "bunta", 11_000)

    assert funded.balance(who) == 0
    assert cancels(funded, who, 1) == ["accepted"]


# ---------------------------------------------------------------- payments and sends


def payments(town: Town, payer: str, payee: str, count: int, *, first: int = 0) -> list[Submission]:
    return [
        Submission(town.authorization(payer, payee, 1, RANDOM + first + number)) for number in range(count)
    ]


def codes_of(town: Town, items: list[Submission]) -> list[str]:
    return [code_of(outcome) for outcome in town.accept(*items)]


def test_a_wallet_pays_and_sends_so_often_a_day_in_whatever_lists_they_come(funded: Town) -> None:
    most = quotas.SPENDS_OF_WALLET
    sends = codes_of(funded, payments(funded, "aiko", "bunta", 10))
    first = codes_of(funded, payments(funded, "aiko", "bakery", most - 13, first=100))
    mixed = list(
        itertools.chain.from_iterable(
            zip(
                payments(funded, "aiko", "bakery", 6, first=500),
                payments(funded, "bunta", "bakery", 6, first=500),
                strict=True,
            )
        )
    )

    end = codes_of(funded, mixed)
    funded.clock.set_ms(NEXT_DAY_MS)
    next_day = codes_of(funded, payments(funded, "aiko", "bakery", 1, first=600))

    assert set(sends) == set(first) == {"accepted"}
    assert end[::2] == ["accepted"] * 3 + ["daily_quota"] * 3
    assert end[1::2] == ["accepted"] * 6
    assert next_day == ["accepted"]


def test_of_these_so_many_may_be_sends_and_to_pay_a_shop_is_still_allowed(funded: Town) -> None:
    most = quotas.SENDS_OF_WALLET

    codes = codes_of(funded, payments(funded, "aiko", "bunta", most + 2))
    paid = codes_of(funded, payments(funded, "aiko", "bakery", 1, first=500))
    funded.clock.set_ms(NEXT_DAY_MS)
    next_day = codes_of(funded, payments(funded, "aiko", "bunta", 1, first=600))

    assert codes == ["accepted"] * most + ["daily_quota"] * 2
    assert (paid, next_day) == (["accepted"], ["accepted"])


def test_payments_that_come_at_once_from_many_sides_are_counted_exactly(funded: Town) -> None:
    most = quotas.SPENDS_OF_WALLET
    lists = [payments(funded, "aiko", "bakery", most // 4 + 3, first=1_000 * side) for side in range(4)]

    codes = at_once([lambda items=items: codes_of(funded, items) for items in lists])

    counted = list(itertools.chain.from_iterable(codes))
    assert (counted.count("accepted"), counted.count("daily_quota")) == (most, 12)


def test_what_was_accepted_is_answered_again_when_the_quota_is_used(funded: Town) -> None:
    items = payments(funded, "aiko", "bakery", quotas.SPENDS_OF_WALLET)
    first = funded.accept(*items)

    assert funded.accept(items[0], *payments(funded, "aiko", "bakery", 1, first=900))[0] == first[0]


# ---------------------------------------------------------------- leases and checkouts


def lease(town: Town, who: str) -> str:
    try:
        with town.books() as books:
            wallets.lease_nonces(books, address_of(who), device="phone", count=2)
    except Rejected as refused:
        return refused.code
    return "accepted"


def open_checkout(town: Town, who: str) -> str:
    try:
        with town.books() as books:
            checkouts.open_by_wallet(books, merchant_number=1, wallet=address_of(who), amount_yen=100)
    except Rejected as refused:
        return refused.code
    return "accepted"


@pytest.mark.parametrize(
    ("ask", "deed", "most"),
    [
        (lease, Deed.LEASE, quotas.LEASES_OF_WALLET),
        (open_checkout, Deed.CHECKOUT, quotas.CHECKOUTS_OF_WALLET),
    ],
)
def test_leases_and_checkouts_of_a_wallet_have_their_number_too(
    funded: Town, ask: "type[lease]", deed: Deed, most: int
) -> None:
    never = ask(funded, "chie")
    with funded.books() as books:
        for _ in range(most - 2):
            quotas.take(books, quotas.of_wallet(address_of("aiko")), deed, most)

    codes = at_once([lambda: ask(funded, "aiko") for _ in range(4)])
    other = ask(funded, "bunta")
    funded.clock.set_ms(NEXT_DAY_MS)

    assert never == "holder_without_value"
    assert sorted(codes) == ["accepted"] * 2 + ["daily_quota"] * 2
    assert (other, ask(funded, "aiko")) == ("accepted", "accepted")


def test_a_till_has_its_number_of_checkouts_and_one_that_was_refused_does_not_count(town: Town) -> None:
    till, _ = town.till(1)

    def open_one(amount: int) -> str:
        try:
            with town.books() as books:
                checkouts.open_by_till(books, merchant_number=1, till=till.id, amount_yen=amount)
        except Rejected as refused:
            return refused.code
        return "accepted"

    with town.books() as books:
        for _ in range(2):
            quotas.take(books, quotas.of_till(till.id), Deed.CHECKOUT, quotas.CHECKOUTS_OF_TILL)
    town.rows("UPDATE daily_use SET used = %s", quotas.CHECKOUTS_OF_TILL - 1)

    assert [open_one(0), open_one(100), open_one(100)] == ["amount_invalid", "accepted", "daily_quota"]


def test_a_clock_that_is_a_day_behind_starts_no_new_count(town: Town) -> None:
    with town.books() as books:
        quotas.take(books, "wallet:00", Deed.LEASE, 1)
        town.clock.advance_ms(-86_400_000)

        with pytest.raises(QuotaUsed):
            quotas.take(books, "wallet:00", Deed.LEASE, 1)
