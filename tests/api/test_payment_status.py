"""A payment's way to the chain can be followed by its payer, its payee and staff, and by nobody else."""

import psycopg
import pytest

from coin.registry import credentials
from coin.registry.personal import PersonalData
from tests.api.caller import Caller, problem
from tests.worlds.people import address_of, person

PAYER, RECEIVER, STRANGER = person("aoi"), person("riku"), person("stranger")


@pytest.fixture
def paid(call: Caller) -> dict[str, object]:
    """An accepted payment of 100 yen at shop 12."""
    call.town.register(PAYER, RECEIVER)
    call.town.charge(PAYER, 10_000)
    [result] = call.pay(call.authorization(PAYER, 12, 100, 0))
    return result


def write_batch(owner_url: str, first: int, last: int, state: str) -> None:
    """What settlement writes."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("DELETE FROM batch")
        connection.execute(
            """INSERT INTO batch (municipality, number, first_sequence, last_sequence, as_of_s, state, calldata,
                                  transaction_hash, block_number, sealed_at_ms)
               VALUES ('074071', 1, %s, %s, 1, %s::batch_state, ''::bytea, %s, 7, 1)""",
            [first, last, state, None if state in ("sealed", "signed") else bytes(31) + b"\x09"],
        )


def test_a_payment_is_followed_from_acceptance_to_confirmation(
    call: Caller, owner_url: str, paid: dict[str, object]
) -> None:
    token, sequence = call.log_in(PAYER), int(str(paid["sequence"]))
    path = f"/payments/{paid['payment']}"
    seen = [call.get(path, token).json()]
    for state in ("sealed", "signed", "sent", "mined", "confirmed"):
        write_batch(owner_url, sequence - 2, sequence, state)
        seen.append(call.get(path, token).json())

    statuses = [answer["status"] for answer in seen]
    assert statuses == ["accepted", "sealed", "sealed", "sent", "mined", "confirmed"]
    assert (seen[0]["batch"], seen[0]["index"], seen[0]["transaction"]) == (None, None, None)
    assert seen[-1]["transaction"] == "0x" + "0" * 63 + "9"
    assert (seen[-1]["batch"], seen[-1]["index"], seen[-1]["block"]) == (1, 2, 7)
    assert (seen[-1]["merchant"], seen[-1]["amount"]) == (12, 100)


def test_a_batch_that_ends_before_it_says_nothing_about_it(
    call: Caller, owner_url: str, paid: dict[str, object]
) -> None:
    sequence = int(str(paid["sequence"]))
    write_batch(owner_url, 1, sequence - 1, "confirmed")

    assert call.get(f"/payments/{paid['payment']}", call.log_in(PAYER)).json()["status"] == "accepted"


def test_a_record_that_the_chain_skipped_is_shown_as_skipped(
    call: Caller, owner_url: str, paid: dict[str, object]
) -> None:
    sequence = int(str(paid["sequence"]))
    write_batch(owner_url, sequence, sequence, "mined")
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            """INSERT INTO incident (municipality, sequence, batch, reason, is_confirmed)
               VALUES ('074071', %s, 1, 35, true)""",
            [sequence],
        )

    assert call.get(f"/payments/{paid['payment']}", call.log_in(PAYER)).json()["status"] == "skipped"


def test_strangers_get_the_answer_of_a_payment_that_does_not_exist(
    call: Caller, paid: dict[str, object]
) -> None:
    path, missing = f"/payments/{paid['payment']}", "/payments/0x" + "0" * 64
    strangers = [call.log_in(STRANGER), call.till(13)]

    for token in strangers:
        assert problem(call.get(path, token)) == (404, "payment_unknown", None)
        assert call.get(path, token).content == call.get(missing, token).content


def test_the_shops_till_and_staff_see_it(call: Caller, paid: dict[str, object]) -> None:
    town = call.town
    with town.books() as books:
        made = credentials.create_for_staff(books, PersonalData(bytes(32)), "出納係")
    staff = call.post("/sessions/credentials", {"credential": made.secret}).json()["token"]

    for token in (call.till(12), staff):
        assert call.get(f"/payments/{paid['payment']}", token).status_code == 200


def test_a_send_is_seen_by_both_wallets_and_no_till(call: Caller, paid: dict[str, object]) -> None:
    [sent] = call.pay(call.signed(PAYER, address_of(RECEIVER), 200, 1))
    path = f"/payments/{sent['payment']}"

    for account in (PAYER, RECEIVER):
        answer = call.get(path, call.log_in(account)).json()
        assert (answer["merchant"], answer["amount"]) == (None, 200)
    assert call.get(path, call.till(12)).status_code == 404


@pytest.mark.parametrize("payment", ["0x12", "x", "0x" + "g" * 64, "0X" + "0" * 64])
def test_what_cannot_be_a_payments_id_is_named(call: Caller, payment: str) -> None:
    assert problem(call.get(f"/payments/{payment}", call.till(12))) == (400, "invalid_input", "payment")
