"""A till asks, a wallet reads the code, signs and pays; both see it, and the receipt is the issuer's."""

from eth_account import Account
from eth_account.messages import encode_typed_data

from coin import messages
from coin.messages import checkout_word
from coin.qr.text import Dynamic, parse
from tests.api.caller import Caller
from tests.worlds.people import person

PAYER = person("aoi")


def test_a_checkout_is_paid_and_its_receipt_verifies_with_another_library(call: Caller) -> None:
    call.town.register(PAYER)
    call.town.charge(PAYER, 10_000)
    opened = call.open_checkout(12, 1_500, reference="伝票1")
    code = parse(opened["qr"])
    assert isinstance(code, Dynamic)
    token = call.log_in(PAYER)
    shown = call.get(f"/checkouts/{code.checkout}", token).json()
    nonce = call.post(f"/wallets/{PAYER.address}/nonces", {"device": "a", "count": 1}, token).json()[
        "nonces"
    ][0]

    [result] = call.pay(call.authorization(PAYER, 12, 1_500, nonce, code.checkout))

    assert (shown["merchant"]["name"], shown["amount"], shown["status"]) == ("商店12", 1_500, "open")
    assert shown["reference"] is None
    assert result["status"] == "accepted"
    assert result["parts"] == [{"kind": "coin", "amount": 500}, {"kind": "point", "amount": 1_000}]
    receipt = result["receipt"]
    typed = messages.Receipt(
        merchant=receipt["merchant"],
        till=str(call.town.tills[12].id),
        checkout=checkout_word(code.checkout),
        payment=receipt["payment"],
        amount=1_500,
        sequence=receipt["sequence"],
        accepted_at_ms=receipt["accepted_at_ms"],
        key_id=receipt["key_id"],
    ).typed_data(call.town.municipality.domain)
    signer = Account.recover_message(encode_typed_data(full_message=typed), signature=receipt["signature"])
    assert signer == person("receipts").address
    seen = call.get(f"/checkouts/{code.checkout}", call.till(12)).json()
    assert (seen["status"], seen["reference"]) == ("paid", "伝票1")
    assert seen["payment"]["receipt"] == receipt
