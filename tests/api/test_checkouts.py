"""A checkout is opened for a shop that is open, for an amount that may be paid, and only its parties can see it."""

import pytest

from coin.codes import CROCKFORD, new_checkout_id
from coin.qr.text import Dynamic, parse
from tests.api.caller import Caller, problem
from tests.api.town import PROGRAM, SHOPS
from tests.worlds.people import person

PAYER, OTHER = person("aoi"), person("riku")


def test_a_tills_checkout_is_its_own_shops_and_its_code_says_the_same(call: Caller) -> None:
    opened = call.open_checkout(12, 1_500)

    code = parse(opened["qr"])
    assert isinstance(code, Dynamic)
    assert (code.municipality, code.merchant_number, code.amount_yen, code.checkout, code.name_ja) == (
        "074071",
        12,
        1_500,
        opened["checkout"],
        "商店12",
    )
    assert opened["merchant"]["address"] == SHOPS[12].address
    assert opened["deadline"] == call.town.clock.now_ms() + PROGRAM.checkout.lifetime_s * 1000
    assert (opened["status"], opened["payment"]) == ("open", None)


def test_a_wallet_that_read_a_sticker_opens_and_pays_a_checkout(call: Caller) -> None:
    call.town.register(PAYER)
    call.town.charge(PAYER, 10_000)
    token = call.log_in(PAYER)

    opened = call.post("/merchants/13/checkouts", {"amount": 800}, token).json()
    [paid] = call.pay(call.authorization(PAYER, 13, 800, 0, opened["checkout"]))

    assert opened["merchant"]["name"] == "商店13"
    assert paid["receipt"]["till"] == ""
    assert call.get(f"/checkouts/{opened['checkout']}", call.till(13)).json()["status"] == "paid"


def test_a_closed_shop_opens_no_checkout(call: Caller) -> None:
    till, wallet = call.till(12), call.log_in(PAYER)
    call.town.shop(SHOPS[12], 12, 2)

    answers = [
        call.post("/tills/checkouts", {"amount": 1}, till),
        call.post("/merchants/12/checkouts", {"amount": 1}, wallet),
    ]

    assert [problem(answer) for answer in answers] == [(422, "merchant_closed", "number")] * 2


def test_an_unknown_shop_is_not_found(call: Caller) -> None:
    answer = call.post("/merchants/999999/checkouts", {"amount": 1}, call.log_in(PAYER))

    assert problem(answer)[:2] == (404, "merchant_unknown")


def test_more_than_one_payment_may_be_is_refused_before_a_code_is_shown(call: Caller) -> None:
    limit = PROGRAM.limits.payment_yen

    at = call.post("/tills/checkouts", {"amount": limit}, call.till(12))
    above = call.post("/tills/checkouts", {"amount": limit + 1}, call.till(12))

    assert at.status_code == 201
    assert problem(above) == (422, "payment_limit", "amount")


def test_a_checkout_expires_at_its_deadline_unless_it_was_paid(call: Caller) -> None:
    call.town.register(PAYER)
    call.town.charge(PAYER, 10_000)
    paid, unpaid = call.open_checkout(12, 100), call.open_checkout(12, 100)
    call.pay(call.authorization(PAYER, 12, 100, 0, paid["checkout"]))

    call.town.clock.set_ms(unpaid["deadline"] - 1)
    before = call.get(f"/checkouts/{unpaid['checkout']}", call.till(12)).json()["status"]
    call.town.clock.set_ms(unpaid["deadline"])
    after = [
        call.get(f"/checkouts/{one['checkout']}", call.till(12)).json()["status"] for one in (paid, unpaid)
    ]

    assert before == "open"
    assert after == ["paid", "expired"]


def test_a_till_sees_its_own_shops_checkouts_only(call: Caller) -> None:
    opened = call.open_checkout(12, 100)

    foreign = call.get(f"/checkouts/{opened['checkout']}", call.till(13))
    missing = call.get(f"/checkouts/{new_checkout_id()}", call.till(13))

    assert problem(foreign) == (404, "checkout_unknown", None)
    assert foreign.content == missing.content


def test_a_wallet_that_read_the_code_sees_what_is_asked_but_not_who_paid(call: Caller) -> None:
    call.town.register(PAYER, OTHER)
    call.town.charge(PAYER, 10_000)
    opened = call.open_checkout(12, 100, reference="席3")
    path = f"/checkouts/{opened['checkout']}"
    call.pay(call.authorization(PAYER, 12, 100, 0, opened["checkout"]))

    payer, other = (call.get(path, call.log_in(one)).json() for one in (PAYER, OTHER))

    assert payer["payment"]["amount"] == 100
    assert (other["status"], other["amount"]) == ("paid", 100)
    assert (other["payment"], other["reference"]) == (None, None)


def test_without_a_session_nobody_reads_a_checkout(call: Caller) -> None:
    opened = call.open_checkout(12, 100)

    assert problem(call.get(f"/checkouts/{opened['checkout']}")) == (401, "unauthorized", None)


@pytest.mark.parametrize("checkout", ["0" * 25, "0" * 27, "I" * 26, "o" * 26, "%00" * 26])
def test_what_cannot_be_a_checkouts_id_is_named(call: Caller, checkout: str) -> None:
    answer = call.get(f"/checkouts/{checkout}", call.till(12))

    assert problem(answer) == (400, "invalid_input", "checkout")


@pytest.mark.parametrize("number", ["0", "1000000", "-1", "1.5", "x", "1e3"])
def test_what_cannot_be_a_shops_number_is_named(call: Caller, number: str) -> None:
    answer = call.post(f"/merchants/{number}/checkouts", {"amount": 1}, call.log_in(PAYER))

    assert problem(answer) == (400, "invalid_input", "number")


def test_a_till_that_draws_the_id_gets_a_checkout_of_just_this_id_and_once(call: Caller) -> None:
    drawn = new_checkout_id()

    opened = call.open_checkout(12, 100, checkout=drawn)
    taken = [
        call.post("/tills/checkouts", {"amount": 7, "checkout": drawn}, call.till(shop)) for shop in (12, 13)
    ]
    now = call.get(f"/checkouts/{drawn}", call.till(12)).json()

    assert opened["checkout"] == drawn
    assert [problem(one) for one in taken] == [(409, "checkout_exists", "checkout")] * 2
    assert (now["amount"], now["merchant"]["number"]) == (opened["amount"], opened["merchant"]["number"])


@pytest.mark.parametrize("drawn", ["0" * 25, "0" * 27, "I" * 26, "o" * 26, ""])
def test_a_drawn_id_that_cannot_be_one_is_named(call: Caller, drawn: str) -> None:
    answer = call.post("/tills/checkouts", {"amount": 1, "checkout": drawn}, call.till(12))

    assert problem(answer) == (400, "invalid_input", "checkout")


def test_ids_are_26_characters_of_crockford_and_never_the_same() -> None:
    ids = {new_checkout_id() for _ in range(1_000)}

    assert len(ids) == 1_000
    assert all(len(one) == 26 and set(one) <= set(CROCKFORD) for one in ids)


def test_a_reference_with_a_control_character_is_named(call: Caller) -> None:
    answer = call.post("/tills/checkouts", {"amount": 1, "reference": "a\nb"}, call.till(12))

    assert problem(answer) == (400, "invalid_input", "reference")
