"""Requests that nobody wrote by hand: whatever is sent, there is no server error and every answer is as declared."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.caller import Caller
from tests.api.town import key

EXAMPLES = 100
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


Callers = dict[str, dict[str, str]]


@pytest.fixture
def served(call: Caller) -> tuple[str, Callers]:
    """The address of a gateway, and the headers of a wallet, a till and a stranger."""
    call.town.register(key(100))
    call.town.charge(key(100), 5_000)
    wallet, till = (f"Bearer {token}" for token in (call.log_in(key(100)), call.till(12)))
    headers = {"wallet": {"Authorization": wallet}, "till": {"Authorization": till}, "stranger": {}}
    return str(call.http.base_url), headers


def attack(operation: APIOperation, url: str, headers: dict[str, str]) -> int:
    """Send generated requests, valid and not, to one operation; returns how many."""
    sent = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE) | operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:
        nonlocal sent
        sent += 1
        case.call_and_validate(base_url=url, headers=headers, checks=CHECKS)

    ask()
    return sent


@pytest.mark.slow
@pytest.mark.parametrize("who", ["wallet", "till", "stranger"])
def test_whatever_is_sent_the_gateway_answers_as_declared(served: tuple[str, Callers], who: str) -> None:
    url, callers = served
    schema = schemathesis.openapi.from_url(f"{url}/v1/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    operations.sort(key=lambda operation: operation.method == "delete")  # closing the session comes last

    sent = {operation.label: attack(operation, url, callers[who]) for operation in operations}

    assert len(sent) >= 15
    assert min(sent.values()) >= 1
    assert sum(sent.values()) >= 500
