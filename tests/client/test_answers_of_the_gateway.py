"""Every problem from the gateway becomes its error, and a malformed answer becomes an error too."""

import sys

import httpx
import pytest

from bandai_client import Gateway
from bandai_client._errors import error_of
from coin.errors import (
    SENTENCES,
    CoinError,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    Rejected,
    Rejection,
    TooManyRequests,
    Unavailable,
)

DEEP = b'{"a":' * 2_000 + b"1" + b"}" * 2_000


@pytest.fixture(autouse=True)
def _usual_recursion():
    """As Python starts; a library of the other tests raises it."""
    usual, now = 1_000, sys.getrecursionlimit()
    sys.setrecursionlimit(usual)
    yield
    sys.setrecursionlimit(now)


def answering(status, **response):
    transport = httpx.MockTransport(lambda _: httpx.Response(status, **response))
    return Gateway("", client=httpx.Client(transport=transport, base_url="http://town.test"))


@pytest.mark.parametrize("reason", [r for r in Rejection if r is not Rejection.NONE])
def test_every_reason_of_the_ladder_comes_back_as_itself(reason):
    error = error_of({"status": "refused", "code": reason.code}, 422)

    assert isinstance(error, Rejected)
    assert error.reason is reason
    assert error.ja == SENTENCES[reason][0]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, InvalidInput), (403, Forbidden), (404, NotFound), (409, Conflict), (422, InvalidInput)],
)
def test_a_problem_keeps_its_code_and_its_field(status, kind):
    problem = {"code": "some_code", "field": "amount"}

    with pytest.raises(CoinError) as error:
        answering(status, json=problem).get("/v1/x")

    assert type(error.value) is kind
    assert (error.value.code, error.value.field) == ("some_code", "amount")


def test_a_limit_of_rate_says_when_to_come_back():
    with pytest.raises(TooManyRequests) as error:
        answering(429, json={"code": "too_many_requests"}, headers={"Retry-After": "7"}).get("/v1/x")

    assert error.value.retry_after_s == 7


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_busy_gateway_is_asked_three_times_and_then_unavailable(status):
    calls = []
    transport = httpx.MockTransport(lambda request: calls.append(request) or httpx.Response(status))
    client = httpx.Client(transport=transport, base_url="http://town.test")

    with pytest.raises(Unavailable):
        Gateway("", client=client, waits_s=(0.0, 0.0)).get("/v1/x")

    assert len(calls) == 3


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'"text"', b"\xff", DEEP])
def test_an_answer_that_is_no_json_object_is_refused(content):
    with pytest.raises(CoinError) as error:
        answering(200, content=content).get("/v1/x")

    assert error.value.code == "gateway_answer_wrong"


@pytest.mark.parametrize("text", ["\x1b[2K\x1b[1A", "5円\r", "12\u202e43", "\x9b2J", "\n"])
@pytest.mark.parametrize("status", [200, 422])
def test_a_text_that_could_change_what_a_terminal_shows_is_refused(text, status):
    answer = {"code": "some_code", "title": text, "items": [{"name": "そば処\u3000磐梯" + text}]}

    with pytest.raises(CoinError) as error:
        answering(status, json=answer).get("/v1/x")

    assert error.value.code == "gateway_answer_wrong"
    assert (error.value.ja + error.value.en).isprintable()


def test_a_failure_of_the_gateway_itself_is_no_refusal_of_the_ladder():
    with pytest.raises(CoinError) as error:
        answering(500, json={"title": "予期しない問題が起きました。", "status": 500}).get("/v1/x")

    assert type(error.value) is CoinError
    assert error.value.code == "gateway_failed"
