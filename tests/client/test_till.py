"""A till hands goods over for a real receipt of its own checkout, once."""

from dataclasses import replace

import pytest

from bandai_client import Checkout, PairedTill, Receipt, ReceiptBook, Till, verify_receipt
from coin.errors import CoinError, Conflict
from coin.qr.text import build, parse
from tests.worlds.other_side import (
    CHECKOUT,
    NEXT_CHECKOUT,
    NOW_MS,
    QR_TEXT,
    RECEIPTS,
    SHOP,
    STICKER_TEXT,
    TOWN,
    merchant,
    receipt,
)


@pytest.fixture
def till(side):
    with side.gateway() as connected:
        yield Till(connected, "secret-of-the-till")


@pytest.fixture
def paired(side):
    became = PairedTill("till-1", "レジ 1", "そば処　磐梯", 12, str(SHOP), "secret-of-the-till")
    with side.gateway() as connected:
        yield Till(connected, became.credential, paired=became)


def code(text=QR_TEXT, **changes):
    return build(replace(parse(text), **changes))


def paid_receipt(wallet, code=QR_TEXT):
    return wallet.pay(code).receipt


def test_a_till_opens_a_checkout_with_its_credential_and_shows_its_code(side, till):
    checkout = till.open_checkout(1250, "slip 5")

    assert side.sent("/v1/sessions/credentials") == [{"credential": "secret-of-the-till"}]
    assert side.sent("/v1/tills/checkouts") == [
        {"amount": 1250, "checkout": checkout.id, "reference": "slip 5"}
    ]
    assert (checkout.qr_text, checkout.status) == (code(checkout=checkout.id), "open")


@pytest.mark.parametrize(
    "lie",
    [
        lambda answer: {"amount": 12_500, "qr": code(answer["qr"], amount_yen=12_500)},
        lambda answer: {"amount": 125, "qr": code(answer["qr"], amount_yen=125)},
        lambda answer: {"qr": code(answer["qr"], amount_yen=12_500)},
        lambda answer: {"qr": code(answer["qr"], merchant_number=13)},
        lambda answer: {"qr": code(answer["qr"], municipality="074080")},
        lambda _: {"qr": QR_TEXT},
        lambda _: {"checkout": CHECKOUT},
        lambda _: {"qr": STICKER_TEXT},
        lambda _: {"qr": "https://town.test/pay"},
    ],
)
def test_a_checkout_whose_amount_or_code_is_not_what_was_typed_is_refused_before_anybody_sees_it(
    side, till, lie
):
    side.change = lambda path, answer: answer | lie(answer) if path == "/v1/tills/checkouts" else answer

    with pytest.raises(CoinError) as refusal:
        till.open_checkout(1250)

    assert refusal.value.code == "gateway_answer_wrong"


def test_an_older_checkout_that_was_paid_and_never_taken_is_refused_as_the_answer_to_a_new_one(
    side, paired, wallet
):
    older = paired.open_checkout(1250)
    receipt = paid_receipt(wallet, older.qr_text)
    again = {
        "checkout": older.id,
        "qr": older.qr_text,
        "status": "paid",
        "payment": {"receipt": receipt.as_json()},
    }
    side.change = lambda path, answer: answer | again if path == "/v1/tills/checkouts" else answer

    with pytest.raises(CoinError) as refusal:
        paired.open_checkout(1250)

    assert refusal.value.code == "gateway_answer_wrong"
    assert paired.take(older, receipt) is None


def test_an_answer_about_another_checkout_than_was_asked_for_is_refused(side, till):
    side.change = lambda _, answer: answer | {"checkout": NEXT_CHECKOUT} if "status" in answer else answer

    with pytest.raises(CoinError) as refusal:
        till.look(CHECKOUT)

    assert refusal.value.code == "gateway_answer_wrong"


@pytest.mark.parametrize("lie", [{"number": 13}, {"address": str(RECEIPTS)}])
def test_a_till_opens_looks_at_and_lists_checkouts_of_the_shop_only_that_it_was_paired_for(side, paired, lie):
    def change(_, answer):
        if "merchant" not in answer:
            return answer
        changed = answer | {"merchant": merchant() | lie}
        changed["qr"] = code(merchant_number=changed["merchant"]["number"])
        return {"items": [{"checkout": changed, "till": None, "opened_at": NOW_MS}]} | changed

    side.change = change

    for act in (lambda: paired.open_checkout(1250), lambda: paired.look(CHECKOUT), paired.recent):
        with pytest.raises(CoinError) as refusal:
            act()
        assert refusal.value.code == "till_shop_changed"


def test_what_was_paid_by_the_sticker_pays_nothing_that_this_till_opened(paired):
    opened = paired.open_checkout(1250)
    asked = {"to": str(SHOP), "checkout": opened.id, "value": 1250}
    by_sticker = Receipt.read(receipt(asked, b"\x01" * 32, lies={"till": ""}))

    with pytest.raises(Conflict) as refusal:
        paired.take(opened, by_sticker)

    assert refusal.value.code == "receipt_of_other_till"
    assert paired.take(opened, Receipt.read(receipt(asked, b"\x01" * 32))) is None


def test_a_real_receipt_of_the_checkout_is_taken_once(side, till, wallet):
    checkout = till.open_checkout(1250)
    real = paid_receipt(wallet, checkout.qr_text)

    till.take(checkout, real)
    with pytest.raises(Conflict) as second:
        till.take(checkout, real)

    assert second.value.code == "receipt_taken"


def test_a_receipt_taken_before_a_restart_is_not_taken_after_it(side, wallet, tmp_path):
    file = tmp_path / "taken"
    real = paid_receipt(wallet)
    ReceiptBook(file).take(TOWN, real)

    with pytest.raises(Conflict) as second:
        ReceiptBook(file).take(TOWN, real)

    assert second.value.code == "receipt_taken"
    assert file.stat().st_mode & 0o077 == 0


def test_a_line_that_a_power_cut_left_half_written_hides_no_later_one(side, wallet, tmp_path):
    file = tmp_path / "taken"
    real = paid_receipt(wallet)
    file.write_text("00" * 20)

    ReceiptBook(file).take(TOWN, real)

    assert ReceiptBook(file).has(real.payment)


def test_two_programs_of_one_till_take_a_receipt_once(side, wallet, tmp_path):
    file = tmp_path / "taken"
    real = paid_receipt(wallet)
    one, two = ReceiptBook(file), ReceiptBook(file)
    one.take(TOWN, real)

    with pytest.raises(Conflict) as second:
        two.take(TOWN, real)

    assert second.value.code == "receipt_taken"
    assert two.has(real.payment)


def test_a_receipt_of_another_amount_checkout_or_shop_is_not_taken(side, till, wallet):
    checkout = till.open_checkout(1250)
    real = paid_receipt(wallet, checkout.qr_text)
    others = [
        till.open_checkout(1251),
        Checkout(**vars(checkout) | {"id": "0" * 26}),
        Checkout(
            **vars(checkout)
            | {"merchant": type(checkout.merchant)(**vars(checkout.merchant) | {"address": bytes(20)})}
        ),
    ]

    for other in others:
        with pytest.raises(CoinError) as refusal:
            till.take(other, real)
        assert refusal.value.code == "receipt_wrong"


def test_a_receipt_signed_by_any_other_key_is_not_real(side, wallet):
    real = paid_receipt(wallet)
    from bandai_client import Key

    forged = Receipt(**vars(real) | {"signature": Key.create().sign(real.digest(TOWN))})

    with pytest.raises(CoinError) as refusal:
        verify_receipt(TOWN, forged)

    assert refusal.value.code == "receipt_wrong"


@pytest.mark.parametrize("signature", [b"", bytes(65), b"\xff" * 65, bytes(64)])
def test_a_signature_that_is_none_is_not_real(side, wallet, signature):
    real = paid_receipt(wallet)

    with pytest.raises(CoinError) as refusal:
        verify_receipt(TOWN, Receipt(**vars(real) | {"signature": signature}))

    assert refusal.value.code == "receipt_wrong"


def test_waiting_ends_with_the_verified_receipt_when_the_checkout_is_paid(side, till, wallet):
    checkout = till.open_checkout(1250)
    wallet.pay(checkout.qr_text)
    [accepted] = side.accepted.values()
    states = iter([{"status": "open"}, {"status": "paid", "payment": {"receipt": accepted["receipt"]}}])
    asked = f"/v1/checkouts/{checkout.id}"
    side.change = lambda path, answer: answer | next(states) if path == asked else answer
    naps = []

    taken = till.wait_until_paid(checkout, sleep=naps.append)

    assert taken.amount_yen == 1250
    assert naps == [1.0]


def test_waiting_ends_with_nothing_when_the_time_of_the_checkout_passed(side, wallet):
    with side.gateway(now_ms=lambda: NOW_MS + 3_600_000) as gateway:
        till = Till(gateway, "secret-of-the-till")
        checkout = till.open_checkout(1250)
        side.change = lambda _, answer: answer | {"status": "expired"} if "status" in answer else answer

        assert till.wait_until_paid(checkout, sleep=pytest.fail) is None


def test_a_payment_of_the_last_moment_that_was_still_being_written_is_taken(side, till, wallet):
    checkout = till.open_checkout(1250)
    wallet.pay(checkout.qr_text)
    [accepted] = side.accepted.values()
    states = iter([{"status": "expired"}, {"status": "paid", "payment": {"receipt": accepted["receipt"]}}])
    asked = f"/v1/checkouts/{checkout.id}"
    side.change = lambda path, answer: answer | next(states) if path == asked else answer
    naps = []

    taken = till.wait_until_paid(Checkout(**vars(checkout) | {"deadline_ms": NOW_MS}), sleep=naps.append)

    assert taken.amount_yen == 1250
    assert 1 < naps[0] <= 2


def test_a_gateway_that_says_paid_without_a_real_receipt_is_not_believed(side, till):
    checkout = till.open_checkout(1250)
    fake = receipt({"to": str(SHOP), "checkout": checkout.id, "value": 1250}, b"\x01" * 32, sequence=1)
    fake["accepted_at_ms"] = NOW_MS + 1
    lie = {"status": "paid", "payment": {"receipt": fake}}
    side.change = lambda path, answer: answer | lie if path.startswith("/v1/checkouts/") else answer

    with pytest.raises(CoinError) as refusal:
        till.wait_until_paid(checkout, sleep=pytest.fail)

    assert refusal.value.code == "receipt_wrong"
