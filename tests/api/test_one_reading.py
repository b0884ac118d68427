"""A request that a proxy and the gateway could read differently is refused."""

import socket

import httpx
import pytest

from tests.api.caller import Caller, bearer, problem
from tests.patience import HANG_S
from tests.worlds.people import person

PAYER = person("aoi")


@pytest.fixture
def call(shared_call: Caller) -> Caller:
    """Nothing here moves anything, so one town is enough."""
    return shared_call


def send(call: Caller, path: str, content: bytes, token: str | None = None) -> httpx.Response:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k"} | bearer(token)
    return call.http.post(f"/v1{path}", content=content, headers=headers)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b'{"amount": 1, "amount": 1}', "amount"),
        (b'{"amount": 1, "amo\\u0075nt": 9}', "amount"),
        (b'{"x": {"a": 1, "b": 2, "a": 3}}', "a"),
    ],
)
def test_an_item_that_stands_twice_is_refused_and_named(call: Caller, content: bytes, field: str) -> None:
    answer = send(call, "/tills/checkouts", content, call.till(12))

    assert problem(answer) == (400, "invalid_input", field)
    assert answer.json()["errors"][0]["code"] == "repeated"


def test_an_amount_that_stands_twice_in_a_payment_is_refused_whichever_of_them_was_signed(
    call: Caller,
) -> None:
    signed = call.authorization(PAYER, 12, 100, 0)
    fields = "".join(f'"{name}": {value},' for name, value in (("value", 100), ("value", 9_999)))
    others = httpx.Request("POST", "http://x", json={k: v for k, v in signed.items() if k != "value"}).content

    answer = send(call, "/payments", b'{"authorizations": [{' + fields.encode() + others[1:] + b"]}")

    assert problem(answer) == (400, "invalid_input", "value")


@pytest.mark.parametrize(
    "number", [b"NaN", b"Infinity", b"-Infinity", b"1e999999", b"9" * 5_000], ids=lambda n: n[:9].decode()
)
@pytest.mark.parametrize("path", ["/tills/checkouts", "/payments"])
def test_what_is_no_whole_number_in_any_reading_is_refused(call: Caller, path: str, number: bytes) -> None:
    answer = send(call, path, b'{"amount": ' + number + b"}", call.till(12))

    assert problem(answer)[:2] in ((400, "body_malformed"), (400, "invalid_input"))


@pytest.mark.parametrize("name", ["Authorization", "Content-Type", "Idempotency-Key"])
def test_a_header_that_came_twice_is_refused_and_named(call: Caller, name: str) -> None:
    till = call.till(12)
    headers = [
        ("Content-Type", "application/json"),
        ("Idempotency-Key", "k"),
        ("Authorization", f"Bearer {till}"),
    ]

    answer = call.http.post("/v1/tills/checkouts", content=b'{"amount": 1}', headers=[*headers, (name, "x")])

    assert problem(answer) == (400, "header_repeated", name.lower())


SMUGGLED = b"GET /v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 0\r\nContent-Length: %d\r\n",
        b"Content-Length: +%d\r\n",
        b"Content-Length: 0, %d\r\n",
        b"Transfer-Encoding: xchunked\r\nContent-Length: %d\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\nContent-Length: %d\r\n",
        b"Transfer-Encoding : chunked\r\nContent-Length: %d\r\n",
    ],
    ids=["two lengths", "a sign", "a list of lengths", "unknown coding", "two codings", "space in a name"],
)
def test_a_body_whose_end_is_in_doubt_ends_the_connection_and_nothing_after_it_is_read(
    call: Caller, framing: bytes
) -> None:
    where = call.http.base_url
    head = b"POST /v1/payments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"

    with socket.create_connection((where.host, where.port or 80), timeout=HANG_S) as connection:
        connection.sendall(head + framing % len(SMUGGLED) + b"\r\n" + SMUGGLED)
        said = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert said.startswith(b"HTTP/1.1 4")
    assert said.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("method", [b"POST /v1/payments", b"GET /v1/health"])
def test_a_length_beside_chunks_is_refused_and_what_follows_is_not_served(
    call: Caller, method: bytes
) -> None:
    where = call.http.base_url
    head = method + b" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    body = b"0\r\n\r\n"

    with socket.create_connection((where.host, where.port or 80), timeout=HANG_S) as connection:
        connection.sendall(
            head + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + body + SMUGGLED
        )
        said = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert said.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"framing_ambiguous"' in said
    assert said.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("number", ["+12", "1_2", "12.0", " 12", "１２", "0x0c", "-1"])
def test_a_shop_has_one_number(call: Caller, number: str) -> None:
    answer = call.post(f"/merchants/{number}/checkouts", {"amount": 1}, call.log_in(PAYER))

    assert problem(answer)[:2] == (400, "invalid_input")


@pytest.mark.parametrize("device", ['"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udc00\\ud800"'])
def test_a_text_that_the_books_cannot_hold_is_refused(call: Caller, device: str) -> None:
    path, wallet = f"/wallets/{PAYER.address}/nonces", call.log_in(PAYER)

    answer = send(call, path, f'{{"device": {device}, "count": 1}}'.encode(), wallet)

    assert problem(answer)[0] == 400


@pytest.mark.parametrize(
    "path",
    [
        "/v1//health",
        "/v1/./health",
        "/v1/x/../health",
        "/v1/health/",
        "/v1/health;x=1",
        "/V1/health",
        "/v1/%68ealth/%2e%2e",
        "/v1\\health",
    ],
)
def test_a_path_has_one_spelling(call: Caller, path: str) -> None:
    where = call.http.base_url

    with socket.create_connection((where.host, where.port or 80), timeout=HANG_S) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        said = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert said.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 "))
