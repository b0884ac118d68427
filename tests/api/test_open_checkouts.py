"""Opening checkouts is free, so each till and each wallet may have a limited number, independently of others."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from coin.payments.checkouts import MOST_OPEN_AT_TILL, MOST_OPEN_OF_WALLET
from tests.api.caller import Caller, problem
from tests.api.town import PROGRAM
from tests.worlds.people import person

PAYER, OTHER = person("aoi"), person("riku")
STICKER = "/merchants/12/checkouts"
FULL = (409, "too_many_open_checkouts", None)


def test_a_till_that_has_opened_too_many_opens_the_next_when_one_is_paid(call: Caller) -> None:
    call.town.register(PAYER)
    call.town.charge(PAYER, 10_000)
    till = call.till(12)
    opened = [call.post("/tills/checkouts", {"amount": 100}, till).json() for _ in range(MOST_OPEN_AT_TILL)]

    above = call.post("/tills/checkouts", {"amount": 100}, till)
    next_shop = call.post("/tills/checkouts", {"amount": 100}, call.till(13))
    call.pay(call.authorization(PAYER, 12, 100, 0, opened[0]["checkout"]))
    after = [call.post("/tills/checkouts", {"amount": 100}, till) for _ in range(2)]

    assert problem(above) == FULL
    assert next_shop.status_code == 201
    assert after[0].status_code == 201
    assert problem(after[1]) == FULL


def test_a_wallet_that_asks_from_many_sides_at_once_opens_no_more_than_it_may(call: Caller) -> None:
    call.town.register(PAYER, OTHER)
    for payer in (PAYER, OTHER):
        call.town.charge(payer, 1_000)
    wallet, other = call.log_in(PAYER), call.log_in(OTHER)

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: call.post(STICKER, {"amount": 1}, wallet), range(MOST_OPEN_OF_WALLET + 8))
        )

    assert [answer.status_code for answer in answers].count(201) == MOST_OPEN_OF_WALLET
    assert {problem(answer) for answer in answers if answer.status_code != 201} == {FULL}
    assert problem(call.post("/merchants/13/checkouts", {"amount": 1}, wallet)) == FULL
    assert call.post(STICKER, {"amount": 1}, other).status_code == 201
    assert call.post("/tills/checkouts", {"amount": 1}, call.till(12)).status_code == 201


@pytest.mark.parametrize("late_ms", [-1, 0])
def test_what_has_expired_makes_room_again(call: Caller, late_ms: int) -> None:
    call.town.register(PAYER)
    call.town.charge(PAYER, 1_000)
    wallet = call.log_in(PAYER)
    for _ in range(MOST_OPEN_OF_WALLET):
        call.post(STICKER, {"amount": 1}, wallet)

    call.town.clock.advance_ms(PROGRAM.checkout.lifetime_s * 1000 + late_ms)
    answer = call.post(STICKER, {"amount": 1}, wallet)

    assert answer.status_code == (201 if late_ms == 0 else 409)
