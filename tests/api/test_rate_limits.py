"""Who asks too often is told how long to wait, and nobody else notices."""

from collections.abc import Iterator

import httpx
import pytest

from api.app import build_app
from api.gateway import Gateway
from api.limits import Buckets, Limits
from tests.served import serving

LIMITS = Limits(per_address=4, per_token=2)
BURST, TOKEN_BURST = 20, 10


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def url(gateway: Gateway, watch: Watch) -> Iterator[str]:
    """A gateway with narrow limits."""
    with serving(build_app(gateway, limits=LIMITS, now=watch), lifespan="off") as url:
        yield url


def ask(
    url: str, times: int, *, token: str | None = None, address: str = "127.0.0.1"
) -> list[httpx.Response]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with httpx.Client(
        base_url=url, headers=headers, transport=httpx.HTTPTransport(local_address=address)
    ) as http:
        return [http.get("/v1/municipality") for _ in range(times)]


def test_one_too_many_from_an_address_is_answered_with_when_to_come_back(url: str) -> None:
    answers = ask(url, BURST + 1)

    assert [answer.status_code for answer in answers] == [200] * BURST + [429]
    assert answers[-1].headers["retry-after"] == "1"
    assert answers[-1].headers["content-type"] == "application/problem+json"
    assert answers[-1].json()["code"] == "too_many_requests"


def test_another_address_is_not_touched(url: str) -> None:
    ask(url, BURST + 5)

    (answer,) = ask(url, 1, address="127.0.0.2")

    assert answer.status_code == 200


def test_after_the_wait_there_is_room_again_for_as_many_as_the_rate(url: str, watch: Watch) -> None:
    ask(url, BURST + 1)

    watch.now_s += 1

    assert [answer.status_code for answer in ask(url, 5)] == [200, 200, 200, 200, 429]


def test_a_token_is_limited_wherever_it_is_used_from_and_another_is_not(url: str) -> None:
    first = ask(url, TOKEN_BURST, token="a" * 30)

    elsewhere = ask(url, 1, token="a" * 30, address="127.0.0.3")
    other = ask(url, 1, token="b" * 30, address="127.0.0.3")

    assert {answer.status_code for answer in first} == {200}
    assert [answer.status_code for answer in elsewhere] == [429]
    assert [answer.status_code for answer in other] == [200]


def test_a_header_that_claims_another_address_changes_nothing(url: str) -> None:
    ask(url, BURST)

    answer = httpx.get(f"{url}/v1/municipality", headers={"X-Forwarded-For": "203.0.113.9"})

    assert answer.status_code == 429


def test_ten_thousand_addresses_do_not_fill_the_memory() -> None:
    buckets = Buckets(1, Watch(), most=1_000)

    for number in range(10_000):
        assert buckets.take(number.to_bytes(4, "big")) == 0

    assert len(buckets) == 1_000
