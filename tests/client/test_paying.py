"""A wallet signs exactly what the code says, and a payment is done only with a verified receipt."""

from dataclasses import replace

import pytest

from bandai_client import Key, PaymentInDoubt, Wallet, submit_many
from coin.errors import CoinError, InvalidInput, Rejected
from coin.qr.text import build, parse
from tests.worlds.other_side import (
    CHECKOUT,
    NEXT_CHECKOUT,
    NEXT_QR_TEXT,
    NOW_MS,
    QR_TEXT,
    RECEIPTS,
    SHOP,
    STICKER_TEXT,
    hexed,
    receipt,
    unhexed,
)


def test_a_code_of_a_till_is_paid_as_it_says(side, wallet):
    paid = wallet.pay(QR_TEXT)

    [sent] = side.payments()
    assert (sent["to"], sent["value"], sent["checkout"]) == (str(SHOP), 1250, CHECKOUT)
    assert sent["validAfter"] == 0
    assert 43_200 <= sent["validBefore"] - NOW_MS // 1000 <= 43_260
    assert int(sent["nonce"], 16) == 0
    assert (paid.amount_yen, hexed(paid.payment)) == (1250, *side.accepted)


def test_a_sticker_is_paid_with_the_amount_that_was_typed(side, wallet):
    paid = wallet.pay(STICKER_TEXT, 800)

    assert side.sent("/v1/merchants/12/checkouts") == [{"amount": 800}]
    assert paid.amount_yen == 800


def test_a_sticker_without_an_amount_is_refused_before_anything_is_asked(side, wallet):
    with pytest.raises(InvalidInput) as refusal:
        wallet.pay(STICKER_TEXT)

    assert (refusal.value.code, refusal.value.field) == ("amount_missing", "amount")
    assert side.payments() == []


def test_the_payer_sees_the_registered_name_and_may_still_say_no(side, wallet):
    seen = []

    answer = wallet.pay(QR_TEXT, approve=lambda checkout: seen.append(checkout) or False)

    assert answer is None
    assert [(c.merchant.name, c.amount_yen) for c in seen] == [("そば処　磐梯", 1250)]
    assert side.payments() == []


@pytest.mark.parametrize(
    "lie",
    [
        {"amount": 12500},
        {"amount": 1249},
        {"checkout": NEXT_CHECKOUT},
        {
            "merchant": {
                "number": 13,
                "name": "別の店",
                "name_romaji": "X",
                "address": str(SHOP),
                "category": "0000",
            }
        },
    ],
)
def test_a_checkout_that_is_not_what_the_code_says_is_not_signed(side, wallet, lie):
    side.change = lambda path, answer: answer | lie if path.startswith("/v1/checkouts/") else answer

    with pytest.raises(Rejected) as refusal:
        wallet.pay(QR_TEXT)

    assert refusal.value.code == "checkout_mismatch"
    assert side.payments() == []


@pytest.mark.parametrize(("status", "code"), [("paid", "checkout_paid"), ("expired", "checkout_expired")])
def test_a_checkout_that_is_over_is_not_signed(side, wallet, status, code):
    side.change = lambda path, answer: answer | {"status": status} if "checkouts" in path else answer

    with pytest.raises(Rejected) as refusal:
        wallet.pay(QR_TEXT)

    assert refusal.value.code == code
    assert side.payments() == []


def test_a_typed_amount_that_differs_from_the_code_is_not_signed(side, wallet):
    with pytest.raises(Rejected) as refusal:
        wallet.pay(QR_TEXT, 1000)

    assert refusal.value.code == "checkout_mismatch"
    assert side.payments() == []


def test_a_code_of_another_municipality_is_refused_with_the_towns_name(side, wallet):
    elsewhere = build(replace(parse(QR_TEXT), municipality="074080"))

    with pytest.raises(InvalidInput) as refusal:
        wallet.pay(elsewhere)

    assert refusal.value.code == "qr_other_municipality"
    assert "磐梯町" in refusal.value.ja
    assert side.payments() == []


@pytest.mark.parametrize(
    ("lie", "field"),
    [
        ({"amount": 1249}, "payment"),
        ({"payment": "0x" + "11" * 32}, "payment"),
        ({"checkout": NEXT_CHECKOUT}, "payment"),
        ({"merchant": str(RECEIPTS)}, "payment"),
        ({"key_id": "0x" + "22" * 32}, "key_id"),
    ],
)
def test_a_receipt_for_anything_else_is_not_believed(side, wallet, lie, field):
    side.change = lambda path, answer: with_receipt(side, lie) if path == "/v1/payments" else answer

    with pytest.raises(PaymentInDoubt) as refusal:
        wallet.pay(QR_TEXT)

    assert (refusal.value.cause.code, refusal.value.cause.field) == ("receipt_wrong", field)


def with_receipt(side, lie):
    [authorization] = side.payments()
    [accepted] = side.accepted.values()
    return {
        "results": [accepted | {"receipt": receipt(authorization, unhexed(accepted["payment"]), lies=lie)}]
    }


@pytest.mark.parametrize("field", ["till", "sequence", "accepted_at_ms", "signature"])
def test_a_receipt_with_one_field_changed_after_signing_is_not_believed(side, wallet, field):
    changed = {
        "till": "till-2",
        "sequence": 9,
        "accepted_at_ms": 1,
        "signature": hexed(Key.create().sign(bytes(32))),
    }

    def change(path, answer):
        if path == "/v1/payments":
            answer["results"][0]["receipt"][field] = changed[field]
        return answer

    side.change = change

    with pytest.raises(PaymentInDoubt) as refusal:
        wallet.pay(QR_TEXT)

    assert (refusal.value.cause.code, refusal.value.cause.field) == ("receipt_wrong", "signature")


def test_a_refusal_comes_as_the_ladders_reason_and_its_nonce_is_used_again(side, wallet):
    side.refuse = lambda _: "insufficient_balance"
    with pytest.raises(Rejected) as refusal:
        wallet.pay(QR_TEXT)
    side.refuse = lambda _: None

    wallet.pay(NEXT_QR_TEXT)

    assert refusal.value.code == "insufficient_balance"
    assert [int(sent["nonce"], 16) for sent in side.payments()] == [0, 0]


def test_nonces_are_leased_once_for_many_payments_and_used_from_the_lowest(side, wallet):
    for _ in range(16):
        wallet.send(SHOP.address, 10)

    assert [int(sent["nonce"], 16) for sent in side.payments()] == list(range(16))
    assert len([path for path, _, _ in side.requests if path.endswith("/nonces")]) == 1


def test_payments_of_many_wallets_go_in_one_request_and_each_concludes_its_own(side):
    with side.gateway() as connected:
        wallets = [Wallet(connected, Key.create()) for _ in range(5)]
        signed = [w.authorize(SHOP.address, 100 + i, None) for i, w in enumerate(wallets)]
        results = submit_many(connected, signed)
        paid = [w.conclude(s, r) for w, s, r in zip(wallets, signed, results, strict=True)]

    assert [p.amount_yen for p in paid] == [100, 101, 102, 103, 104]
    assert len(side.sent("/v1/payments")) == 1


def test_balance_and_history_are_read_lot_by_lot(side, wallet):
    wallet.pay(QR_TEXT)

    balance = wallet.balance()

    assert (balance.total_yen, [(lot.kind, lot.fund) for lot in balance.lots]) == (
        1100,
        [("point", "premium"), ("coin", None)],
    )
    assert [hexed(item.payment) for item in wallet.history()] == list(side.accepted)


def test_a_balance_that_is_not_the_sum_of_its_lots_is_refused(side, wallet):
    side.change = lambda _, answer: answer | {"balance": 1101} if "balance" in answer else answer

    with pytest.raises(CoinError) as refusal:
        wallet.balance()

    assert refusal.value.code == "gateway_answer_wrong"
