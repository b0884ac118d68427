"""Every answer, also an error, has headers against caching, sniffing, framing and running it."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn

from api.app import build_app
from api.gateway import Gateway
from api.guard import Guard
from api.patience import Patient
from tests.api.caller import Caller, problem
from tests.patience import HANG_S
from tests.worlds.people import person

WALLET = person("aoi")


@pytest.fixture
def call(shared_call: Caller) -> Caller:
    """Nothing here moves anything, so one town is enough."""
    return shared_call


def test_no_answer_may_be_kept_framed_or_run(call: Caller) -> None:
    call.town.register(WALLET)
    token = call.log_in(WALLET)

    answers = [
        call.get("/municipality"),
        call.get(f"/wallets/{WALLET.address}", token),
        call.get(f"/wallets/{WALLET.address}/history", token),
        call.get(f"/wallets/{WALLET.address}"),
        call.get("/nothing"),
        call.post("/payments", {"authorizations": 5}),
        call.post("/payments", {"authorizations": [call.authorization(WALLET, 12, 1, 0)]}),
    ]

    for answer in answers:
        assert answer.headers["cache-control"] == "no-store", answer.request.url
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_no_answer_lets_a_page_of_somebody_else_read_it(call: Caller) -> None:
    foreign = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}

    asked = call.http.get("/v1/municipality", headers=foreign)
    preflight = call.http.options("/v1/payments", headers=foreign)

    assert problem(preflight)[:2] == (405, "method_not_allowed")
    assert not [name for name in [*asked.headers, *preflight.headers] if name.startswith("access-control")]


def test_head_answers_as_get_does_without_a_body(call: Caller) -> None:
    asked = call.http.get("/v1/municipality")

    answer = call.http.head("/v1/municipality")

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == asked.headers["content-type"]
    assert call.http.head("/v1/payments").status_code == 405


@contextmanager
def served(
    gateway: Gateway, *, head_life_s: float = 30.0, body_life_s: float = 30.0
) -> Iterator[tuple[str, int]]:
    """A gateway that waits for heads and bodies so long; gives its host and port."""

    class Hasty(Patient):
        pass

    Hasty.head_life_s = head_life_s
    guard = Guard(build_app(gateway), body_life_s=body_life_s)
    config = uvicorn.Config(guard, port=0, log_config=None, lifespan="off", http=Hasty, timeout_keep_alive=30)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    while not server.started:
        threading.Event().wait(0.005)
    yield server.servers[0].sockets[0].getsockname()[:2]
    server.should_exit = True
    thread.join()


def everything(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65_536), b""))


@pytest.mark.parametrize("said", [b"", b"GET /v1/health HTT", b"GET /v1/health HTTP/1.1\r\nHost: x\r\n"])
def test_a_head_that_does_not_end_loses_its_connection(gateway: Gateway, said: bytes) -> None:
    with (
        served(gateway, head_life_s=0.1) as where,
        socket.create_connection(where, timeout=HANG_S) as connection,
    ):
        connection.sendall(said)

        assert everything(connection) == b""


def test_a_second_head_that_does_not_end_loses_its_connection_too(gateway: Gateway) -> None:
    with (
        served(gateway, head_life_s=0.1) as where,
        socket.create_connection(where, timeout=HANG_S) as connection,
    ):
        connection.sendall(b"GET /v1/municipality HTTP/1.1\r\nHost: x\r\n\r\n")
        first = connection.recv(65_536)
        connection.sendall(b"G")

        assert first.startswith(b"HTTP/1.1 200 ")
        assert b"HTTP/1.1" not in everything(connection)


def test_a_body_that_does_not_end_is_told_so_and_loses_its_connection(gateway: Gateway) -> None:
    head = b"POST /v1/payments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
    with (
        served(gateway, body_life_s=0.1) as where,
        socket.create_connection(where, timeout=HANG_S) as connection,
    ):
        connection.sendall(head)

        said = everything(connection)

    assert said.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"body_too_slow"' in said


def test_the_rest_of_a_body_that_nobody_asked_for_does_not_hold_a_connection(gateway: Gateway) -> None:
    with (
        served(gateway, head_life_s=0.1) as where,
        socket.create_connection(where, timeout=HANG_S) as connection,
    ):
        connection.sendall(b"GET /v1/municipality HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        first = connection.recv(65_536)
        connection.sendall(b"a")

        assert first.startswith(b"HTTP/1.1 200 ")
        assert b"HTTP/1.1" not in everything(connection)


def test_a_connection_that_asks_in_time_is_kept(gateway: Gateway) -> None:
    with (
        served(gateway, head_life_s=0.05) as (host, port),
        httpx.Client(base_url=f"http://{host}:{port}") as http,
    ):
        asked = [ask(http) for _ in range(40)]

    assert {status for status, _ in asked} == {200}
    assert len({address for _, address in asked}) == 1


def ask(http: httpx.Client) -> tuple[int, tuple[str, int]]:
    """The status of an answer, and our end of the connection that it came on."""
    with http.stream("GET", "/v1/health") as answer:
        address: tuple[str, int] = answer.extensions["network_stream"].get_extra_info("client_addr")
        answer.read()
    return answer.status_code, address
