"""A till is told of a payment when it is accepted, by whichever process, and one caller's streams do not affect others."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import islice, takewhile
from typing import Any

import httpx
import psycopg
import pytest

from api import watchers
from api.app import build_app
from api.gateway import Gateway
from api.limits import Limits
from api.routes import checkout_events
from coin.database.database import Database
from coin.database.embedded import EmbeddedPostgres
from coin.database.migrate import migrate
from coin.payments import announcements
from coin.registry import credentials
from tests.api.caller import Caller, bearer, problem
from tests.api.conftest import opened
from tests.api.town import Town, found_town
from tests.patience import HANG_S, wait_until
from tests.served import serving
from tests.worlds.people import person

PAYER, OTHER = person("aoi"), person("riku")
Events = Iterator[dict[str, Any]]


@contextmanager
def stream(call: Caller, checkout: str, token: str | None) -> Iterator[httpx.Response]:
    with call.http.stream("GET", f"/v1/checkouts/{checkout}/events", headers=bearer(token)) as response:
        yield response


def events(response: httpx.Response) -> Events:
    for line in response.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def refused(call: Caller, checkout: str, token: str | None) -> tuple[int, str, str | None]:
    with stream(call, checkout, token) as response:
        assert response.status_code >= 400
        response.read()
        return problem(response)


@contextmanager
def following(call: Caller, checkout: str, token: str) -> Iterator[Events]:
    """A stream whose first event has come; the iterator must stay referred to, or its connection is closed."""
    with stream(call, checkout, token) as response:
        told = events(response)
        assert next(told)["status"] == "open"
        yield told


@pytest.fixture
def charged(call: Caller) -> Caller:
    call.town.register(PAYER)
    call.town.charge(PAYER, 10_000)
    return call


@pytest.fixture
def other_process(town: Town, app_url: str) -> Iterator[Caller]:
    """Another gateway on the same books, with a server, a pool and a queue of its own."""
    with (
        opened(town, app_url) as gateway,
        serving(build_app(gateway), lifespan="off") as url,
        httpx.Client(base_url=url, timeout=HANG_S) as http,
    ):
        yield Caller(town, http)


def test_a_payment_accepted_by_another_gateway_is_told_at_once_with_its_receipt(
    charged: Caller, other_process: Caller
) -> None:
    checkout, till = charged.open_checkout(12, 1_500), charged.till(12)

    with stream(charged, checkout["checkout"], till) as response:
        told = events(response)
        before = next(told)
        [paid] = other_process.pay(charged.authorization(PAYER, 12, 1_500, 0, checkout["checkout"]))
        after = next(told)
        rest = list(told)

    assert response.headers["content-type"].startswith("text/event-stream")
    assert (before["status"], before["payment"]) == ("open", None)
    assert (after["status"], after["payment"]["receipt"]) == ("paid", paid["receipt"])
    assert after == charged.get(f"/checkouts/{checkout['checkout']}", till).json()
    assert rest == []


def test_whoever_comes_late_or_again_is_told_the_present_state_first(charged: Caller) -> None:
    checkout, till = charged.open_checkout(12, 1_500), charged.till(12)
    charged.pay(charged.authorization(PAYER, 12, 1_500, 0, checkout["checkout"]))

    for _ in range(2):
        with stream(charged, checkout["checkout"], till) as response:
            assert [event["status"] for event in events(response)] == ["paid"]


def test_a_checkout_whose_time_passes_ends_its_stream_as_expired(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout_events, "LOOK_AGAIN_S", 0.05)
    checkout, till = call.open_checkout(12, 100), call.till(12)

    with stream(call, checkout["checkout"], till) as response:
        told = events(response)
        first = next(told)
        call.town.clock.set_ms(checkout["deadline"] + 2_000)
        rest = list(told)

    assert (first["status"], [event["status"] for event in rest]) == ("open", ["expired"])


def test_a_payment_accepted_in_the_last_moment_and_committed_after_it_is_told_as_paid(
    charged: Caller, owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout_events, "LOOK_AGAIN_S", 0.05)
    checkout, till = charged.open_checkout(12, 100), charged.till(12)
    signed = charged.authorization(PAYER, 12, 100, 0, checkout["checkout"])

    with stream(charged, checkout["checkout"], till) as response, ThreadPoolExecutor(1) as hands:
        told = events(response)
        first = next(told)
        with psycopg.connect(owner_url) as slow:
            slow.execute("LOCK TABLE chain_effect IN SHARE MODE")
            paying = hands.submit(charged.pay, signed)
            wait_until(lambda: waits_for_a_lock(owner_url))
            charged.town.clock.set_ms(checkout["deadline"])
            time.sleep(0.5)  # ten looks at a checkout whose time has passed
        [paid] = paying.result()
        rest = list(told)

    assert (first["status"], paid["status"]) == ("open", "accepted")
    assert [event["status"] for event in rest] == ["paid"]


def waits_for_a_lock(owner_url: str) -> bool:
    with psycopg.connect(owner_url) as connection:
        waiting = (
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(connection.execute(waiting).fetchall())


def test_while_nothing_happens_comments_keep_the_line_open(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastapi.routing._PING_INTERVAL", 0.05)
    checkout, till = call.open_checkout(12, 100)["checkout"], call.till(12)

    with stream(call, checkout, till) as response:
        lines = response.iter_lines()
        heard = takewhile(lambda line: line != "event: checkout", lines)
        assert set(heard) <= {": ping", ""}  # a slow machine's first event comes after a comment
        assert [line for line in islice(lines, 12) if line == ": ping"][1:]


def test_another_shops_till_no_session_and_an_unknown_checkout_get_no_stream(call: Caller) -> None:
    checkout = call.open_checkout(12, 100)["checkout"]

    assert refused(call, checkout, call.till(13)) == (404, "checkout_unknown", None)
    assert refused(call, "0" * 26, call.till(12)) == (404, "checkout_unknown", None)
    assert refused(call, checkout, None) == (401, "unauthorized", None)


def test_a_wallet_that_only_read_the_code_is_told_that_it_is_paid_but_not_by_whom(charged: Caller) -> None:
    charged.town.register(OTHER)
    checkout = charged.open_checkout(12, 100)["checkout"]

    with stream(charged, checkout, charged.log_in(OTHER)) as response:
        told = events(response)
        next(told)
        charged.pay(charged.authorization(PAYER, 12, 100, 0, checkout))
        last = next(told)

    assert (last["status"], last["payment"]) == ("paid", None)


def test_a_credential_that_was_revoked_meanwhile_is_told_nothing_more(charged: Caller) -> None:
    checkout, till = charged.open_checkout(12, 100)["checkout"], charged.till(12)

    with stream(charged, checkout, till) as response:
        told = events(response)
        next(told)
        town = charged.town
        with town.books() as books:
            made = town.credentials[12].credential.id
            credentials.revoke(books, made)
        charged.pay(charged.authorization(PAYER, 12, 100, 0, checkout))
        rest = list(told)

    assert rest == []


def test_a_ninth_stream_of_one_till_is_refused_and_another_till_is_not(
    call: Caller, gateway: Gateway
) -> None:
    checkout, other = call.open_checkout(12, 100)["checkout"], call.open_checkout(13, 100)["checkout"]
    till = call.till(12)

    with ExitStack() as stack:
        kept = [stack.enter_context(following(call, checkout, till)) for _ in range(watchers.MOST_OF_ONE)]
        ninth = refused(call, checkout, call.till(12))
        kept.append(stack.enter_context(following(call, other, call.till(13))))

    assert ninth == (429, "too_many_requests", None)
    wait_until(lambda: len(gateway.watchers) == 0)
    with following(call, checkout, till):
        assert len(gateway.watchers) == 1


def test_wallets_that_take_all_their_places_leave_those_of_tills_free(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(watchers.MOST, watchers.PrincipalKind.WALLET, 1)
    checkout = call.open_checkout(12, 100)["checkout"]

    with following(call, checkout, call.log_in(PAYER)):
        second = refused(call, checkout, call.log_in(OTHER))
        with following(call, checkout, call.till(12)):
            pass

    assert second == (429, "too_many_requests", None)


def test_a_reader_that_went_away_leaves_nothing_behind(call: Caller, gateway: Gateway) -> None:
    checkout, till = call.open_checkout(12, 100)["checkout"], call.till(12)

    for _ in range(watchers.MOST_OF_ONE * 3):
        with following(call, checkout, till):
            assert len(gateway.watchers) == 1
        wait_until(lambda: len(gateway.watchers) == 0)

    assert len(gateway.watchers) == 0


def test_one_connection_listens_for_all_streams_of_a_process(
    call: Caller, gateway: Gateway, owner_url: str
) -> None:
    checkout, till = call.open_checkout(12, 100)["checkout"], call.till(12)

    with ExitStack() as stack:
        kept = [stack.enter_context(following(call, checkout, till)) for _ in range(5)]
        wait_until(lambda: len(listeners(owner_url)) == 1)

        assert len(gateway.watchers) == len(kept)
        assert len(listeners(owner_url)) == 1


def test_after_the_listening_connection_was_cut_payments_are_told_again(
    charged: Caller, other_process: Caller, owner_url: str
) -> None:
    checkout, till = charged.open_checkout(12, 100)["checkout"], charged.till(12)

    with stream(charged, checkout, till) as response:
        told = events(response)
        next(told)
        wait_until(lambda: bool(listeners(owner_url)))
        [old] = listeners(owner_url)
        with psycopg.connect(owner_url, autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(%s)", [old])
        other_process.pay(charged.authorization(PAYER, 12, 100, 0, checkout))
        last = next(told)

    assert last["status"] == "paid"


def test_a_stream_outlives_a_power_cut_of_the_database_and_tells_what_was_paid_after_it(
    founded: Town, tmp_path_factory: pytest.TempPathFactory, postgres: EmbeddedPostgres
) -> None:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("cut"), settings={"fsync": "off"})
    server.start()
    try:
        with own_town(server) as call:
            call.town.register(PAYER)
            call.town.charge(PAYER, 10_000)
            checkout, till = call.open_checkout(12, 100)["checkout"], call.till(12)
            signed = call.authorization(PAYER, 12, 100, 0, checkout)
            with stream(call, checkout, till) as response:
                told = events(response)
                next(told)
                server.kill()
                server.start()
                wait_until(lambda: call.post("/payments", {"authorizations": [signed]}).status_code == 200)
                last = next(told)
            assert last["status"] == "paid"
    finally:
        server.destroy()


@contextmanager
def own_town(server: EmbeddedPostgres) -> Iterator[Caller]:
    server.create_database("town")
    migrate(server.url("town"))
    url = server.url("town", user="bandai_app")
    database = Database.open(url)
    town = found_town(database)
    with (
        opened(town, url) as gateway,
        serving(build_app(gateway, limits=Limits(100_000, 100_000)), lifespan="off") as at,
        httpx.Client(base_url=at, timeout=HANG_S) as http,
    ):
        yield Caller(town, http)
    database.close()


def test_a_gateway_that_stops_ends_its_streams_and_takes_no_new_one(town: Town, app_url: str) -> None:
    with (
        opened(town, app_url) as gateway,
        serving(build_app(gateway), lifespan="off") as url,
        httpx.Client(base_url=url, timeout=HANG_S) as http,
    ):
        call = Caller(town, http)
        checkout, till = call.open_checkout(12, 100)["checkout"], call.till(12)
        with stream(call, checkout, till) as response:
            told = events(response)
            next(told)
            threading.Thread(target=gateway.watchers.close).start()
            assert list(told) == []
        assert refused(call, checkout, till) == (503, "shutting_down", None)


def test_what_was_not_committed_is_not_announced_and_a_thousand_ids_fit(town: Town, owner_url: str) -> None:
    ids = [f"{number:036d}" for number in range(1_000)]
    with psycopg.connect(owner_url, autocommit=True) as ear:
        ear.execute(f"LISTEN {announcements.CHANNEL}")
        with town.books() as books:
            announcements.announce(books, ["9" * 26])
            raise psycopg.Rollback
        with town.books() as books:
            announcements.announce(books, ids)
        got = [announcements.heard(note.payload) for note in ear.notifies(timeout=HANG_S, stop_after=5)]

    assert [code for code, _ in got] == ["074071"] * 5
    assert [one for _, some in got for one in some] == ids


def listeners(owner_url: str) -> list[int]:
    with psycopg.connect(owner_url) as connection:
        rows = connection.execute(
            """SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"""
        )
        return [row[0] for row in rows]
