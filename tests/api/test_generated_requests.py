"""Generated requests, from any caller: there is no server error, every answer is as documented, and nobody gets access to the data of others."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.routes import shop_payments
from coin.office.credentials import admit_staff, open_till
from coin.registry.personal import PersonalData
from tests.api.caller import Caller
from tests.patience import HANG_S
from tests.worlds.people import person

EXAMPLES = 100
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
WALLET, NEWCOMER, SHOP = person("aoi"), person("riku"), 12
ANYBODY = {
    "GET /v1/municipality",
    "GET /v1/typed-data",
    "GET /v1/public/figures",
    "GET /v1/health",
    "POST /v1/sessions",
    "POST /v1/sessions/challenges",
    "POST /v1/sessions/credentials",
    "POST /v1/payments",
    "POST /v1/payments/cancellations",
    "POST /v1/tills/pairings",
}
LOGGED_IN = {"GET /v1/payments/{payment}", "DELETE /v1/sessions/current"}
BUYER_OR_SELLER = LOGGED_IN | {"GET /v1/checkouts/{checkout}", "GET /v1/checkouts/{checkout}/events"}
REACHES = {
    "stranger": ANYBODY,
    "staff": ANYBODY | LOGGED_IN,
    "till": ANYBODY
    | BUYER_OR_SELLER
    | {
        "POST /v1/tills/checkouts",
        "GET /v1/tills/checkouts",
        "POST /v1/tills/checkouts/{checkout}/cancellation",
        "GET /v1/tills/payments",
        "GET /v1/tills/payments/events",
    },
    "wallet": ANYBODY
    | BUYER_OR_SELLER
    | {
        "POST /v1/wallets",
        "GET /v1/wallets/{address}",
        "GET /v1/wallets/{address}/history",
        "GET /v1/wallets/{address}/payments",
        "POST /v1/wallets/{address}/nonces",
        "POST /v1/merchants/{number}/checkouts",
    },
}


@dataclass
class Attack:
    """Who attacks whom: the headers of each role, and for each operation what a friendly caller would send."""

    url: str
    headers: dict[str, dict[str, str]]
    paths: dict[str, dict[str, Any]]
    bodies: dict[str, dict[str, Any]]
    statuses: "defaultdict[str, Counter[int]]" = field(default_factory=lambda: defaultdict(Counter))


@pytest.fixture
def attack(call: Caller, monkeypatch: pytest.MonkeyPatch) -> Attack:
    """A gateway, a payment in its books, and good credentials in the attacker's hands."""
    monkeypatch.setattr(shop_payments, "LONGEST_S", 0.0)  # a stream that would not end by itself
    town = call.town
    town.register(WALLET)
    town.charge(WALLET, 5_000)
    checkout = call.open_checkout(SHOP, 1_000)["checkout"]
    signed = call.authorization(WALLET, SHOP, 1_000, 0, checkout)
    (paid,) = call.pay(signed)
    with town.books() as books:
        staff = admit_staff(books, PersonalData(bytes(32)), "佐藤", actor="test")
        _, pairing = open_till(books, SHOP, "2", actor="test")
    tokens = {
        "wallet": call.log_in(WALLET),
        "till": call.till(SHOP),
        "staff": call.post("/sessions/credentials", {"credential": staff.secret}).json()["token"],
    }
    holder, number = {"address": WALLET.address}, {"number": SHOP}
    return Attack(
        url=str(call.http.base_url).rstrip("/"),
        headers={
            "stranger": {},
            **{name: {"Authorization": f"Bearer {text}"} for name, text in tokens.items()},
        },
        paths={
            "GET /v1/payments/{payment}": {"payment": paid["payment"]},
            # Paid, so that its stream ends at once.
            "GET /v1/checkouts/{checkout}": {"checkout": checkout},
            "GET /v1/checkouts/{checkout}/events": {"checkout": checkout},
            "POST /v1/tills/checkouts/{checkout}/cancellation": {"checkout": checkout},
            "GET /v1/wallets/{address}": holder,
            "GET /v1/wallets/{address}/history": holder,
            "GET /v1/wallets/{address}/payments": holder,
            "POST /v1/wallets/{address}/nonces": holder,
            "POST /v1/merchants/{number}/checkouts": number,
        },
        bodies={
            "POST /v1/sessions": call.proof(NEWCOMER, call.challenge(NEWCOMER)),
            "POST /v1/sessions/challenges": {"wallet": NEWCOMER.address},
            "POST /v1/sessions/credentials": {"credential": staff.secret},
            "POST /v1/payments": {"authorizations": [signed]},
            "POST /v1/payments/cancellations": call.cancellation(WALLET, 7),
            "POST /v1/tills/pairings": {"code": pairing.code},
            "POST /v1/tills/checkouts": {"amount": 300, "reference": "3 番"},
            "POST /v1/wallets": holder,
            "POST /v1/wallets/{address}/nonces": {"device": "phone", "count": 2},
            "POST /v1/merchants/{number}/checkouts": {"amount": 300},
        },
    )


def send_as_a_friend_would(attack: Attack, who: str, label: str) -> None:
    """Send what is right; who may, gets through."""
    method, _, path = label.partition(" ")
    headers = attack.headers[who] | (
        {"Idempotency-Key": f"{who} {label}"[:64].replace(" ", "-")} if method == "POST" else {}
    )
    answer = httpx.request(
        method,
        attack.url + path.format(**attack.paths.get(label, {})),
        json=attack.bodies.get(label),
        headers=headers,
        timeout=HANG_S,
    )
    attack.statuses[label][answer.status_code] += 1


def send_what_nobody_wrote(attack: Attack, who: str, operation: APIOperation) -> None:
    """Send generated requests, valid and not, some of them about things that exist."""
    label = operation.label
    made = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE) | operation.as_strategy()

    @settings(
        max_examples=EXAMPLES,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=made, knows_names=st.booleans(), knows_body=st.booleans())
    def ask(case: schemathesis.Case, knows_names: bool, knows_body: bool) -> None:
        if knows_names and label in attack.paths:
            case.path_parameters = dict(attack.paths[label])
        if knows_body and label in attack.bodies and isinstance(case.body, dict):
            case.body = attack.bodies[label] | case.body
        answer = case.call_and_validate(base_url=attack.url, headers=attack.headers[who], checks=CHECKS)
        attack.statuses[label][answer.status_code] += 1
        assert not any(word in answer.text for word in ("Traceback", "psycopg", "SELECT ", "/api/"))

    ask()


@pytest.mark.slow
@pytest.mark.parametrize("who", REACHES)
def test_whatever_is_sent_the_answer_is_as_declared_and_nobody_reaches_what_is_not_theirs(
    attack: Attack, who: str
) -> None:
    schema = schemathesis.openapi.from_url(f"{attack.url}/v1/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    operations.sort(key=lambda operation: operation.method == "delete")  # closing the session comes last

    for operation in operations:
        send_as_a_friend_would(attack, who, operation.label)
        send_what_nobody_wrote(attack, who, operation)

    reached = {label for label, found in attack.statuses.items() if any(status < 300 for status in found)}
    sent = {label: found.total() for label, found in attack.statuses.items()}
    assert set(sent) == set().union(*REACHES.values())
    assert reached == REACHES[who]
    assert min(sent[label] for label in attack.bodies) >= EXAMPLES
    assert sum(sent.values()) >= 1_500
