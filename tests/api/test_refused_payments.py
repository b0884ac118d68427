"""A refused payment has its code of the ladder, does not affect accepted ones in the same request, and moves nothing."""

from typing import Any

import pytest

from coin.codes import new_checkout_id
from coin.errors import SENTENCES, Rejection
from tests.api.caller import Caller
from tests.api.town import SHOPS
from tests.worlds.people import address_of, person

PAYER, OTHER, NOBODY = person("aoi"), person("riku"), person("stranger")


@pytest.fixture
def charged(call: Caller) -> Caller:
    """A payer with 11,000 yen, and somebody without."""
    call.town.register(PAYER, OTHER)
    call.town.charge(PAYER, 10_000)
    return call


def balance(call: Caller) -> int:
    """What the payer has, and nothing else moved."""
    return int(call.get(f"/wallets/{PAYER.address}", call.log_in(PAYER)).json()["balance"])


def refuse(call: Caller, authorization: dict[str, Any]) -> dict[str, Any]:
    """Submit one that is refused; the balance stays."""
    before = balance(call)
    [result] = call.pay(authorization)
    assert result["status"] == "refused"
    assert balance(call) == before
    assert set(result) <= {"status", "type", "code", "title", "detail", "field"}
    return result


def test_a_refusal_stands_beside_an_acceptance_in_the_order_of_the_request(charged: Caller) -> None:
    good, bad = charged.authorization(PAYER, 12, 100, 0), charged.authorization(PAYER, 12, 50_000, 1)
    late = charged.authorization(PAYER, 12, 200, 2)

    results = charged.pay(good, bad, late)

    assert [result["status"] for result in results] == ["accepted", "refused", "accepted"]
    assert results[1]["code"] == "payment_limit"
    assert balance(charged) == 11_000 - 300


def test_a_signature_of_somebody_else_is_refused_whatever_else_is_wrong(charged: Caller) -> None:
    forged = charged.authorization(NOBODY, 12, 100, 0, new_checkout_id()) | {"from": PAYER.address}

    result = refuse(charged, forged)

    assert (result["code"], result["title"]) == (
        "signature_invalid",
        SENTENCES[Rejection.SIGNATURE_INVALID][0],
    )


def test_a_changed_amount_is_refused(charged: Caller) -> None:
    assert (
        refuse(charged, charged.authorization(PAYER, 12, 100, 0) | {"value": 1})["code"]
        == "signature_invalid"
    )


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("checkout_mismatch", {"value": 1_501}),
        ("checkout_mismatch", {"shop": 13}),
        ("checkout_unknown", {"checkout": "0" * 26}),
    ],
)
def test_a_payment_that_is_not_its_checkouts_is_refused(charged: Caller, code: str, change: Any) -> None:
    opened = charged.open_checkout(12, 1_500)
    fields = {"shop": 12, "value": 1_500, "checkout": opened["checkout"]} | change

    result = refuse(
        charged, charged.authorization(PAYER, fields["shop"], fields["value"], 0, fields["checkout"])
    )

    assert result["code"] == code


def test_a_checkout_is_paid_once_and_never_after_its_deadline(charged: Caller) -> None:
    paid, late = charged.open_checkout(12, 100), charged.open_checkout(12, 100)
    charged.pay(charged.authorization(PAYER, 12, 100, 0, paid["checkout"]))

    twice = refuse(charged, charged.authorization(PAYER, 12, 100, 1, paid["checkout"]))
    charged.town.clock.set_ms(late["deadline"])
    expired = refuse(charged, charged.authorization(PAYER, 12, 100, 1, late["checkout"]))

    assert (twice["code"], expired["code"]) == ("checkout_paid", "checkout_expired")


def test_a_used_nonce_and_one_outside_the_window_are_refused(charged: Caller) -> None:
    charged.pay(charged.authorization(PAYER, 12, 100, 0))

    used = refuse(charged, charged.authorization(PAYER, 12, 101, 0))
    outside = refuse(charged, charged.authorization(PAYER, 12, 101, 121))

    assert (used["code"], outside["code"]) == ("nonce_used", "nonce_out_of_window")


def test_the_same_authorization_again_gets_the_first_answer_byte_for_byte(charged: Caller) -> None:
    signed = charged.authorization(PAYER, 12, 100, 0)

    first = charged.post("/payments", {"authorizations": [signed]})
    charged.town.clock.advance_ms(24 * 3_600_000)
    again = charged.post("/payments", {"authorizations": [signed]})

    assert first.content == again.content
    assert balance(charged) == 10_900


def test_the_same_authorization_for_another_checkout_is_its_own_error(charged: Caller) -> None:
    one, other = charged.open_checkout(12, 100), charged.open_checkout(12, 100)
    signed = charged.authorization(PAYER, 12, 100, 0, one["checkout"])
    charged.pay(signed)

    result = refuse(charged, signed | {"checkout": other["checkout"]})

    assert (result["code"], result["field"]) == ("authorization_for_other_checkout", "checkout")


def test_an_empty_wallet_an_unknown_one_and_an_unknown_shop_are_refused(charged: Caller) -> None:
    poor = refuse(charged, charged.authorization(OTHER, 12, 1, 0))
    unknown = refuse(charged, charged.authorization(NOBODY, 12, 1, 0))
    no_shop = refuse(charged, charged.signed(PAYER, address_of(NOBODY), 1, 0))
    shop_pays = refuse(charged, charged.authorization(SHOPS[13], 12, 1, 0))

    assert [result["code"] for result in (poor, unknown, no_shop, shop_pays)] == [
        "insufficient_balance",
        "holder_unknown",
        "merchant_not_registered",
        "holder_is_merchant",
    ]


def test_an_authorization_whose_time_is_over_is_refused(charged: Caller) -> None:
    signed = charged.authorization(PAYER, 12, 100, 0)
    charged.town.clock.advance_ms(12 * 3_600_000)

    assert refuse(charged, signed)["code"] == "authorization_expired"


def test_a_closed_shop_takes_nothing(charged: Caller) -> None:
    charged.town.shop(SHOPS[12], 12, 2)

    assert refuse(charged, charged.authorization(PAYER, 12, 100, 0))["code"] == "merchant_closed"


def test_a_cancelled_authorization_never_pays(charged: Caller) -> None:
    signed = charged.authorization(PAYER, 12, 100, 0)

    cancelled = charged.cancel(PAYER, 0)
    again = charged.cancel(PAYER, 0)

    assert cancelled.status_code == 200
    assert set(cancelled.json()) == {"sequence", "accepted_at_ms", "receipt"}
    assert again.json() == cancelled.json()
    assert refuse(charged, signed)["code"] == "nonce_used"


def test_nobody_cancels_for_somebody_else(charged: Caller) -> None:
    answer = charged.cancel(OTHER, 0, authorizer=PAYER.address)

    assert (answer.status_code, answer.json()["code"]) == (422, "signature_invalid")
    assert charged.pay(charged.authorization(PAYER, 12, 100, 0))[0]["status"] == "accepted"


def test_every_code_of_a_refusal_is_one_of_the_ladder(charged: Caller) -> None:
    result = refuse(charged, charged.authorization(PAYER, 12, 30_001, 0))

    assert result["code"] in {reason.code for reason in Rejection}
