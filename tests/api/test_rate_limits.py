"""A caller over its rate limit is told how long to wait, and others are not affected."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from api.app import build_app
from api.gateway import Gateway
from api.limits import Buckets, Limits, Rates
from coin.errors import TooManyRequests
from tests.api.caller import Caller, problem
from tests.api.town import Town
from tests.patience import HANG_S
from tests.served import serving
from tests.worlds.people import person

LIMITS = Limits(per_address=4, per_credential=2)
BURST, CREDENTIAL_BURST = 20, 10
WALLET, OTHER = person("aoi"), person("riku")


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


Calling = Callable[[str], Caller]


@pytest.fixture
def calling(url: str, town: Town) -> Iterator[Calling]:
    """Makes somebody who calls from an address of this machine."""
    opened: list[httpx.Client] = []

    def make(address: str) -> Caller:
        transport = httpx.HTTPTransport(local_address=address)
        opened.append(httpx.Client(base_url=url, transport=transport, timeout=HANG_S))
        return Caller(town, opened[-1])

    yield make
    for http in opened:
        http.close()


def ask(url: str, times: int, *, address: str = "127.0.0.1") -> list[httpx.Response]:
    transport = httpx.HTTPTransport(local_address=address)
    with httpx.Client(base_url=url, transport=transport, timeout=HANG_S) as http:
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


def test_a_wallet_is_limited_in_all_its_sessions_from_anywhere_and_another_is_not(calling: Calling) -> None:
    here, there, elsewhere = calling("127.0.0.1"), calling("127.0.0.2"), calling("127.0.0.3")
    tokens = [here.log_in(WALLET), there.log_in(WALLET)]

    answers = [
        call.get(f"/wallets/{WALLET.address}", token)
        for call, token in zip([here, there] * CREDENTIAL_BURST, tokens * CREDENTIAL_BURST, strict=True)
    ]

    allowed = CREDENTIAL_BURST - len(tokens)  # opening a session is a request of the credential too
    assert [answer.status_code for answer in answers[: allowed + 1]] == [404] * allowed + [429]
    assert int(answers[allowed].headers["retry-after"]) >= 1
    assert elsewhere.get(f"/wallets/{OTHER.address}", elsewhere.log_in(OTHER)).status_code == 404


def test_a_till_is_limited_in_all_its_sessions_and_the_next_shops_till_is_not(calling: Calling) -> None:
    here, elsewhere = calling("127.0.0.1"), calling("127.0.0.2")
    tokens = [here.till(12), here.till(12)]

    answers = [here.get("/checkouts/" + "0" * 26, tokens[turn % 2]) for turn in range(CREDENTIAL_BURST + 1)]

    assert [answer.status_code for answer in answers] == [404] * CREDENTIAL_BURST + [429]
    assert elsewhere.get("/checkouts/" + "0" * 26, elsewhere.till(13)).status_code == 404


def test_a_credential_opens_only_so_many_sessions(calling: Calling) -> None:
    here, elsewhere = calling("127.0.0.1"), calling("127.0.0.2")
    body = {"credential": here.town.credentials[12].secret}

    answers = [here.post("/sessions/credentials", body) for _ in range(CREDENTIAL_BURST + 1)]

    assert [answer.status_code for answer in answers] == [200] * CREDENTIAL_BURST + [429]
    assert elsewhere.post("/sessions/credentials", body).status_code == 429
    assert elsewhere.till(13)


def test_a_login_that_came_too_often_is_stored_nowhere_and_works_after_the_wait(
    calling: Calling, watch: Watch
) -> None:
    callers = [calling(f"127.0.0.{number}") for number in range(1, 4)]
    proofs = [call.proof(WALLET, call.challenge(WALLET)) for call in callers * 4]

    answers = [
        call.post("/sessions", proof)
        for call, proof in zip(callers * 4, proofs[: CREDENTIAL_BURST + 1], strict=False)
    ]

    assert [answer.status_code for answer in answers] == [200] * CREDENTIAL_BURST + [429]
    watch.now_s += 1
    assert callers[0].post("/sessions", proofs[CREDENTIAL_BURST]).status_code == 200


def test_nobody_can_use_up_the_logins_of_a_wallet_that_is_not_theirs(calling: Calling) -> None:
    thief, owner = calling("127.0.0.1"), calling("127.0.0.2")
    challenge = thief.challenge(WALLET)
    forged = thief.proof(OTHER, challenge) | {"wallet": WALLET.address}

    answers = [thief.post("/sessions", forged) for _ in range(CREDENTIAL_BURST + 2)]

    assert {problem(answer)[:2] for answer in answers} == {(401, "session_signature_invalid")}
    assert owner.log_in(WALLET)


def test_each_authorization_of_a_request_is_counted(calling: Calling) -> None:
    here, elsewhere = calling("127.0.0.1"), calling("127.0.0.2")
    signed = here.authorization(WALLET, 12, 1, 0)
    here.pay(*[signed] * (BURST + 8))

    answer = here.get("/municipality")

    assert problem(answer)[:2] == (429, "too_many_requests")
    assert answer.headers["retry-after"] == "3"  # nine are missing at four a second
    assert elsewhere.get("/municipality").status_code == 200


def asked_from(client: tuple[str, int] | None) -> dict[str, Any]:
    return {"client": client, "path": "/v1/health"}


def test_the_addresses_of_one_subscriber_are_one_address() -> None:
    rates = Rates(LIMITS, Watch())

    for number in range(BURST):
        rates.demand_address(asked_from((f"2001:db8:1:2:{number:x}::1", 1)))

    with pytest.raises(TooManyRequests):
        rates.demand_address(asked_from(("2001:db8:1:2:ffff::1", 1)))
    rates.demand_address(asked_from(("2001:db8:1:3::1", 1)))
    rates.demand_address(asked_from(("::ffff:192.0.2.1", 1)))
    rates.demand_address(asked_from(("::ffff:192.0.2.2", 1)))
    rates.demand_address(asked_from(None))


def test_a_header_that_claims_another_address_changes_nothing(url: str) -> None:
    ask(url, BURST)

    answer = httpx.get(f"{url}/v1/municipality", headers={"X-Forwarded-For": "203.0.113.9"})

    assert answer.status_code == 429


def test_behind_a_trusted_proxy_the_address_that_it_saw_counts_and_not_what_the_caller_wrote(
    gateway: Gateway, watch: Watch
) -> None:
    app = build_app(gateway, limits=LIMITS, now=watch)
    with serving(app, lifespan="off", trusted_proxies="127.0.0.1") as url:
        answers = [
            httpx.get(
                f"{url}/v1/municipality", headers={"X-Forwarded-For": f"203.0.113.{turn}, 198.51.100.7"}
            )
            for turn in range(BURST + 1)
        ]
        other = httpx.get(f"{url}/v1/municipality", headers={"X-Forwarded-For": "198.51.100.8"})

    assert [answer.status_code for answer in answers] == [200] * BURST + [429]
    assert other.status_code == 200


def test_ten_thousand_addresses_do_not_fill_the_memory() -> None:
    buckets = Buckets(1, Watch(), most=1_000)

    for number in range(10_000):
        assert buckets.take(number.to_bytes(4, "big")) == 0

    assert len(buckets) == 1_000


def test_an_address_registers_a_hall_full_of_wallets_and_then_slowly(watch: Watch) -> None:
    rates = Rates(Limits(), watch)

    def registered(host: str, method: str = "POST") -> int:
        scope = {"type": "http", "path": "/v1/wallets", "method": method, "client": (host, 1)}
        try:
            rates.demand_address(scope)
        except TooManyRequests as refused:
            return refused.retry_after_s
        return 0

    def in_a_hall(host: str) -> list[int]:
        waits = []
        for _ in range(Limits().registrations_at_once + 2):
            waits.append(registered(host))
            watch.now_s += 0.01
        return waits

    assert in_a_hall("192.0.2.1") == [0] * 300 + [27, 27]
    assert (registered("192.0.2.2"), registered("192.0.2.1", "GET")) == (0, 0)
    watch.now_s += 30
    assert (registered("192.0.2.1"), registered("192.0.2.1")) == (0, 27)
