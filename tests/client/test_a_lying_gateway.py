"""Whatever a gateway answers, one purchase is paid once: a wallet leaves a nonce only with a proof."""

import threading

import httpx
import pytest

from bandai_client import EarlierPaymentAccepted, Gateway, Key, PaymentInDoubt, Wallet
from bandai_client._patience import PATIENCE_S
from coin.errors import CoinError, Rejected, Rejection, Unavailable
from tests.worlds.other_side import (
    NEXT_QR_TEXT,
    NOW_MS,
    QR_TEXT,
    SHOP,
    STICKER_TEXT,
    OtherSide,
    hexed,
    receipt,
)

ME = Key(bytes(31) + b"\x01")
REFUSALS = [reason.code for reason in Rejection if reason is not Rejection.NONE]
LIES = {
    **{code: (200, {"results": [{"status": "refused", "code": code}]}) for code in REFUSALS},
    "for another checkout": (
        200,
        {"results": [{"status": "refused", "code": "authorization_for_other_checkout"}]},
    ),
    "an unknown refusal": (200, {"results": [{"status": "refused", "code": "no_such_code"}]}),
    "another status": (200, {"results": [{"status": "maybe"}]}),
    "no result": (200, {"results": []}),
    "no receipt": (200, {"results": [{"status": "accepted"}]}),
    "a receipt of nothing": (200, {"results": [{"status": "accepted", "receipt": {}, "parts": []}]}),
    "a broken receipt": (
        200,
        {"results": [{"status": "accepted", "receipt": {"merchant": "0x12"}, "parts": []}]},
    ),
    **{
        f"status {status}": (status, {"code": "some_code", "title": "だめです。"})
        for status in (400, 401, 403, 404, 409, 413, 422, 429, 500, 503)
    },
}


class Liar(OtherSide):
    """Takes what is signed and answers something else; it denies everything afterwards, and leases other nonces."""

    def __init__(self, answer):
        super().__init__()
        self.answer = answer
        self.leases = 0

    def _answer(self, path, body, bearer):
        if path == "/v1/payments":
            return self.answer
        if path.endswith("/payments"):
            return 200, {"items": [], "next_cursor": None}
        if path.endswith("/nonces"):
            self.leases += 1
            first = 16 * self.leases
            return 200, {"nonces": list(range(first, first + 16)), "until": NOW_MS + 43_200_000}
        if path == "/v1/payments/cancellations":
            return 200, {"sequence": 1, "accepted_at_ms": NOW_MS}
        return super()._answer(path, body, bearer)


def most_that_can_be_taken(side):
    """What the holder of all the signed bytes can carry out: of each nonce the largest."""
    largest = {}
    for sent in side.payments():
        largest[sent["nonce"]] = max(sent["value"], largest.get(sent["nonce"], 0))
    return sum(largest.values())


@pytest.mark.parametrize("lie", LIES)
def test_after_any_answer_without_a_proof_no_second_payment_can_be_carried_out(lie):
    side, kept = Liar(LIES[lie]), [()]
    for again in (QR_TEXT, QR_TEXT, NEXT_QR_TEXT):  # each in a program of its own
        wallet = Wallet(side.gateway(), ME, outstanding=kept[-1], remember=kept.append)
        with pytest.raises(CoinError):
            wallet.pay(again)
        with pytest.raises(CoinError):
            wallet.pay(STICKER_TEXT, 1_000)

    assert len(side.payments()) >= 5
    assert most_that_can_be_taken(side) == 1_250


@pytest.mark.parametrize("lie", ["nonce_used", "another status", "no receipt", "a broken receipt"])
def test_a_payment_that_was_denied_and_accepted_is_found_by_its_receipt_and_not_paid_again(side, wallet, lie):
    side.change = lambda path, answer: LIES[lie][1] if path == "/v1/payments" else answer
    side.lose_request = lambda path: path.startswith("/v1/wallets") and path.endswith("/payments")
    with pytest.raises(CoinError):
        wallet.pay(QR_TEXT)
    side.change, side.lose_request = lambda _, answer: answer, lambda _: False

    with pytest.raises(EarlierPaymentAccepted) as told:
        wallet.pay(STICKER_TEXT, 1_250)

    assert told.value.paid.amount_yen == 1_250
    assert len(side.accepted) == 1


def test_a_refusal_because_of_the_nonce_is_answered_with_what_used_it():
    side, kept = OtherSide(), []
    lost = Wallet(side.gateway(), ME, remember=kept.append)
    side.lose_answer = lambda path: path == "/v1/payments"
    with pytest.raises(Unavailable):
        lost.pay(QR_TEXT)
    side.lose_answer = lambda _: False
    wallet = Wallet(side.gateway(), ME)  # a device that knows nothing of the first
    side.change = lambda path, answer: answer | {"nonces": [0]} if path.endswith("/nonces") else answer

    with pytest.raises(Rejected) as refusal:
        wallet.pay(STICKER_TEXT, 700)
    side.change = lambda _, answer: answer
    paid = wallet.pay(STICKER_TEXT, 700)

    assert refusal.value.code == "nonce_used"
    assert paid.authorization.nonce == 1


@pytest.mark.parametrize("lie", ["unsigned", "another payer", "another nonce", "no authorization"])
def test_what_proves_nothing_frees_no_nonce(lie):
    side = OtherSide()
    wallet = Wallet(side.gateway(), ME)
    other = Wallet(side.gateway(), Key(bytes(31) + b"\x02"))
    foreign = other.send(SHOP.address, 10)
    later = other.send(SHOP.address, 10)
    side.refuse = lambda _: "insufficient_balance"
    with pytest.raises(Rejected):
        wallet.pay(QR_TEXT)
    mine = side.payments()[-1]
    genuine = receipt(mine, wallet.in_doubt.payment if wallet.in_doubt else bytes(32))
    items = {
        "unsigned": {"authorization": mine, "receipt": genuine | {"sequence": 9}, "parts": []},
        "another payer": {
            "authorization": foreign.authorization.as_json(),
            "receipt": foreign.receipt.as_json(),
            "parts": [],
        },
        "another nonce": {
            "authorization": later.authorization.as_json(),
            "receipt": later.receipt.as_json(),
            "parts": [],
        },
        "no authorization": {"receipt": foreign.receipt.as_json(), "parts": []},
    }
    side.change = lambda path, answer: (
        answer | {"items": [items[lie]]} if path.startswith("/v1/wallets") and "items" in answer else answer
    )

    with pytest.raises(CoinError) as refusal:
        wallet.pay(NEXT_QR_TEXT)

    assert refusal.value.code in ("receipt_wrong", "gateway_answer_wrong")
    assert len([sent for sent in side.payments() if sent["from"] == str(ME)]) == 1


def test_a_payment_without_a_proof_is_over_when_it_has_ended_by_any_clock_that_is_nearly_right():
    side, now = Liar(LIES["nonce_used"]), [NOW_MS]
    wallet = Wallet(side.gateway(now_ms=lambda: now[0]), ME)
    nonces = []
    for later_s in (0, 12 * 3600 - 1, 12 * 3600 + 599, 12 * 3600 + 600):
        now[0] = NOW_MS + later_s * 1000
        side.tokens.clear()
        with pytest.raises(CoinError):
            Wallet.send(wallet, SHOP.address, 10)
        nonces.append(side.payments()[-1]["nonce"])

    assert len(set(nonces)) == 1  # the second was signed at 12 h − 1 s, and lives for 12 h


def test_a_cancel_that_the_town_has_signed_frees_the_wallet(side, wallet):
    side.lose_request = lambda path: path == "/v1/payments"
    with pytest.raises(PaymentInDoubt):
        wallet.pay(QR_TEXT)
    side.lose_request = lambda _: False

    assert wallet.cancel() is None

    assert wallet.in_doubt is None
    assert len(side.sent("/v1/payments/cancellations")) == 1


def test_a_cancel_of_what_was_accepted_gives_the_payment(side, wallet):
    side.lose_answer = lambda path: path == "/v1/payments"
    with pytest.raises(PaymentInDoubt):
        wallet.pay(QR_TEXT)
    side.lose_answer = lambda _: False

    assert wallet.cancel().amount_yen == 1_250
    assert side.sent("/v1/payments/cancellations") == []


@pytest.mark.parametrize(
    "lie",
    [{"payment": "0x" + "11" * 32}, {"amount": 1}, {"merchant": str(SHOP)}, {"signature": hexed(bytes(65))}],
)
def test_a_cancel_that_the_town_has_not_signed_frees_nothing(side, wallet, lie):
    side.lose_request = lambda path: path == "/v1/payments"
    with pytest.raises(PaymentInDoubt):
        wallet.pay(QR_TEXT)
    side.change = lambda path, answer: (
        answer | {"receipt": answer["receipt"] | lie} if path.endswith("cancellations") else answer
    )

    with pytest.raises(CoinError) as refusal:
        wallet.cancel()

    assert refusal.value.code == "receipt_wrong"
    assert wallet.in_doubt is not None


def test_a_gateway_that_never_answers_is_given_up_with_all_retries_and_the_payment_is_in_doubt():
    side, forever = OtherSide(), threading.Event()

    def never(request):
        if request.url.path == "/v1/payments":
            forever.wait()
        return side._handle(request)

    client = httpx.Client(transport=httpx.MockTransport(never), base_url="http://town.test")
    wallet = Wallet(Gateway("", client=client, patience_s=0.5), ME)

    with pytest.raises(PaymentInDoubt) as told:
        wallet.pay(QR_TEXT)
    forever.set()

    assert "現金で払わず" in told.value.ja
    assert PATIENCE_S <= 10
    assert wallet.in_doubt is not None


def test_one_patience_is_shared_by_all_requests_of_a_payment(monkeypatch):
    side, waited = OtherSide(), []
    monkeypatch.setattr(
        "bandai_client._transport.within", lambda left_s, attempt: waited.append(left_s) or attempt()
    )
    monkeypatch.setattr("bandai_client._transport.time.monotonic", lambda: 100.0 + len(waited))
    monkeypatch.setattr("bandai_client._patience.time.monotonic", lambda: 100.0 + len(waited))

    Wallet(side.gateway(), ME).pay(QR_TEXT)

    assert waited == sorted(waited[:4], reverse=True) + sorted(waited[4:], reverse=True)
    assert max(waited) <= PATIENCE_S


def test_an_answer_without_an_end_is_given_up():
    def endless(_):
        return httpx.Response(200, content=(b" " * 65_536 for _ in iter(int, 1)))

    client = httpx.Client(transport=httpx.MockTransport(endless), base_url="http://town.test")

    with pytest.raises(CoinError) as refusal:
        Gateway("", client=client).get("/v1/x")

    assert refusal.value.code == "gateway_answer_wrong"
