"""A wallet reads what it has paid with the receipts, page by page or by a nonce; nobody else reads it."""

from tests.api.caller import Caller, problem
from tests.worlds.people import person

PAYER, STRANGER = person("aoi"), person("stranger")


def payments_of(call: Caller, **query: object) -> dict[str, object]:
    answer = call.get(f"/wallets/{PAYER.address}/payments", call.log_in(PAYER), **query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_wallet_reads_its_authorizations_and_receipts_newest_first_page_by_page(call: Caller) -> None:
    call.town.register(PAYER)
    call.town.charge(PAYER, 10_000)
    signed = [call.authorization(PAYER, 12, 100 + nonce, nonce) for nonce in range(3)]
    paid = call.pay(*signed)

    first = payments_of(call, count=2)
    second = payments_of(call, count=2, cursor=first["next_cursor"])

    items = [*first["items"], *second["items"]]  # type: ignore[misc]
    assert [item["receipt"] for item in items] == [one["receipt"] for one in reversed(paid)]
    assert [item["parts"] for item in items] == [one["parts"] for one in reversed(paid)]
    for item, sent in zip(items, reversed(signed), strict=True):
        assert {**item["authorization"], "signature": ""} == {
            **sent,
            "signature": "",
            "to": item["receipt"]["merchant"],
        }
        assert item["authorization"]["signature"][:66] == sent["signature"][:66]
    assert second["next_cursor"] is None


def test_a_nonce_gives_the_payment_that_used_it_or_nothing(call: Caller) -> None:
    call.town.register(PAYER)
    call.town.charge(PAYER, 10_000)
    _, second = call.pay(*(call.authorization(PAYER, 12, 100 + nonce, nonce) for nonce in range(2)))

    used = payments_of(call, nonce="0x" + f"{1:064x}")
    unused = payments_of(call, nonce="0x" + f"{2:064x}")

    assert [item["receipt"] for item in used["items"]] == [second["receipt"]]  # type: ignore[attr-defined]
    assert unused["items"] == []


def test_nobody_reads_another_wallets_payments(call: Caller) -> None:
    call.town.register(PAYER)

    answer = call.get(f"/wallets/{PAYER.address}/payments", call.log_in(STRANGER))

    assert problem(answer) == (404, "not_found", None)


def test_a_cancel_has_a_receipt_and_gets_the_same_again(call: Caller) -> None:
    call.town.register(PAYER)
    call.town.charge(PAYER, 1_000)

    first, again = call.cancel(PAYER, 0).json(), call.cancel(PAYER, 0).json()

    assert first == again
    promise = first["receipt"]
    assert (promise["merchant"], promise["amount"], promise["checkout"]) == (PAYER.address, 0, None)
    assert (promise["sequence"], promise["accepted_at_ms"]) == (first["sequence"], first["accepted_at_ms"])
