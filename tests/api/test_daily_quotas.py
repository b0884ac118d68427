"""A quota over HTTP: 429 with the seconds until the next day in Japan; in a list of payments the code of the one payment."""

from coin.clock import jst_midnight_s, parse_jst_date
from coin.registry import quotas
from tests.api.caller import Caller, problem
from tests.worlds.people import person

PAYER, EMPTY = person("aoi"), person("riku")
MIDNIGHT_MS = jst_midnight_s(parse_jst_date("2022-07-23")) * 1000


def used_up(call: Caller, most: int) -> None:
    """Everything that is counted was done so often today."""
    call.town.rows("UPDATE daily_use SET used = %s", most)
    call.town.clock.set_ms(MIDNIGHT_MS - 60_000)


def test_a_cancel_too_many_is_refused_until_midnight(call: Caller) -> None:
    call.town.register(PAYER)
    call.town.charge(PAYER, 1_000)
    first = call.cancel(PAYER, 0)
    used_up(call, quotas.CANCELS_OF_WALLET)

    refused = call.cancel(PAYER, 1)
    again = call.cancel(PAYER, 0)
    call.town.clock.set_ms(MIDNIGHT_MS)

    assert (first.status_code, again.status_code) == (200, 200)
    assert problem(refused) == (429, "daily_quota", None)
    assert refused.headers["retry-after"] == "60"
    assert call.cancel(PAYER, 1).status_code == 200


def test_a_till_that_opens_too_many_in_a_day_is_told_so(call: Caller) -> None:
    call.open_checkout(12, 100)
    used_up(call, quotas.CHECKOUTS_OF_TILL)

    refused = call.post("/tills/checkouts", {"amount": 100}, call.till(12))

    assert (problem(refused), refused.headers["retry-after"]) == ((429, "daily_quota", None), "60")
    assert call.post("/tills/checkouts", {"amount": 100}, call.till(13)).status_code == 201


def test_a_payment_too_many_has_the_code_in_its_place_of_the_list(call: Caller) -> None:
    call.town.register(PAYER)
    call.town.charge(PAYER, 1_000)
    items = [call.authorization(PAYER, 12, 1, number) for number in range(quotas.SPENDS_OF_WALLET + 1)]

    results = [result for at in range(0, len(items), 100) for result in call.pay(*items[at : at + 100])]

    assert {result["status"] for result in results[:-1]} == {"accepted"}
    assert (results[-1]["status"], results[-1]["code"]) == ("refused", "daily_quota")


def test_a_wallet_that_never_held_value_cancels_leases_and_opens_nothing(call: Caller) -> None:
    call.town.register(EMPTY)
    token = call.log_in(EMPTY)

    answers = [
        call.cancel(EMPTY, 0),
        call.post(f"/wallets/{EMPTY.address}/nonces", {"device": "phone", "count": 1}, token),
        call.post("/merchants/12/checkouts", {"amount": 100}, token),
    ]

    assert {problem(answer)[:2] for answer in answers} == {(422, "holder_without_value")}
    assert call.town.rows("SELECT * FROM daily_use") == []
