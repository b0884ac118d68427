"""The OpenAPI document is valid, complete, and says each route's errors by their codes."""

from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from api.problems import declared, status_of
from coin.errors import Rejected, Rejection
from tests.api.caller import Caller


@pytest.fixture
def document(shared_call: Caller) -> dict[str, Any]:
    """The document as it is served."""
    answer: dict[str, Any] = shared_call.http.get("/v1/openapi.json").json()
    return answer


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Each operation with its name."""
    return [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_schemathesis_reads_every_operation(document: dict[str, Any]) -> None:
    schema = schemathesis.openapi.from_dict(document)

    found = [result.ok().label for result in schema.get_all_operations()]

    assert document["openapi"] == "3.1.0"
    assert len(found) == len(operations(document)) == 25


def test_every_schema_is_a_valid_one(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_every_operation_says_its_internal_and_database_errors(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        assert {"500", "503"} <= set(operation["responses"]), name
        for status, response in operation["responses"].items():
            if status >= "400":
                assert set(response["content"]) == {"application/problem+json"}, (name, status)


def test_every_route_with_a_session_says_401_and_403_and_its_scheme(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        has_session = "security" in operation
        assert has_session == ("401" in operation["responses"] and "403" in operation["responses"]) or (
            name in ("post /v1/sessions", "post /v1/sessions/credentials", "delete /v1/sessions/current")
        ), name


def test_what_comes_in_is_closed_against_unknown_fields(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    assert all(
        schema["additionalProperties"] is False for schema in schemas.values() if "properties" in schema
    )


OF_ANOTHER_STATUS = {Rejection.CHECKOUT_UNKNOWN: 404, Rejection.DAILY_QUOTA: 429}


@pytest.mark.parametrize("reason", [reason for reason in Rejection if reason is not Rejection.NONE])
def test_a_rejection_is_declared_with_the_status_it_is_answered_with(reason: Rejection) -> None:
    assert status_of(Rejected(reason)) in declared(reason.code)
    assert status_of(Rejected(reason)) == OF_ANOTHER_STATUS.get(reason, 422)


def test_an_idempotency_key_is_required_with_its_form(document: dict[str, Any]) -> None:
    found = {
        name: parameter
        for name, operation in operations(document)
        for parameter in operation.get("parameters", ())
        if parameter["name"] == "Idempotency-Key"
    }

    keyed = {name for name, said in operations(document) if "idempotency_key_missing" in str(said)}
    assert keyed == set(found)
    for parameter in found.values():
        assert parameter["required"] is True
        form = jsonschema_rs.validator_for(parameter["schema"])
        assert form.is_valid("x" * 64)
        for wrong in ("", "x" * 65, "a b", "鍵", "a\n"):
            assert not form.is_valid(wrong)
