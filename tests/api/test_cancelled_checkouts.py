"""A shop cancels a checkout of its tills: nobody pays it any more, unless the payment came first; one of the two, for ever."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import psycopg
import pytest

from coin.payments import checkouts
from tests.api.caller import Caller, bearer, problem
from tests.patience import wait_until
from tests.worlds.people import person

PAYER = person("aoi")


@pytest.fixture
def charged(call: Caller) -> Caller:
    call.town.register(PAYER)
    call.town.charge(PAYER, 50_000)
    return call


def cancel(call: Caller, checkout: str, token: str | None) -> httpx.Response:
    return call.post(f"/tills/checkouts/{checkout}/cancellation", None, token, key=None)


def test_a_cancelled_checkout_takes_no_payment_and_asking_again_says_the_same(charged: Caller) -> None:
    opened = charged.open_checkout(12, 500, reference="席3")
    till = charged.till(12)

    first, again = (cancel(charged, opened["checkout"], till) for _ in range(2))
    [refused] = charged.pay(charged.authorization(PAYER, 12, 500, 0, opened["checkout"]))

    assert (first.status_code, first.json()["status"], first.json()["reference"]) == (
        200,
        "cancelled",
        "席3",
    )
    assert again.json() == first.json()
    assert refused["code"] == "checkout_expired"
    assert charged.town.balance(PAYER) == 50_000 + 5_000
    assert (
        charged.get(f"/checkouts/{opened['checkout']}", charged.log_in(PAYER)).json()["status"] == "cancelled"
    )


def test_what_is_paid_stays_paid_and_the_answer_has_its_receipt(charged: Caller) -> None:
    opened = charged.open_checkout(12, 500)
    [paid] = charged.pay(charged.authorization(PAYER, 12, 500, 0, opened["checkout"]))

    answer = cancel(charged, opened["checkout"], charged.till(12)).json()

    assert (answer["status"], answer["payment"]["receipt"]) == ("paid", paid["receipt"])


def test_of_a_payment_and_a_cancelling_at_once_exactly_one_wins_and_both_are_told_which(
    charged: Caller,
) -> None:
    till, won = charged.till(12), []
    for nonce in range(12):
        opened = charged.open_checkout(12, 100)["checkout"]
        signed = charged.authorization(PAYER, 12, 100, nonce, opened)
        gate = Barrier(3)

        def pay(signed: dict[str, Any] = signed, gate: Barrier = gate) -> Any:
            gate.wait()
            return charged.pay(signed)[0]

        def end(opened: str = opened, gate: Barrier = gate) -> Any:
            gate.wait()
            return cancel(charged, opened, till).json()

        with ThreadPoolExecutor(3) as hands:
            paying, ending, other = hands.submit(pay), hands.submit(end), hands.submit(end)
            paid, ended, also = paying.result(), ending.result(), other.result()
        is_paid = paid["status"] == "accepted"
        won.append(is_paid)
        assert ended["status"] == also["status"] == ("paid" if is_paid else "cancelled")
        assert is_paid or paid["code"] == "checkout_expired"

    assert charged.town.shop_balance(12) == 100 * sum(won)


def test_a_payment_that_is_being_written_is_waited_for_and_wins(charged: Caller, owner_url: str) -> None:
    opened, till = charged.open_checkout(12, 100)["checkout"], charged.till(12)
    signed = charged.authorization(PAYER, 12, 100, 0, opened)

    with psycopg.connect(owner_url) as slow, ThreadPoolExecutor(2) as hands:
        slow.execute("LOCK TABLE chain_effect IN SHARE MODE")
        paying = hands.submit(charged.pay, signed)
        _wait_for_locks(owner_url, 1)
        ending = hands.submit(cancel, charged, opened, till)
        _wait_for_locks(owner_url, 2)
        slow.rollback()
        [paid], ended = paying.result(), ending.result().json()

    assert (paid["status"], ended["status"]) == ("accepted", "paid")


def _wait_for_locks(owner_url: str, count: int) -> None:
    def waiting() -> bool:
        with psycopg.connect(owner_url) as connection:
            rows = connection.execute(
                "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return len(rows.fetchall()) == count

    wait_until(waiting)


def test_the_books_themselves_refuse_what_is_both(charged: Caller) -> None:
    opened = charged.open_checkout(12, 100)["checkout"]
    cancel(charged, opened, charged.till(12))

    with pytest.raises(psycopg.errors.CheckViolation), charged.town.books() as books:
        books.connection.execute("UPDATE checkout SET payment = sha256('x') WHERE id = %s", [opened])


def test_a_stream_that_waits_for_it_is_told_and_ends(charged: Caller) -> None:
    opened, till = charged.open_checkout(12, 100)["checkout"], charged.till(12)

    with charged.http.stream("GET", f"/v1/checkouts/{opened}/events", headers=bearer(till)) as response:
        lines = (line for line in response.iter_lines() if line.startswith("data: "))
        assert '"status":"open"' in next(lines)
        cancel(charged, opened, till)
        assert ['"status":"cancelled"' in line for line in lines] == [True]


def test_another_shop_a_wallet_and_whoever_has_no_session_cannot_cancel(charged: Caller) -> None:
    opened = charged.open_checkout(12, 100)["checkout"]
    token = charged.log_in(PAYER)
    by_wallet = charged.post("/merchants/12/checkouts", {"amount": 80}, token).json()["checkout"]

    assert problem(cancel(charged, opened, charged.till(13)))[:2] == (404, "checkout_unknown")
    assert problem(cancel(charged, by_wallet, charged.till(12)))[:2] == (404, "checkout_unknown")
    assert problem(cancel(charged, "0" * 26, charged.till(12)))[:2] == (404, "checkout_unknown")
    assert problem(cancel(charged, opened, token))[:2] == (403, "forbidden")
    assert problem(cancel(charged, opened, None))[:2] == (401, "unauthorized")
    assert charged.get(f"/checkouts/{opened}", token).json()["status"] == "open"


def test_cancelling_gives_no_room_for_more_checkouts(
    charged: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkouts, "MOST_OPEN_AT_TILL", 2)
    till = charged.till(12)
    for _ in range(2):
        cancel(charged, charged.open_checkout(12, 100)["checkout"], till)

    third = charged.post("/tills/checkouts", {"amount": 100}, till)

    assert problem(third)[:2] == (409, "too_many_open_checkouts")
