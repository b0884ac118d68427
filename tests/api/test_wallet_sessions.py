"""A wallet opens a session only with a fresh signature for this municipality."""

import secrets

import pytest

from coin import messages
from coin.messages import Domain
from coin.registry.sessions import CHALLENGE_LIFE_S, SESSION_LIFE_S
from tests.api.caller import Caller, problem
from tests.worlds.people import address_of, person
from tests.worlds.signing import sign

WALLET, OTHER = person("aoi"), person("riku")


@pytest.fixture
def call(shared_call: Caller) -> Caller:
    """Nothing here moves anything, so one town is enough."""
    return shared_call


def test_a_signed_challenge_opens_a_session_of_the_wallets_scopes(call: Caller) -> None:
    challenge = call.challenge(WALLET)

    answer = call.post("/sessions", call.proof(WALLET, challenge)).json()

    assert challenge["audience"] == "eip155:31337:0x5FbDB2315678afecb367f032d93F642f64180aa3"
    assert answer["expires_at"] == call.town.clock.now_ms() // 1000 + SESSION_LIFE_S
    assert answer["scopes"] == ["checkout.read", "payment.read", "wallet"]


def test_a_challenge_that_was_used_is_refused(call: Caller) -> None:
    proof = call.proof(WALLET, call.challenge(WALLET))
    call.post("/sessions", proof)

    again = call.post("/sessions", proof)

    assert problem(again) == (401, "challenge_invalid", None)
    assert again.headers["www-authenticate"] == "Bearer"


def test_a_challenge_that_has_lapsed_is_refused(call: Caller) -> None:
    proof = call.proof(WALLET, call.challenge(WALLET))
    call.town.clock.advance_ms(CHALLENGE_LIFE_S * 1000)

    answer = call.post("/sessions", proof)

    assert problem(answer) == (401, "challenge_invalid", None)


def test_a_challenge_of_another_wallet_is_refused_and_stays_usable_for_its_own(call: Caller) -> None:
    challenge = call.challenge(WALLET)

    stolen = call.post("/sessions", call.proof(OTHER, challenge))

    assert problem(stolen) == (401, "challenge_invalid", None)
    assert call.post("/sessions", call.proof(WALLET, challenge)).status_code == 200


def test_a_challenge_that_nobody_issued_is_refused(call: Caller) -> None:
    challenge = call.challenge(WALLET) | {"challenge": "0x" + secrets.token_hex(32)}

    answer = call.post("/sessions", call.proof(WALLET, challenge))

    assert problem(answer) == (401, "challenge_invalid", None)


def test_a_challenge_with_a_longer_life_than_issued_is_refused(call: Caller) -> None:
    challenge = call.challenge(WALLET)
    longer = challenge | {"expires_at": challenge["expires_at"] + 3600}

    answer = call.post("/sessions", call.proof(WALLET, longer))

    assert problem(answer) == (401, "challenge_invalid", None)


@pytest.mark.parametrize(
    "changes",
    [
        {"audience": "https://phishing.example"},
        {"wallet": address_of(OTHER)},
        {"issued_at_s": 1},
        {"challenge": bytes(32)},
    ],
    ids=["audience", "wallet", "time", "challenge"],
)
def test_a_signature_over_anything_else_is_refused(call: Caller, changes: dict[str, object]) -> None:
    proof = call.proof(WALLET, call.challenge(WALLET), **changes)

    answer = call.post("/sessions", proof)

    assert problem(answer) == (401, "session_signature_invalid", "signature")


def test_a_signature_for_another_contract_is_refused(call: Caller) -> None:
    challenge = call.challenge(WALLET)
    elsewhere = Domain.for_municipality("074071", 31337, bytes(19) + b"\1")
    said = messages.Session(
        audience=challenge["audience"],
        wallet=WALLET.address,
        challenge=challenge["challenge"],
        issued_at_s=challenge["issued_at"],
        expires_at_s=challenge["expires_at"],
    )
    signature = sign(elsewhere, said, WALLET)
    proof = call.proof(WALLET, challenge) | {"signature": "0x" + signature.hex()}

    answer = call.post("/sessions", proof)

    assert problem(answer) == (401, "session_signature_invalid", "signature")


def test_a_session_ends_when_its_time_is_over(call: Caller) -> None:
    token = call.log_in(WALLET)
    call.town.clock.advance_ms(SESSION_LIFE_S * 1000)

    answer = call.get(f"/wallets/{WALLET.address}", token)

    assert problem(answer) == (401, "session_invalid", None)


def test_a_session_that_was_closed_is_refused(call: Caller) -> None:
    token = call.log_in(WALLET)

    closed = call.http.delete("/v1/sessions/current", headers={"Authorization": f"Bearer {token}"})

    assert closed.status_code == 204
    assert problem(call.get(f"/wallets/{WALLET.address}", token)) == (401, "session_invalid", None)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Basic dXNlcjpwYXNz",
        "Bearer short",
        "Bearer " + "あ" * 30,
        "Bearer " + "a" * 5000,
    ],
)
def test_without_a_token_nothing_is_answered(call: Caller, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.encode()}

    answer = call.http.get(f"/v1/wallets/{WALLET.address}", headers=headers)

    assert problem(answer) == (401, "unauthorized", None)


def test_a_forged_token_is_refused(call: Caller) -> None:
    token = call.log_in(WALLET)
    forged = token[:-1] + ("a" if token[-1] != "a" else "b")

    answer = call.get(f"/wallets/{WALLET.address}", forged)

    assert problem(answer) == (401, "session_invalid", None)


def test_tokens_and_secrets_stand_nowhere_in_the_books(call: Caller, gateway: object) -> None:
    token, till = call.log_in(WALLET), call.till(12)

    with call.town.database.transaction() as connection:
        stored = [
            str(row)
            for table in ("session", "credential", "session_challenge", "idempotency_key", "audit")
            for row in connection.execute(f"SELECT * FROM {table}")
        ]

    for secret in (token, till, call.town.credentials[12].secret):
        assert not any(secret in row or secret.encode().hex() in row for row in stored)
