"""Everybody can read the totals of confirmed days, in which no person can be found; the health check says that the books answer."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from eth_account.signers.local import LocalAccount

from coin.ledger import chain_effects
from coin.reports.public_figures import SMALL_CELL, PublicFigures, public_figures
from tests.api.caller import Caller
from tests.api.town import PROGRAM
from tests.worlds.people import person
from tests.worlds.rules import START_MS

HIDDEN = {"issued": None, "held": None, "spent": None, "expired": None}
MIDNIGHT_MS = START_MS + 14 * 3_600_000
DAY_MS = 86_400_000


def confirm(owner_url: str, number: int, last_sequence: int) -> None:
    """What settlement writes when the chain has confirmed everything up to `last_sequence`."""
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            """INSERT INTO batch (municipality, number, first_sequence, last_sequence, as_of_s, state, calldata,
                                  sealed_at_ms)
               VALUES ('074071', %s, %s, %s, 1, 'confirmed', ''::bytea, 1)""",
            [number, number, last_sequence],
        )


def confirm_all(call: Caller, owner_url: str, number: int = 1) -> None:
    """Everything that was accepted until now."""
    with call.town.database.transaction() as connection:
        confirm(owner_url, number, chain_effects.last_sequence(connection, call.town.municipality.code))


def end_day(call: Caller, owner_url: str) -> dict[str, Any]:
    """What everybody reads on the day after, when all is confirmed."""
    confirm_all(call, owner_url)
    call.town.clock.advance_ms(DAY_MS)
    figures: dict[str, Any] = call.get("/public/figures").json()
    return figures


def ten_who_paid(call: Caller) -> list[LocalAccount]:
    """As many as figures need, each with a charge and a payment."""
    people = [person(f"person {place}") for place in range(SMALL_CELL)]
    call.town.register(*people)
    for resident in people:
        call.town.charge(resident, 10_000)
    call.pay(*[call.authorization(resident, 12, 1_500, 0) for resident in people])
    return people


def test_totals_add_up_and_stand_still_until_the_day_has_ended(call: Caller, owner_url: str) -> None:
    people = ten_who_paid(call)

    confirm_all(call, owner_url)
    same_day = call.get("/public/figures").json()
    call.town.clock.set_ms(MIDNIGHT_MS + 59_000)
    at_midnight = call.get("/public/figures").json()
    call.town.clock.set_ms(MIDNIGHT_MS + 60_000)
    after = call.get("/public/figures").json()
    call.town.register(person("newcomer"))
    call.pay(call.authorization(people[0], 12, 1, 1))
    confirm_all(call, owner_url, 2)
    later = call.get("/public/figures").json()

    assert (same_day["coin"], same_day["point"], same_day["batches"]) == (HIDDEN, HIDDEN, 0)
    assert at_midnight == same_day
    assert after["coin"] == {"issued": 100_000, "held": 95_000, "spent": 5_000, "expired": 0}
    assert after["point"] == {"issued": 10_000, "held": 0, "spent": 10_000, "expired": 0}
    assert (after["merchants"], after["wallets"], after["batches"]) == (2, SMALL_CELL, 1)
    assert (same_day["day"], after["day"]) == ("2022-07-21", "2022-07-22")
    assert later == after


def test_a_day_is_shown_when_all_of_it_is_confirmed_and_not_batch_by_batch(
    call: Caller, owner_url: str
) -> None:
    people = ten_who_paid(call)
    confirm_all(call, owner_url)
    call.pay(call.authorization(people[0], 12, 321, 1))
    call.town.clock.advance_ms(DAY_MS)

    unfinished = call.get("/public/figures").json()
    confirm_all(call, owner_url, 2)
    finished = call.get("/public/figures").json()

    assert (unfinished["day"], unfinished["batches"], unfinished["coin"]) == ("2022-07-21", 0, HIDDEN)
    assert (finished["day"], finished["batches"]) == ("2022-07-22", 2)
    assert finished["coin"]["spent"] == 5_321


def test_figures_of_fewer_than_ten_wallets_are_hidden(call: Caller, owner_url: str) -> None:
    people = [person(f"person {place}") for place in range(SMALL_CELL - 1)]
    call.town.register(*people)
    call.town.charge(people[0], 10_000)

    figures = end_day(call, owner_url)

    assert (figures["coin"], figures["point"], figures["wallets"]) == (HIDDEN, HIDDEN, None)


def test_figures_with_few_holders_behind_them_are_hidden_in_a_large_town_too(
    call: Caller, owner_url: str
) -> None:
    people = [person(f"person {place}") for place in range(3 * SMALL_CELL)]
    call.town.register(*people)
    for resident in people[: SMALL_CELL - 1]:
        call.town.charge(resident, 10_000)

    figures = end_day(call, owner_url)

    assert (figures["coin"], figures["point"], figures["wallets"]) == (HIDDEN, HIDDEN, 30)


def test_what_a_few_have_spent_is_hidden_though_many_have_charged(call: Caller, owner_url: str) -> None:
    people = [person(f"person {place}") for place in range(3 * SMALL_CELL)]
    call.town.register(*people)
    for resident in people:
        call.town.charge(resident, 10_000)
    call.pay(call.authorization(people[0], 12, 4_321, 0))

    figures = end_day(call, owner_url)

    assert (figures["coin"], figures["point"], figures["wallets"]) == (HIDDEN, HIDDEN, 30)


def test_health_names_the_contract_and_not_what_moved(shared_call: Caller) -> None:
    answer = shared_call.get("/health").json()

    assert answer == {
        "status": "ok",
        "municipality": "074071",
        "chain_id": 31337,
        "contract": "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    }


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
        confirm_all(call, owner_url)
        call.town.clock.advance_ms(DAY_MS)
        second = list(crowd.map(lambda _: call.get("/public/figures").json()["batches"], range(40)))

    assert first == [200] * 40
    assert second == [1] * 40
    assert len(added_up) == 2
