"""The wallet's and the till's library against the real gateway on real books: nothing between them is simulated."""

import pytest

from bandai_client import Key, ReceiptBook, Till, Wallet, submit_many, verify_receipt
from coin.errors import InvalidInput, NotFound, Rejected, Unauthorized
from coin.qr.text import Static, build
from coin.registry import credentials
from tests.worlds.people import address_of, key_of
from tests.worlds.rules import FUND


def test_a_charged_wallet_pays_a_tills_code_and_the_till_takes_the_receipt_once(line):
    wallet, till = line.wallet("hana"), Till(line.gateway, line.credential)
    wallet.register()
    line.town.charge("hana", 10_000)
    checkout = till.open_checkout(1_250, "slip 5")

    paid = wallet.pay(checkout.qr_text)

    assert till.wait_until_paid(checkout, sleep=pytest.fail) == paid.receipt
    verify_receipt(line.gateway.town, paid.receipt)
    assert sum(part.amount_yen for part in paid.parts) == 1_250
    assert wallet.balance().total_yen == line.town.balance("hana") == 11_000 - 1_250
    assert line.town.shop_balance(1) == 1_250


def test_a_wallet_that_read_a_sticker_pays_the_amount_that_was_typed(line):
    wallet = line.wallet("hana")
    wallet.register()
    line.town.charge("hana", 1_000)
    sticker = Static(municipality="074071", merchant_number=1, sticker_version=0, name="SHOP", city="BANDAI")
    seen = []

    paid = wallet.pay(build(sticker), 300, approve=lambda checkout: seen.append(checkout) or True)

    assert paid.amount_yen == 300
    assert seen[0].merchant.name == "商店1"
    assert line.town.shop_balance(1) == 300


def test_a_refused_payment_moves_nothing_and_the_next_one_uses_its_nonce(line):
    wallet, till = line.wallet("hana"), Till(line.gateway, line.credential)
    wallet.register()
    line.town.charge("hana", 1_000)
    too_much, enough = till.open_checkout(5_000), till.open_checkout(500)
    before = line.town.balance("hana")

    with pytest.raises(Rejected) as refusal:
        wallet.pay(too_much.qr_text)
    unmoved = line.town.balance("hana")
    paid = wallet.pay(enough.qr_text)

    assert refusal.value.code == "insufficient_balance"
    assert unmoved == before
    assert paid.amount_yen == 500
    assert wallet.lease_nonces(4) == (1, 2, 3, 4)


def test_a_checkout_is_paid_once_even_by_two_wallets(line):
    till, (one, two) = Till(line.gateway, line.credential), map(line.wallet, ("hana", "taro"))
    for name, wallet in (("hana", one), ("taro", two)):
        wallet.register()
        line.town.charge(name, 1_000)
    checkout = till.open_checkout(400)
    looked_up_before = two.look_up(checkout.qr_text)
    one.pay(checkout.qr_text)

    with pytest.raises(Rejected) as at_sight:
        two.pay(checkout.qr_text)
    with pytest.raises(Rejected) as at_acceptance:
        two.pay_checkout(looked_up_before)

    assert (at_sight.value.code, at_acceptance.value.code) == ("checkout_paid", "checkout_paid")
    assert line.town.shop_balance(1) == 400


def test_the_same_signed_payment_sent_again_gets_the_same_receipt_and_pays_once(line):
    wallet, till = line.wallet("hana"), Till(line.gateway, line.credential)
    wallet.register()
    line.town.charge("hana", 1_000)
    checkout = till.open_checkout(400)
    authorization = wallet.authorize(checkout.merchant.address, 400, checkout.id)

    first, second = wallet.submit(authorization), wallet.submit(authorization)

    assert first == second
    assert line.town.shop_balance(1) == 400


def test_a_wallet_gets_its_payments_back_with_their_receipts(line):
    wallet, till = line.wallet("hana"), Till(line.gateway, line.credential)
    wallet.register()
    line.town.register("taro")
    line.town.charge("hana", 1_000)
    paid = [wallet.pay(till.open_checkout(10 + number).qr_text) for number in range(22)]
    sent = wallet.send(address_of("taro"), 7)

    assert list(line.wallet("hana").payments()) == [sent, *reversed(paid)]


def test_a_cancelled_payment_can_never_be_carried_out_and_the_town_has_signed_it(line):
    wallet, till = line.wallet("hana"), Till(line.gateway, line.credential)
    wallet.register()
    line.town.charge("hana", 1_000)
    checkout = till.open_checkout(400)
    lost = wallet.authorize(checkout.merchant.address, 400, checkout.id)
    wallet._outstanding.add(lost)

    cancelled, again = wallet.cancel(), wallet.cancel()
    late = submit_many(line.gateway, [lost])

    assert (cancelled, again, wallet.in_doubt) == (None, None, None)
    assert late[0]["code"] == "nonce_used"
    assert wallet.pay(checkout.qr_text).authorization.nonce == lost.nonce + 1


def test_a_payment_whose_answer_was_lost_is_found_without_being_sent_again(line):
    wallet, till = line.wallet("hana"), Till(line.gateway, line.credential)
    wallet.register()
    line.town.charge("hana", 1_000)
    checkout = till.open_checkout(400)
    sent = wallet.authorize(checkout.merchant.address, 400, checkout.id)
    wallet._outstanding.add(sent)
    before = wallet.ask_fate()
    line.wallet("hana").submit(sent)

    assert before is None
    assert wallet.ask_fate().payment == sent.payment
    assert wallet.in_doubt is None


def test_two_devices_of_one_wallet_pay_without_getting_into_each_others_way(line):
    key = Key(key_of("hana"))
    phone, watch = Wallet(line.gateway, key, device="phone"), Wallet(line.gateway, key, device="watch")
    till = Till(line.gateway, line.credential)
    phone.register()
    line.town.charge("hana", 1_000)

    nonces = (phone.lease_nonces(4), watch.lease_nonces(4))
    for wallet in (phone, watch, phone, watch):
        wallet.pay(till.open_checkout(100).qr_text)

    assert set(nonces[0]).isdisjoint(nonces[1])
    assert line.town.shop_balance(1) == 400


def test_a_person_sends_to_another_person(line):
    one, two = map(line.wallet, ("hana", "taro"))
    one.register()
    two.register()
    line.town.charge("hana", 1_000)

    one.send(two.address, 250)

    assert line.town.balance("taro") == 250
    assert two.balance().total_yen == 250


def test_the_balance_shows_each_lot_with_its_fund_and_the_history_its_movements(line):
    wallet, till = line.wallet("hana"), Till(line.gateway, line.credential)
    wallet.register()
    line.town.charge("hana", 10_000)
    paid = wallet.pay(till.open_checkout(1_200).qr_text)

    balance, history = wallet.balance(), list(wallet.history())

    assert {(lot.kind, lot.fund) for lot in balance.lots} <= {("coin", None), ("point", FUND)}
    assert sum(item.amount_yen for item in history) == balance.total_yen
    assert paid.payment in {item.payment for item in history}
    assert wallet.status(paid.payment).status == "accepted"


def test_another_persons_wallet_cannot_be_seen(line):
    one, two = map(line.wallet, ("hana", "taro"))
    one.register()
    two.register()
    paid_by_one = line.town.charge("hana", 1_000)

    with pytest.raises(NotFound):
        two._sessions.get(f"/v1/wallets/0x{one.address.hex()}")

    assert paid_by_one is not None


def test_many_wallets_pay_in_one_request(line):
    till = Till(line.gateway, line.credential)
    names = [f"person {i}" for i in range(20)]
    line.town.register(*names)
    for name in names:
        line.town.charge(name, 1_000)
    people = [line.wallet(name) for name in names]
    checkouts = [person.look_up(till.open_checkout(100).qr_text) for person in people]

    signed = [
        p.authorize(c.merchant.address, c.amount_yen, c.id) for p, c in zip(people, checkouts, strict=True)
    ]
    paid = [
        p.conclude(s, r) for p, s, r in zip(people, signed, submit_many(line.gateway, signed), strict=True)
    ]

    book = ReceiptBook()
    for one in paid:
        book.take(line.gateway.town, one.receipt)
    assert [one.receipt.sequence for one in paid] == sorted(one.receipt.sequence for one in paid)
    assert line.town.shop_balance(1) == 2_000


@pytest.mark.parametrize(
    ("amount", "code"), [(0, "invalid_input"), (1 << 24, "invalid_input"), (100_001, "payment_limit")]
)
def test_a_wrong_amount_at_the_till_is_named_and_opens_nothing(line, amount, code):
    with pytest.raises((InvalidInput, Rejected)) as refusal:
        Till(line.gateway, line.credential).open_checkout(amount)

    assert (refusal.value.code, refusal.value.field) == (code, "amount")
    assert line.town.rows("SELECT id FROM checkout") == []


def test_a_revoked_till_opens_no_checkout(line):
    till = Till(line.gateway, line.credential)
    till.open_checkout(100)
    with line.town.books() as books:
        [row] = books.connection.execute("SELECT id FROM credential").fetchall()
        credentials.revoke(books, row["id"])

    with pytest.raises(Unauthorized) as refusal:
        till.open_checkout(100)

    assert refusal.value.code == "credential_invalid"


def test_a_checkout_whose_time_passed_is_not_signed_and_the_till_stops_waiting(line):
    wallet, till = line.wallet("hana"), Till(line.gateway, line.credential)
    wallet.register()
    checkout = till.open_checkout(100)
    line.town.clock.advance_ms(603_000)

    with pytest.raises(Rejected) as refusal:
        wallet.pay(checkout.qr_text)

    assert refusal.value.code == "checkout_expired"
    assert till.wait_until_paid(checkout, sleep=pytest.fail) is None


def test_a_payer_who_is_not_registered_is_refused(line):
    checkout = Till(line.gateway, line.credential).open_checkout(100)

    with pytest.raises((Rejected, NotFound)) as refusal:
        line.wallet("stranger").pay(checkout.qr_text)

    assert refusal.value.code in ("holder_unknown", "wallet_unknown")
