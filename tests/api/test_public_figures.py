"""Everybody sees totals of what is confirmed, and nobody can be found in them; health says the books answer."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from coin.reports.public_figures import SMALL_CELL, PublicFigures, public_figures
from tests.api.caller import Caller
from tests.api.town import PROGRAM, key

HIDDEN = {"issued": None, "held": None, "spent": None, "expired": None}
ZERO = {"issued": 0, "held": 0, "spent": 0, "expired": 0}


def confirm(owner_url: str, number: int, last_sequence: int) -> None:
    """What settlement writes when the chain has confirmed everything up to `last_sequence`."""
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            """INSERT INTO batch (municipality, number, first_sequence, last_sequence, as_of_s, state, calldata,
                                  sealed_at_ms)
               VALUES ('074071', %s, %s, %s, 1, 'confirmed', ''::bytea, 1)""",
            [number, number, last_sequence],
        )


def last_sequence(call: Caller) -> int:
    """From the gateway's health."""
    return int(call.get("/health").json()["last_sequence"])


def test_totals_add_up_and_stand_still_until_the_chain_confirms_more(call: Caller, owner_url: str) -> None:
    people = [key(300 + place) for place in range(SMALL_CELL)]
    call.town.register(*people)
    for person in people:
        call.town.charge(person, 10_000)
    call.pay(*[call.authorization(person, 12, 1_500, 0) for person in people])

    before = call.get("/public/figures").json()
    confirm(owner_url, 1, last_sequence(call))
    after = call.get("/public/figures").json()
    call.pay(call.authorization(people[0], 12, 1, 1))
    later = call.get("/public/figures").json()

    assert (before["coin"], before["point"], before["batches"]) == (ZERO, ZERO, 0)
    assert after["coin"] == {"issued": 100_000, "held": 95_000, "spent": 5_000, "expired": 0}
    assert after["point"] == {"issued": 10_000, "held": 0, "spent": 10_000, "expired": 0}
    assert (after["merchants"], after["wallets"], after["batches"]) == (2, SMALL_CELL, 1)
    assert later == after


def test_figures_of_fewer_than_ten_wallets_are_hidden(call: Caller, owner_url: str) -> None:
    people = [key(300 + place) for place in range(SMALL_CELL - 1)]
    call.town.register(*people)
    call.town.charge(people[0], 10_000)
    confirm(owner_url, 1, last_sequence(call))

    figures = call.get("/public/figures").json()

    assert (figures["coin"], figures["point"], figures["wallets"]) == (HIDDEN, HIDDEN, None)


def test_figures_with_few_holders_behind_them_are_hidden_in_a_large_town_too(
    call: Caller, owner_url: str
) -> None:
    people = [key(300 + place) for place in range(3 * SMALL_CELL)]
    call.town.register(*people)
    for person in people[: SMALL_CELL - 1]:
        call.town.charge(person, 10_000)
    confirm(owner_url, 1, last_sequence(call))

    figures = call.get("/public/figures").json()

    assert (figures["coin"], figures["point"], figures["wallets"]) == (HIDDEN, HIDDEN, 30)


def test_what_a_few_have_spent_is_hidden_though_many_have_charged(call: Caller, owner_url: str) -> None:
    people = [key(300 + place) for place in range(3 * SMALL_CELL)]
    call.town.register(*people)
    for person in people:
        call.town.charge(person, 10_000)
    call.pay(call.authorization(people[0], 12, 4_321, 0))
    confirm(owner_url, 1, last_sequence(call))

    figures = call.get("/public/figures").json()

    assert (figures["coin"], figures["point"], figures["wallets"]) == (HIDDEN, HIDDEN, 30)


def test_health_names_the_contract_and_the_last_number(shared_call: Caller) -> None:
    answer = shared_call.get("/health").json()

    assert (answer["status"], answer["municipality"], answer["chain_id"]) == ("ok", "074071", 31337)
    assert answer["contract"] == "0x5FbDB2315678afecb367f032d93F642f64180aa3"
    assert answer["last_sequence"] == 5


def test_the_municipality_says_what_wallets_pin(shared_call: Caller) -> None:
    answer = shared_call.get("/municipality").json()

    assert answer["name"] == PROGRAM.municipality.name_ja
    assert answer["domain"]["name"] == "BandaiCoin 074071"
    assert answer["now_ms"] == shared_call.town.clock.now_ms()
    assert len(answer["receipt_key"]["key_id"]) == 66


def test_a_crowd_that_asks_at_once_has_them_added_up_once(
    call: Caller, owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    added_up = []

    def counted(*books: Any) -> PublicFigures:
        added_up.append(books)
        return public_figures(*books)

    monkeypatch.setattr("api.gateway.public_figures", counted)
    with ThreadPoolExecutor(20) as crowd:
        first = list(crowd.map(lambda _: call.get("/public/figures").status_code, range(40)))
        confirm(owner_url, 1, last_sequence(call))
        second = list(crowd.map(lambda _: call.get("/public/figures").json()["batches"], range(40)))

    assert first == [200] * 40
    assert second == [1] * 40
    assert len(added_up) == 2
