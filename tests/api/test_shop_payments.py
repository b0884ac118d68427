"""A shop's tills are told every payment of the shop as it happens, each once over lost connections, and can list them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from api.gateway import Gateway
from api.routes import shop_payments
from coin.registry import credentials
from tests.api.caller import Caller, bearer, problem
from tests.api.conftest import opened
from tests.api.town import Town
from tests.patience import wait_until
from tests.worlds.people import person

PAYER = person("aoi")
Event = tuple[int, dict[str, Any]]


@contextmanager
def stream(call: Caller, token: str | None, last: int | str | None = None) -> Iterator[httpx.Response]:
    headers = bearer(token) | ({} if last is None else {"Last-Event-ID": str(last)})
    with call.http.stream("GET", "/v1/tills/payments/events", headers=headers) as response:
        yield response


def events(response: httpx.Response) -> Iterator[Event]:
    """Each event with its id; the first frame, which has only an id, comes with no data."""
    number, data = 0, {}
    for line in response.iter_lines():
        if line.startswith("id: "):
            number = int(line.removeprefix("id: "))
        elif line.startswith("data: "):
            data = json.loads(line.removeprefix("data: "))
        elif not line and not line.startswith(":"):
            yield number, data


@contextmanager
def watching(call: Caller, token: str, last: int | None = None) -> Iterator[Iterator[Event]]:
    """A stream that has begun; the iterator must stay referred to."""
    with stream(call, token, last) as response:
        told = events(response)
        assert next(told)[1] == {}
        yield told


@pytest.fixture
def charged(call: Caller) -> Caller:
    call.town.register(PAYER)
    call.town.charge(PAYER, 50_000)
    return call


def by_sticker(call: Caller, amount: int, nonce: int, number: int = 12) -> int:
    """Pay a shop by its sticker; gives the number of the payment."""
    opened = call.post(f"/merchants/{number}/checkouts", {"amount": amount}, call.log_in(PAYER)).json()
    [paid] = call.pay(call.authorization(PAYER, number, amount, nonce, opened["checkout"]))
    return int(paid["receipt"]["sequence"])


def test_payments_by_a_till_by_the_sticker_and_without_a_checkout_are_all_told_with_their_receipts(
    charged: Caller,
) -> None:
    with watching(charged, charged.till(12)) as told:
        at_till = charged.open_checkout(12, 100, reference="席3 田中様")
        [first] = charged.pay(charged.authorization(PAYER, 12, 100, 0, at_till["checkout"]))
        second = by_sticker(charged, 200, 1)
        [third] = charged.pay(charged.authorization(PAYER, 12, 300, 2))
        heard = [next(told) for _ in range(3)]

    data = [item for _, item in heard]
    assert [item["payment"]["receipt"] for item in (data[0], data[2])] == [first["receipt"], third["receipt"]]
    assert [number for number, _ in heard] == [item["payment"]["sequence"] for item in data]
    assert heard[1][0] == second
    assert [(item["till"], item["reference"]) for item in data] == [
        ("1", "席3 田中様"),
        (None, None),
        (None, None),
    ]
    assert [item["checkout"] is None for item in data] == [False, False, True]


def test_whoever_goes_on_after_a_payment_is_told_each_later_one_once(charged: Caller) -> None:
    with watching(charged, charged.till(12)) as told:
        by_sticker(charged, 100, 0)
        last, _ = next(told)
    missed = [by_sticker(charged, 200, 1), by_sticker(charged, 300, 2)]

    with watching(charged, charged.till(12), last) as told:
        later = [next(told)[0] for _ in missed]
        present = by_sticker(charged, 400, 3)
        now, _ = next(told)

    assert (later, now) == (missed, present)


def test_many_lost_connections_tell_each_payment_exactly_once_in_order(
    charged: Caller, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_payments, "PAGE", 2)  # many missed at once come in several reads
    paid, heard = [], []
    last = 0
    for round_ in range(5):
        paid += [by_sticker(charged, 10, 3 * round_ + place) for place in range(3)]
        with watching(charged, charged.till(12), last) as told:
            for _ in range(2 if round_ < 4 else len(paid) - len(heard)):
                last, _data = next(told)
                heard.append(last)
        wait_until(lambda: len(gateway.watchers) == 0)

    assert heard == paid


def test_a_stream_without_a_number_begins_now_and_a_number_of_the_future_is_not_believed(
    charged: Caller,
) -> None:
    by_sticker(charged, 100, 0)

    for last in (None, 999_999):
        with watching(charged, charged.till(12), last) as told:
            number = by_sticker(charged, 200, 1 if last is None else 2)
            assert next(told)[0] == number


def test_a_payment_that_another_process_accepts_is_told_at_once_and_another_shops_is_not(
    charged: Caller, app_url: str, town: Town
) -> None:
    with opened(town, app_url) as other, watching(charged, charged.till(12)) as told:
        elsewhere = Caller(town, charged.http)
        elsewhere.pay(charged.authorization(PAYER, 13, 50, 0))
        assert len(other.watchers) == 0
        own = by_sticker(charged, 100, 1)
        number, item = next(told)

    assert (number, item["payment"]["amount"]) == (own, 100)


def test_who_may_not_hear_a_shops_payments_hears_nothing(charged: Caller) -> None:
    def refused(token: str | None, last: str | None = None) -> tuple[int, str, str | None]:
        with stream(charged, token, last) as response:
            response.read()
            return problem(response)

    assert refused(charged.log_in(PAYER)) == (403, "forbidden", None)
    assert refused(None) == (401, "unauthorized", None)
    assert refused(charged.till(12), "x") == (400, "invalid_input", "Last-Event-ID")
    assert refused(charged.till(12), "-1") == (400, "invalid_input", "Last-Event-ID")


def test_a_credential_that_was_revoked_meanwhile_is_told_nothing_more(charged: Caller) -> None:
    with watching(charged, charged.till(12)) as told:
        with charged.town.books() as books:
            credentials.revoke(books, charged.town.credentials[12].credential.id)
        by_sticker(charged, 100, 0)
        rest = list(told)

    assert rest == []


def test_a_gateway_that_stops_ends_the_streams_of_shops(charged: Caller, gateway: Gateway) -> None:
    with watching(charged, charged.till(12)) as told:
        threading.Thread(target=gateway.watchers.close).start()
        assert list(told) == []


def test_the_list_goes_back_page_by_page_and_shows_one_shop_only(
    charged: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_payments, "PAGE", 2)
    numbers = [by_sticker(charged, 100, nonce) for nonce in range(3)]
    by_sticker(charged, 100, 3, 13)

    first = charged.get("/tills/payments", charged.till(12)).json()
    rest = charged.get(
        "/tills/payments", charged.till(12), before=first["items"][-1]["payment"]["sequence"]
    ).json()

    pages = [[item["payment"]["sequence"] for item in page["items"]] for page in (first, rest)]
    assert pages == [[numbers[2], numbers[1]], [numbers[0]]]
    assert (first["more"], rest["more"]) == (True, False)
    assert problem(charged.get("/tills/payments", charged.log_in(PAYER)))[:2] == (403, "forbidden")
