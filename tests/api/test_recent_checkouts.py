"""After a lost connection a till sees its shop's recent payments with their receipts, and no other shop's."""

import pytest

from tests.api.caller import Caller, problem
from tests.worlds.people import person

PAYER = person("aoi")
MINUTE_MS = 60_000


def recent(call: Caller, number: int = 12, **query: object) -> list[dict[str, object]]:
    answer = call.get("/tills/checkouts", call.till(number), **query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, object]] = answer.json()["items"]
    return items


def test_open_paid_and_expired_checkouts_of_the_shop_are_there_newest_first(call: Caller) -> None:
    call.town.register(PAYER)
    call.town.charge(PAYER, 10_000)
    expired = call.open_checkout(12, 100)
    call.town.clock.set_ms(expired["deadline"] - MINUTE_MS)
    paid = call.open_checkout(12, 200)
    [result] = call.pay(call.authorization(PAYER, 12, 200, 0, paid["checkout"]))
    call.town.clock.set_ms(expired["deadline"])
    waiting = call.open_checkout(12, 300)

    items = recent(call)

    assert [(item["checkout"]["checkout"], item["checkout"]["status"]) for item in items] == [
        (waiting["checkout"], "open"),
        (paid["checkout"], "paid"),
        (expired["checkout"], "expired"),
    ]
    assert items[1]["checkout"]["payment"]["receipt"] == result["receipt"]
    assert {item["till"] for item in items} == {"1"}


def test_a_payment_by_the_sticker_is_there_and_an_unpaid_try_is_not(call: Caller) -> None:
    call.town.register(PAYER)
    call.town.charge(PAYER, 10_000)
    token = call.log_in(PAYER)
    opened = [call.post("/merchants/12/checkouts", {"amount": 80}, token).json() for _ in range(3)]
    call.pay(call.authorization(PAYER, 12, 80, 0, opened[1]["checkout"]))

    [item] = recent(call)

    assert item["checkout"]["checkout"] == opened[1]["checkout"]
    assert item["till"] is None


def test_what_is_older_than_the_minutes_asked_for_is_left_out(call: Caller) -> None:
    call.open_checkout(12, 100)
    call.town.clock.advance_ms(10 * MINUTE_MS)
    at_the_edge = len(recent(call))
    call.town.clock.advance_ms(1)

    assert (at_the_edge, len(recent(call)), len(recent(call, minutes=11))) == (1, 0, 1)


def test_another_shop_sees_nothing_of_it_and_a_wallet_may_not_ask(call: Caller) -> None:
    call.open_checkout(12, 100)

    assert recent(call, 13) == []
    assert problem(call.get("/tills/checkouts", call.log_in(PAYER)))[:2] == (403, "forbidden")


def test_more_than_two_hundred_are_cut_and_it_says_so(call: Caller) -> None:
    for number in range(201):
        if number % 67 == 0:  # a session has 15 minutes
            till = call.till(12)
        call.post("/tills/checkouts", {"amount": number + 1}, till)
        call.town.clock.advance_ms(10_000)

    answer = call.get("/tills/checkouts", call.till(12), minutes=60).json()

    assert (len(answer["items"]), answer["more"]) == (200, True)
    assert answer["items"][0]["checkout"]["amount"] == 201


@pytest.mark.parametrize("minutes", ["0", "61", "-1", "x"])
def test_minutes_out_of_range_are_named(call: Caller, minutes: str) -> None:
    assert problem(call.get("/tills/checkouts", call.till(12), minutes=minutes)) == (
        400,
        "invalid_input",
        "minutes",
    )
