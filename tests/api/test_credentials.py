"""Tills and staff log in with a credential; revoking it ends its sessions at once."""

import secrets

import pytest

from coin.errors import InvalidInput, NotFound
from coin.registry import credentials
from coin.registry.credentials import Scope
from coin.registry.personal import PersonalData
from tests.api.caller import Caller, problem
from tests.worlds.people import person

WALLET = person("aoi")


def test_a_credential_opens_a_session_of_the_tills_scopes(call: Caller) -> None:
    answer = call.post("/sessions/credentials", {"credential": call.town.credentials[12].secret})

    assert answer.json()["scopes"] == ["checkout.open", "checkout.read", "payment.read"]


@pytest.mark.parametrize(
    "secret", ["bandai_till_" + secrets.token_urlsafe(32), "x" * 20], ids=["unknown", "of another form"]
)
def test_an_unknown_credential_is_refused(call: Caller, secret: str) -> None:
    answer = call.post("/sessions/credentials", {"credential": secret})

    assert problem(answer) == (401, "credential_invalid", None)


def test_a_revoked_credential_opens_nothing_and_its_live_sessions_end(call: Caller) -> None:
    token, other = call.till(12), call.till(13)
    made = call.town.credentials[12]

    with call.town.books() as books:
        credentials.revoke(books, made.credential.id)

    again = call.post("/sessions/credentials", {"credential": made.secret})
    assert problem(again) == (401, "credential_invalid", None)
    assert problem(call.post("/tills/checkouts", {"amount": 100}, token)) == (401, "session_invalid", None)
    assert call.post("/tills/checkouts", {"amount": 100}, other).status_code == 201


def test_revoking_twice_keeps_the_first_time_and_an_unknown_one_is_named(call: Caller) -> None:
    town = call.town
    made = town.credentials[12].credential.id
    with town.books() as books:
        credentials.revoke(books, made)
        town.clock.advance_ms(1000)
        credentials.revoke(books, made)
        row = books.connection.execute(
            "SELECT revoked_at_ms FROM credential WHERE id = %s", [made]
        ).fetchone()

        with pytest.raises(NotFound) as error:
            credentials.revoke(books, town.tills[12].id)

    assert row == {"revoked_at_ms": town.clock.now_ms() - 1000}
    assert error.value.code == "credential_unknown"


def test_staff_get_no_scope_of_a_wallet_or_a_till(call: Caller) -> None:
    town = call.town

    with town.books() as books, pytest.raises(InvalidInput) as error:
        credentials.create_for_staff(
            books, PersonalData(bytes(32)), "係長", [Scope.PAYMENT_READ, Scope.CHECKOUT_OPEN]
        )

    assert (error.value.code, error.value.field) == ("scope_invalid", "scopes")


def test_a_till_has_no_right_to_a_wallets_pages_and_a_wallet_none_to_a_tills(call: Caller) -> None:
    till, wallet = call.till(12), call.log_in(WALLET)

    answers = [
        call.get(f"/wallets/{WALLET.address}", till),
        call.post("/wallets", {"address": WALLET.address}, till),
        call.post("/merchants/12/checkouts", {"amount": 1}, till),
        call.post("/tills/checkouts", {"amount": 1}, wallet),
    ]

    assert [problem(answer) for answer in answers] == [(403, "forbidden", None)] * 4


def test_a_printed_credential_shows_no_secret(call: Caller) -> None:
    made = call.town.credentials[12]

    assert made.secret not in repr(made)
    assert made.secret not in str(made)
