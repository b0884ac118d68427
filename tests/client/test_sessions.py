"""A session is opened by a signature for this town only, and renewed when the gateway ends it."""

import time

import pytest

from bandai_client import Town
from coin.errors import CoinError, Unauthorized
from tests.worlds.other_side import AUDIENCE, NOW_MS, TOWN, town


def test_the_audience_is_the_contract_of_the_town():
    assert TOWN.audience == AUDIENCE


@pytest.mark.parametrize("audience", ["eip155:1:" + AUDIENCE[13:], "https://elsewhere.example", "", None])
def test_a_challenge_for_anybody_else_is_not_signed(side, wallet, audience):
    side.change = lambda _, answer: answer | {"audience": audience} if "audience" in answer else answer

    with pytest.raises(CoinError) as refusal:
        wallet.open_session()

    assert refusal.value.code == "gateway_answer_wrong"
    assert side.sent("/v1/sessions") == []


def test_one_session_serves_many_requests(side, wallet):
    for _ in range(3):
        wallet.balance()

    assert len(side.sent("/v1/sessions")) == 1


def test_a_session_that_the_gateway_ended_is_opened_again_once(side, wallet):
    wallet.balance()
    side.tokens.clear()

    wallet.balance()

    assert len(side.sent("/v1/sessions")) == 2


def test_a_caller_who_is_refused_with_a_fresh_session_is_told_so(side, wallet):
    side.change = lambda _, answer: answer | {"token": "worthless"} if "token" in answer else answer

    with pytest.raises(Unauthorized) as refusal:
        wallet.balance()

    assert refusal.value.code == "session_invalid"
    assert len(side.sent("/v1/sessions")) == 2


def test_a_session_is_renewed_before_it_ends(side):
    now_ms = [NOW_MS]
    from bandai_client import Key, Wallet

    with side.gateway(now_ms=lambda: now_ms[0]) as connected:
        wallet = Wallet(connected, Key.create())
        wallet.balance()
        now_ms[0] += 871_000
        wallet.balance()

    assert len(side.sent("/v1/sessions")) == 2


def test_the_token_is_in_the_header_and_nowhere_else(side, wallet):
    wallet.balance()

    for path, body, _ in side.requests:
        assert not any(token in path or token in str(body) for token in side.tokens)
    assert side.requests[-1][2]["Authorization"] == "Bearer token-0"


@pytest.mark.parametrize(
    "change",
    [
        {"receipt_key": {"address": "0x" + "12" * 20}},
        {"domain": town()["domain"] | {"verifyingContract": "0x" + "34" * 20}},
        {"name": "別の町"},
    ],
)
def test_a_town_that_is_not_the_pinned_one_is_refused(side, change):
    side.change = lambda path, answer: answer | change if path == "/v1/municipality" else answer

    with side.gateway(pinned=TOWN) as connected, pytest.raises(CoinError) as refusal:
        _ = connected.town

    assert refusal.value.code == "town_changed"


@pytest.mark.parametrize(
    "change",
    [{"name": "BandaiCoin 074080"}, {"version": "2"}, {"name": None}],
)
def test_a_domain_that_is_not_the_municipalitys_is_refused(change):
    with pytest.raises(CoinError) as refusal:
        Town.read(town() | {"domain": town()["domain"] | change})

    assert refusal.value.code == "gateway_answer_wrong"


@pytest.mark.parametrize("field", ["municipality", "name", "is_demo", "domain", "receipt_key"])
def test_an_answer_without_a_field_is_refused_and_the_field_named(field):
    answer = {key: value for key, value in town().items() if key != field}

    with pytest.raises(CoinError) as refusal:
        Town.read(answer)

    assert field in refusal.value.en


@pytest.mark.parametrize(
    ("ahead_s", "is_refused"), [(0, False), (240, False), (-240, False), (11_520, True), (-86_400, True)]
)
def test_a_clock_that_is_wrong_is_named_before_anything_is_signed(side, ahead_s, is_refused):
    here_ms = time.time_ns() // 1_000_000
    side.change = lambda path, answer: (
        answer | {"is_demo": False, "now_ms": here_ms - ahead_s * 1000}
        if path == "/v1/municipality"
        else answer
    )
    with side.gateway() as connected:
        if not is_refused:
            assert connected.town.name
            return
        with pytest.raises(CoinError) as refusal:
            connected.now_ms()

    assert refusal.value.code == "clock_wrong"
    assert any(said in refusal.value.ja for said in ("3時間12分進んで", "24時間0分遅れて"))
