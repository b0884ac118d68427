"""Whatever request or answer is lost, nobody pays twice, and the outcome of a payment is found out."""

import pytest

from bandai_client import EarlierPaymentAccepted, submit_many
from coin.errors import Unavailable
from tests.worlds.other_side import NEXT_QR_TEXT, QR_TEXT, SHOP, STICKER_TEXT


def lose_payments(path):
    return path == "/v1/payments"


def mend(side):
    side.lose_answer = side.lose_request = lambda _: False


def test_a_lost_answer_is_asked_for_again_with_the_same_bytes(side, wallet):
    lost = iter([True, False])
    side.lose_answer = lambda path: path == "/v1/payments" and next(lost)

    paid = wallet.pay(QR_TEXT)

    first, second = side.payments()
    assert first == second
    assert len(side.accepted) == 1
    assert paid.amount_yen == 1250


def test_a_payment_without_an_answer_is_in_doubt_and_paying_again_does_not_pay_twice(side, wallet):
    side.lose_answer = lose_payments
    with pytest.raises(Unavailable):
        wallet.pay(QR_TEXT)
    in_doubt = wallet.in_doubt
    mend(side)

    paid = wallet.pay(QR_TEXT)

    assert paid.payment == in_doubt.payment
    assert wallet.in_doubt is None
    assert len(side.accepted) == 1


@pytest.mark.parametrize("again", [lambda w: w.pay(NEXT_QR_TEXT), lambda w: w.pay(STICKER_TEXT, 1250)])
def test_another_payment_after_one_in_doubt_that_arrived_is_not_signed_until_asked_again(side, wallet, again):
    side.lose_answer = lose_payments
    with pytest.raises(Unavailable):
        wallet.pay(QR_TEXT)
    mend(side)

    with pytest.raises(EarlierPaymentAccepted) as told:
        again(wallet)
    after_being_told = len(side.accepted)
    again(wallet)

    assert told.value.paid.amount_yen == 1250
    assert after_being_told == 1
    assert len(side.accepted) == 2


def test_a_send_in_doubt_that_arrived_is_told_and_not_repeated(side, wallet):
    side.lose_answer = lose_payments
    with pytest.raises(Unavailable):
        wallet.send(SHOP.address, 500)
    mend(side)

    with pytest.raises(EarlierPaymentAccepted):
        wallet.send(SHOP.address, 500)

    assert len(side.accepted) == 1


def test_a_payment_in_doubt_that_never_arrived_is_sent_when_the_line_is_back(side, wallet):
    side.lose_request = lose_payments
    with pytest.raises(Unavailable):
        wallet.pay(QR_TEXT)
    mend(side)

    paid = wallet.pay(QR_TEXT)

    assert len(side.accepted) == 1
    assert paid.amount_yen == 1250


def test_after_a_payment_in_doubt_that_never_arrived_another_has_its_nonce_so_that_one_pays(side, wallet):
    side.lose_request = lose_payments
    with pytest.raises(Unavailable):
        wallet.pay(QR_TEXT)
    first = wallet.in_doubt
    mend(side)

    paid = wallet.pay(STICKER_TEXT, 700)
    late = submit_many(side.gateway(), [first])

    assert paid.authorization.nonce == first.nonce
    assert (paid.amount_yen, late[0]["code"]) == (700, "nonce_used")
    assert wallet.in_doubt is None


def test_a_payment_that_stays_in_doubt_lets_no_other_pass(side, wallet):
    side.lose_answer = lambda path: path.endswith("/payments")
    with pytest.raises(Unavailable):
        wallet.pay(QR_TEXT)

    with pytest.raises(Unavailable):
        wallet.pay(NEXT_QR_TEXT)

    assert {sent["checkout"] for sent in side.payments()} == {wallet.in_doubt.checkout}


def test_a_lease_during_doubt_does_not_hand_out_the_doubtful_nonce(side, wallet):
    side.lose_request = lose_payments
    with pytest.raises(Unavailable):
        wallet.pay(QR_TEXT)

    assert wallet.in_doubt.nonce not in wallet.lease_nonces()


def test_a_creation_is_repeated_under_one_idempotency_key_and_the_next_has_another(side, wallet):
    lost = iter([True, False, False])
    side.lose_answer = lambda path: path.startswith("/v1/merchants") and next(lost)

    wallet.look_up(STICKER_TEXT, 500)
    wallet.look_up(STICKER_TEXT, 500)

    keys = [
        headers["Idempotency-Key"] for path, _, headers in side.requests if path.startswith("/v1/merchants")
    ]
    assert len(keys) == 3
    assert keys[0] == keys[1] != keys[2]


def test_a_gateway_that_is_not_there_is_unavailable(side, wallet):
    side.lose_request = lambda _: True

    with pytest.raises(Unavailable):
        wallet.balance()
