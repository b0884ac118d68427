"""Each wrong request gets an error that names the field and says why; nothing that was sent comes back in it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from api.guard import MAX_BODY_BYTES
from tests.api.caller import Caller, bearer, problem
from tests.worlds.people import person

PAYER = person("aoi")
NOT_AMOUNTS = [1.0, 1.5, "100", True, None, [], {}, 1e3]
OUT_OF_RANGE = [0, -1, 16_777_216, 1 << 64, 10**400]


@pytest.fixture
def call(shared_call: Caller) -> Caller:
    """Nothing here moves anything, so one town is enough."""
    return shared_call


@pytest.mark.parametrize("amount", NOT_AMOUNTS, ids=repr)
def test_an_amount_that_is_no_integer_is_refused(call: Caller, amount: Any) -> None:
    answer = call.post("/tills/checkouts", {"amount": amount}, call.till(12))

    assert problem(answer) == (400, "invalid_input", "amount")
    assert answer.json()["errors"][0]["code"] == "not_an_integer"


@pytest.mark.parametrize("amount", OUT_OF_RANGE, ids=["0", "-1", "2^24", "2^64", "10^400"])
def test_an_amount_out_of_range_is_refused(call: Caller, amount: int) -> None:
    answer = call.post("/tills/checkouts", {"amount": amount}, call.till(12))

    assert problem(answer) == (400, "invalid_input", "amount")
    assert answer.json()["errors"][0]["code"] == "out_of_range"


def test_what_is_out_of_range_is_told_the_range(call: Caller) -> None:
    till = call.till(12)
    large, small = (call.post("/tills/checkouts", {"amount": amount}, till).json() for amount in (1 << 24, 0))
    long = call.post("/tills/checkouts", {"amount": 1, "reference": "x" * 1_000}, till).json()

    for told, field, bound in (
        (large, "amount", "16777215"),
        (small, "amount", "1"),
        (long, "reference", "64"),
    ):
        assert (told["field"], told["errors"][0]["code"]) == (field, "out_of_range")
        assert re.findall("[0-9]+", told["title"]) == re.findall("[0-9]+", told["detail"]) == [bound]


@pytest.mark.parametrize("value", [*NOT_AMOUNTS, *OUT_OF_RANGE[:4]], ids=repr)
def test_the_same_holds_on_the_hot_route_which_names_the_item(call: Caller, value: Any) -> None:
    good = call.authorization(PAYER, 12, 1, 0)

    answer = call.post("/payments", {"authorizations": [good, good | {"value": value}]})

    assert problem(answer) == (400, "invalid_input", "authorizations.1.value")


def test_several_wrong_fields_are_all_named(call: Caller) -> None:
    body = {"amount": "1", "refrence": "x", "reference": 5}

    answer = call.post("/tills/checkouts", body, call.till(12))

    named = {(error["field"], error["code"]) for error in answer.json()["errors"]}
    assert named == {("amount", "not_an_integer"), ("refrence", "unknown_field"), ("reference", "not_a_text")}


def test_a_missing_field_is_named(call: Caller) -> None:
    answer = call.post("/sessions/challenges", {})

    assert problem(answer) == (400, "invalid_input", "wallet")
    assert answer.json()["errors"][0]["code"] == "missing"


def test_unknown_fields_are_refused_on_every_route_with_a_body(call: Caller) -> None:
    till, wallet = call.till(12), call.log_in(PAYER)
    good: dict[str, tuple[dict[str, Any], str | None]] = {
        "/sessions/challenges": ({"wallet": PAYER.address}, None),
        "/sessions": (call.proof(PAYER, call.challenge(PAYER)), None),
        "/sessions/credentials": ({"credential": call.town.credentials[12].secret}, None),
        "/wallets": ({"address": PAYER.address}, wallet),
        f"/wallets/{PAYER.address}/nonces": ({"device": "a", "count": 1}, wallet),
        "/tills/checkouts": ({"amount": 1}, till),
        "/merchants/12/checkouts": ({"amount": 1}, wallet),
        "/payments": ({"authorizations": [call.authorization(PAYER, 12, 1, 0)]}, None),
        "/payments/cancellations": (
            {"authorizer": PAYER.address, "nonce": "0x" + "0" * 64, "signature": "0x" + "0" * 130},
            None,
        ),
    }

    answers = {path: call.post(path, body | {"x": 1}, token) for path, (body, token) in good.items()}

    for path, answer in answers.items():
        assert problem(answer) == (400, "invalid_input", "x"), path
        assert answer.json()["errors"][0]["code"] == "unknown_field"


@pytest.mark.parametrize(
    "changes",
    [
        {"signature": "0x12"},
        {"signature": "0x" + "g" * 130},
        {"nonce": "1"},
        {"nonce": 1},
        {"from": "0x12"},
        {"to": 5},
        {"validAfter": -1},
        {"validBefore": 1 << 256},
        {"validBefore": "1"},
        {"checkout": "x"},
        {"checkout": 5},
        {"from": "0x" + "Ab" * 20},
    ],
    ids=repr,
)
def test_each_wrong_field_of_an_authorization_is_named(call: Caller, changes: dict[str, Any]) -> None:
    [field] = changes

    answer = call.post("/payments", {"authorizations": [call.authorization(PAYER, 12, 1, 0) | changes]})

    assert problem(answer) == (400, "invalid_input", f"authorizations.0.{field}")


@pytest.mark.parametrize(("count", "code"), [(0, "out_of_range"), (101, "out_of_range")])
def test_a_list_of_authorizations_has_1_to_100(call: Caller, count: int, code: str) -> None:
    item = call.authorization(PAYER, 12, 1, 0)

    answer = call.post("/payments", {"authorizations": [item] * count})

    assert problem(answer) == (400, "invalid_input", "authorizations")
    assert answer.json()["errors"][0]["code"] == code


def test_ten_thousand_items_are_refused_by_their_size_alone(call: Caller) -> None:
    item = call.authorization(PAYER, 12, 1, 0)

    answer = call.post("/payments", {"authorizations": [item] * 10_000})

    assert problem(answer) == (413, "body_too_large", None)


def test_ten_thousand_small_items_are_refused_too(call: Caller) -> None:
    answer = call.post("/payments", {"authorizations": [0] * 10_000})

    assert problem(answer) == (400, "invalid_input", "authorizations")


@pytest.mark.parametrize("path", ["/payments", "/tills/checkouts", "/sessions"])
def test_a_body_above_the_limit_is_refused_whether_or_not_it_states_its_length(
    call: Caller, path: str
) -> None:
    def stream() -> Iterator[bytes]:
        yield b'{"x": "'
        for _ in range(MAX_BODY_BYTES // 1024 + 1):
            yield b"a" * 1024

    headers = {"Content-Type": "application/json"} | bearer(call.till(12))
    stated = call.http.post(f"/v1{path}", content=b" " * (MAX_BODY_BYTES + 1), headers=headers)
    streamed = call.http.post(f"/v1{path}", content=stream(), headers=headers)

    assert problem(stated) == problem(streamed) == (413, "body_too_large", None)


BROKEN = {
    "empty": b"",
    "text": b"hello",
    "half": b'{"authorizations": [',
    "array": b"[]",
    "number": b"5",
    "null": b"null",
    "NaN": b'{"amount": NaN}',
    "deep": b"[" * 30_000,
    "deep object": b'{"a":' * 10_000,
    "not UTF-8": b'{"amount": "\xff"}',
    "huge integer": b'{"amount": ' + b"9" * 30_000 + b"}",
    "NUL": b'{"amount"\x00: 1}',
    "UTF-16": '{"amount": 1}'.encode("utf-16"),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("path", ["/payments", "/tills/checkouts", "/sessions/challenges"])
def test_a_body_that_is_no_json_object_is_refused(call: Caller, path: str, name: str) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k"} | bearer(call.till(12))

    answer = call.http.post(f"/v1{path}", content=BROKEN[name], headers=headers)

    status, code, _ = problem(answer)
    assert status == 400
    assert code in ("body_malformed", "invalid_input")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/xml"]
)
def test_another_content_type_is_refused(call: Caller, content_type: str) -> None:
    headers = {"Content-Type": content_type, "Idempotency-Key": "k"} | bearer(call.till(12))

    answer = call.http.post("/v1/tills/checkouts", content=b'{"amount":1}', headers=headers)

    assert problem(answer) == (415, "content_type_unsupported", "Content-Type")


def test_what_was_sent_does_not_come_back_in_an_error(call: Caller) -> None:
    secret = "s3cr3t-" * 5

    answers = [
        call.post("/sessions/credentials", {"credential": secret + "!"}),
        call.post("/sessions/challenges", {"wallet": secret}),
        call.post("/payments", {"authorizations": [{"signature": secret}]}),
        call.get(f"/checkouts/{secret}", call.till(12)),
    ]

    assert all(answer.status_code == 400 for answer in answers)
    assert all("s3cr3t" not in answer.text for answer in answers)


def test_the_name_of_an_unknown_field_is_given_back_short(call: Caller) -> None:
    answer = call.post("/sessions/challenges", {"wallet": PAYER.address, "x" * 5_000: 1})

    assert problem(answer)[:2] == (400, "invalid_input")
    assert len(answer.json()["field"]) == 100


def test_no_more_than_twenty_wrong_fields_are_named(call: Caller) -> None:
    answer = call.post("/sessions/challenges", {f"x{place}": 1 for place in range(500)})

    assert len(answer.json()["errors"]) == 20


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1", "/v1/payments/", "/docs", "/v1/../etc/passwd"])
def test_an_unknown_path_is_a_problem_too(call: Caller, path: str) -> None:
    assert problem(call.http.get(path))[0] in (404, 405)


def test_a_method_that_is_not_there_is_a_problem_too(call: Caller) -> None:
    answer = call.http.put(
        "/v1/wallets", content=json.dumps({}), headers={"Content-Type": "application/json"}
    )

    assert problem(answer) == (405, "method_not_allowed", None)
    assert answer.headers["allow"] == "POST"


def _fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", template), path) is not None


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_405_names_all_methods_of_its_path(call: Caller, method: str) -> None:
    routes = call.http.get("/v1/openapi.json").json()["paths"]

    for route in routes:
        path = re.sub(r"\{[^}]*\}", "1", route)
        taken = {name.upper() for other in routes if _fits(other, path) for name in routes[other]}
        if method not in taken:
            answer = call.http.request(method, path)
            assert problem(answer)[:2] == (405, "method_not_allowed"), path
            heads = {"HEAD"} if "GET" in taken else set()
            assert (path, set(answer.headers["allow"].split(", "))) == (path, taken | heads)
