"""A creation that is sent twice happens once, even at the same moment; a key stands for one request of one caller."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from api.idempotency import KEPT_MS
from tests.api.caller import Caller, problem
from tests.worlds.people import person

WALLET = person("aoi")


def count_checkouts(call: Caller) -> int:
    """How many checkouts the books have."""
    with call.town.database.transaction() as connection:
        row = connection.execute("SELECT count(*) AS n FROM checkout").fetchone()
    assert row is not None
    return int(row["n"])


def test_the_same_key_and_body_give_the_first_answer_again(call: Caller) -> None:
    till = call.till(12)

    first = call.post("/tills/checkouts", {"amount": 100}, till, key="k-1")
    call.town.clock.advance_ms(5_000)
    second = call.post("/tills/checkouts", {"amount": 100}, till, key="k-1")

    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert count_checkouts(call) == 1


def test_the_same_key_with_another_body_is_a_conflict_and_creates_nothing(call: Caller) -> None:
    till = call.till(12)
    call.post("/tills/checkouts", {"amount": 100}, till, key="k-1")

    answer = call.post("/tills/checkouts", {"amount": 101}, till, key="k-1")

    assert problem(answer) == (409, "idempotency_key_reused", "Idempotency-Key")
    assert count_checkouts(call) == 1


def test_the_same_key_on_another_path_is_a_conflict(call: Caller) -> None:
    call.town.register(WALLET)
    call.town.charge(WALLET, 1_000)
    token = call.log_in(WALLET)
    call.post("/merchants/12/checkouts", {"amount": 100}, token, key="k-1")

    answer = call.post("/merchants/13/checkouts", {"amount": 100}, token, key="k-1")

    assert problem(answer)[1] == "idempotency_key_reused"


def test_a_key_belongs_to_its_caller_over_all_its_sessions(call: Caller) -> None:
    first = call.post("/tills/checkouts", {"amount": 100}, call.till(12), key="k-1").json()
    again = call.post("/tills/checkouts", {"amount": 100}, call.till(12), key="k-1").json()
    other = call.post("/tills/checkouts", {"amount": 100}, call.till(13), key="k-1").json()

    assert first == again
    assert other["checkout"] != first["checkout"]
    assert other["merchant"]["number"] == 13


def test_an_error_leaves_the_key_free(call: Caller) -> None:
    till = call.till(12)
    call.post("/tills/checkouts", {"amount": 16_777_215}, till, key="k-1")

    answer = call.post("/tills/checkouts", {"amount": 100}, till, key="k-1")

    assert answer.status_code == 201


def test_twenty_at_the_same_moment_create_one(call: Caller) -> None:
    till = call.till(12)

    def send(_: int) -> Any:
        return call.post("/tills/checkouts", {"amount": 100}, till, key="k-1").content

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(send, range(20)))

    assert len(answers) == 1
    assert count_checkouts(call) == 1


def test_a_race_of_two_bodies_has_one_winner(call: Caller) -> None:
    till = call.till(12)

    def send(amount: int) -> int:
        return call.post("/tills/checkouts", {"amount": amount}, till, key="k-1").status_code

    with ThreadPoolExecutor(10) as pool:
        statuses = sorted(pool.map(send, range(1, 11)))

    assert statuses == [201] + [409] * 9
    assert count_checkouts(call) == 1


def test_a_creation_without_a_key_is_refused(call: Caller) -> None:
    answers = [
        call.post("/tills/checkouts", {"amount": 1}, call.till(12), key=None),
        call.post("/merchants/12/checkouts", {"amount": 1}, call.log_in(WALLET), key=None),
        call.post("/wallets", {"address": WALLET.address}, call.log_in(WALLET), key=None),
    ]

    assert [problem(answer) for answer in answers] == [
        (400, "idempotency_key_missing", "Idempotency-Key")
    ] * 3


@pytest.mark.parametrize("text", ["a b", "k" * 65, "é"])
def test_a_key_that_is_too_long_or_not_printable_is_refused(call: Caller, text: str) -> None:
    headers = {"Authorization": f"Bearer {call.till(12)}", "Idempotency-Key": text.encode("latin-1")}

    answer = call.http.post("/v1/tills/checkouts", json={"amount": 1}, headers=headers)

    assert problem(answer) == (400, "idempotency_key_invalid", "Idempotency-Key")
    assert count_checkouts(call) == 0


def test_a_key_is_forgotten_after_a_day(call: Caller) -> None:
    first = call.post("/tills/checkouts", {"amount": 1}, call.till(12), key="k-1").json()
    call.town.clock.advance_ms(KEPT_MS + 1)

    second = call.post("/tills/checkouts", {"amount": 1}, call.till(12), key="k-1").json()

    assert first["checkout"] != second["checkout"]
