"""`python -m api` is a process: it starts on a free port, reports wrong settings, stops cleanly, and reveals no secret."""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from api.__main__ import MOST_DESCRIPTORS, listening
from api.app import build_app
from coin.clock import write_clock_offset
from coin.core import keccak256
from coin.database.database import Database
from coin.database.embedded import EmbeddedPostgres
from tests.api.caller import Caller, bearer
from tests.api.conftest import opened
from tests.api.town import Town
from tests.patience import HANG_S, wait_until
from tests.served import serving
from tests.worlds.people import key_of, person
from tests.worlds.rules import START_MS

PAYER = person("aoi")


@dataclass
class Process:
    """A gateway process, its address and its log."""

    popen: "subprocess.Popen[bytes]"
    url: str
    log: Path


ALLOWED = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], MOST_DESCRIPTORS + 1_000)


@pytest.fixture
def environment(root: Path, owner_url: str, app_url: str, tmp_path: Path) -> dict[str, str]:
    """What the process is told: the town's books under the rules of the example."""
    program, receipt_key, clock = (
        root / "examples" / "bandai-2022" / "program.toml",
        tmp_path / "receipt.key",
        tmp_path / "clock.json",
    )
    with psycopg.connect(owner_url) as connection:
        digest = keccak256(program.read_bytes())
        connection.execute("UPDATE municipality SET program_digest = %s", [digest])
    receipt_key.touch(0o600)
    receipt_key.write_text("0x" + key_of("receipts").hex() + "\n", encoding="ascii")
    write_clock_offset(clock, START_MS - time.time_ns() // 1_000_000)
    return {
        **os.environ,
        "BANDAI_DATABASE_URL": app_url,
        "BANDAI_PROGRAM": str(program),
        "BANDAI_RECEIPT_KEY_FILE": str(receipt_key),
        "BANDAI_CLOCK": str(clock),
        "BANDAI_PORT_FILE": str(tmp_path / "port"),
    }


@pytest.fixture
def process(environment: dict[str, str], root: Path, tmp_path: Path) -> Iterator[Process]:
    """The process, started and ready."""
    log, port = tmp_path / "log", Path(environment["BANDAI_PORT_FILE"])
    with log.open("wb") as output:
        popen = subprocess.Popen(
            [sys.executable, "-m", "api"],
            cwd=root,
            env=environment,
            stdout=output,
            stderr=output,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, ALLOWED)),
        )
    try:
        wait_until(lambda: port.exists() or popen.poll() is not None)
        assert port.exists(), log.read_text()
        yield Process(popen, f"http://127.0.0.1:{port.read_text()}", log)
    finally:
        popen.kill()
        popen.wait()


def test_what_strangers_get_refused_writes_no_line(process: Process) -> None:
    httpx.get(f"{process.url}/v1/health", timeout=HANG_S)
    before = process.log.read_text()
    port = int(process.url.rpartition(":")[2])
    refused = {
        b"GET /v1/health HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n": b"HTTP/1.1 ",
        b"GET /v1/health HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n": b"HTTP/1.1 ",
        b"\x16\x03\x01 this is no HTTP\r\n\r\n": b"HTTP/1.1 400",
    }

    for request, answer in refused.items():
        with socket.create_connection(("127.0.0.1", port), timeout=HANG_S) as caller:
            caller.sendall(request)
            assert caller.recv(100).startswith(answer)

    assert process.log.read_text() == before


def run(environment: dict[str, str], root: Path) -> tuple[int, str]:
    """Start a process that is expected not to start."""
    done = subprocess.run(
        [sys.executable, "-m", "api"],
        cwd=root,
        env=environment,
        capture_output=True,
        timeout=HANG_S,
        check=False,
    )
    return done.returncode, done.stderr.decode()


def test_it_serves_stops_cleanly_and_its_log_holds_no_secret_address_or_path(
    process: Process, founded: Town, database: Database
) -> None:
    town = founded.copy_on(database)
    town.register(PAYER)
    with httpx.Client(base_url=process.url, timeout=HANG_S) as http:
        call = Caller(town, http)
        town.clock.set_ms(call.get("/municipality").json()["now_ms"])
        town.charge(PAYER, 10_000)
        token, till = call.log_in(PAYER), call.till(12)
        opened = call.open_checkout(12, 1_500)
        [result] = call.pay(call.authorization(PAYER, 12, 1_500, 0, opened["checkout"]))
        call.get(f"/wallets/{PAYER.address}", token)
        call.get(f"/wallets/{PAYER.address}", token + "x")
        call.post("/payments", {"authorizations": 5})

    process.popen.send_signal(signal.SIGTERM)

    assert process.popen.wait(HANG_S) == 0
    assert result["status"] == "accepted"
    log = process.log.read_text()
    hidden = [token, till, town.credentials[12].secret, PAYER.address[2:], opened["checkout"], "/v1/"]
    hidden += [key_of("receipts").hex(), result["payment"][2:]]
    assert not [secret for secret in hidden if secret.lower() in log.lower()]


def test_a_stream_of_one_process_tells_of_a_payment_that_another_process_accepted(
    process: Process, founded: Town, database: Database, app_url: str
) -> None:
    town = founded.copy_on(database)
    town.register(PAYER)
    town.charge(PAYER, 10_000)
    with (
        httpx.Client(base_url=process.url, timeout=HANG_S) as http,
        opened(town, app_url) as here,
        serving(build_app(here), lifespan="off") as url,
        httpx.Client(base_url=url, timeout=HANG_S) as other,
    ):
        call, elsewhere = Caller(town, http), Caller(town, other)
        asked, till = call.open_checkout(12, 1_500), call.till(12)
        path = f"/v1/checkouts/{asked['checkout']}/events"
        with http.stream("GET", path, headers=bearer(till)) as response:
            told = (json.loads(line[6:]) for line in response.iter_lines() if line.startswith("data: "))
            before = next(told)
            [result] = elsewhere.pay(elsewhere.authorization(PAYER, 12, 1_500, 0, asked["checkout"]))
            after = next(told)

    assert (before["status"], after["status"]) == ("open", "paid")
    assert after["payment"]["receipt"] == result["receipt"]


def test_a_stream_that_waits_does_not_keep_the_process_from_stopping(
    process: Process, founded: Town, database: Database
) -> None:
    with httpx.Client(base_url=process.url, timeout=HANG_S) as http:
        call = Caller(founded.copy_on(database), http)
        opened, till = call.open_checkout(12, 1_500), call.till(12)
        path = f"/v1/checkouts/{opened['checkout']}/events"
        with http.stream("GET", path, headers=bearer(till)) as response:
            lines = response.iter_lines()
            assert next(lines) == "event: checkout"

            process.popen.send_signal(signal.SIGTERM)

            assert [line for line in lines if line.startswith("event")] == []
        assert process.popen.wait(HANG_S) == 0
    assert "ERROR" not in process.log.read_text()


@pytest.mark.parametrize("upgrade", ["websocket", "h2c"])
def test_it_speaks_http_and_changes_to_nothing_else(process: Process, upgrade: str) -> None:
    headers = {"Connection": "Upgrade", "Upgrade": upgrade, "Sec-WebSocket-Version": "13"}
    key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}

    answer = httpx.get(f"{process.url}/v1/health", headers=headers | key)

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert "upgrade" not in answer.headers


def test_it_may_hold_as_many_connections_as_the_machine_allows_within_what_its_memory_bears(
    process: Process,
) -> None:
    limits = Path(f"/proc/{process.popen.pid}/limits").read_text("ascii")

    ((soft, hard),) = re.findall(r"Max open files +(\d+) +(\d+)", limits)
    assert hard == str(ALLOWED)
    assert soft == str(min(ALLOWED, MOST_DESCRIPTORS))


@pytest.mark.slow
def test_it_ends_a_connection_whose_head_does_not_end(process: Process) -> None:
    with socket.create_connection(
        ("127.0.0.1", httpx.URL(process.url).port or 80), timeout=HANG_S
    ) as connection:
        connection.sendall(b"GET /v1/health HTTP/1.1\r\nHost: ")

        assert connection.recv(1_000) == b""


def test_a_restart_goes_on_with_nothing_lost(
    process: Process, environment: dict[str, str], root: Path, founded: Town, database: Database
) -> None:
    town = founded.copy_on(database)
    town.register(PAYER)
    with httpx.Client(base_url=process.url, timeout=HANG_S) as http:
        call = Caller(town, http)
        town.clock.set_ms(call.get("/municipality").json()["now_ms"])
        town.charge(PAYER, 10_000)
        signed = call.authorization(PAYER, 12, 1_500, 0)
        first = call.pay(signed)
    process.popen.kill()
    process.popen.wait()
    port = Path(environment["BANDAI_PORT_FILE"])
    port.unlink()

    again = subprocess.Popen([sys.executable, "-m", "api"], cwd=root, env=environment)
    try:
        wait_until(lambda: port.exists() or again.poll() is not None)
        with httpx.Client(base_url=f"http://127.0.0.1:{port.read_text()}", timeout=HANG_S) as http:
            assert Caller(town, http).pay(signed) == first
    finally:
        again.terminate()
        assert again.wait(HANG_S) == 0


@pytest.mark.parametrize("name", ["BANDAI_DATABASE_URL", "BANDAI_PROGRAM", "BANDAI_RECEIPT_KEY_FILE"])
def test_a_missing_setting_is_named(environment: dict[str, str], root: Path, name: str) -> None:
    code, said = run({**environment, name: ""}, root)

    assert code == 1
    assert said.startswith("setting_missing: ")
    assert name in said


def test_a_key_that_others_can_read_is_refused(environment: dict[str, str], root: Path) -> None:
    Path(environment["BANDAI_RECEIPT_KEY_FILE"]).chmod(0o640)

    code, said = run(environment, root)

    assert (code, said.split(":")[0]) == (1, "key_file_invalid")


def test_another_receipts_key_than_registered_is_refused_and_not_printed(
    environment: dict[str, str], root: Path
) -> None:
    other = key_of("another").hex()
    Path(environment["BANDAI_RECEIPT_KEY_FILE"]).write_text("0x" + other, encoding="ascii")

    code, said = run(environment, root)

    assert (code, said.split(":")[0]) == (1, "receipt_key_differs")
    assert other not in said


def test_a_movable_clock_is_refused_outside_a_demo(
    environment: dict[str, str], root: Path, owner_url: str
) -> None:
    with psycopg.connect(owner_url) as connection:
        connection.execute("UPDATE municipality SET is_demo = false")

    code, said = run(environment, root)

    assert (code, said.split(":")[0]) == (1, "demo_clock_refused")


def test_other_rules_than_those_in_force_are_refused(
    environment: dict[str, str], root: Path, owner_url: str
) -> None:
    with psycopg.connect(owner_url) as connection:
        connection.execute("UPDATE municipality SET program_digest = %s", [bytes(32)])

    code, said = run(environment, root)

    assert (code, said.split(":")[0]) == (1, "program_differs")


def test_books_that_do_not_answer_are_said_to_be_unavailable(
    process: Process, postgres: EmbeddedPostgres, owner_url: str
) -> None:
    name = owner_url.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )

    with httpx.Client(base_url=process.url, timeout=HANG_S) as http:
        answer = http.get("/v1/health")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert answer.headers["retry-after"] == "2"


def test_a_connection_sends_its_answers_without_waiting_for_an_acknowledgement() -> None:
    with listening("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()

        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
