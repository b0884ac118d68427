"""06 and 07: a holder's signature moves value to another holder, dates unchanged."""

import pytest

from coin.records.kinds import Kind
from tests.worlds.contract import FIRST_EXPIRY_S, SECOND_EXPIRY_S, Town, hexed

LANES = (1 << 96) - 1


@pytest.mark.parametrize("kind", [Kind.SEND, Kind.SEND_GENERAL])
def test_a_send_keeps_the_dates_of_what_it_moves(town: Town, kind: Kind) -> None:
    town.settle(town.top_up("aoi", 400, expiry=SECOND_EXPIRY_S))

    outcome = town.settle(town.send("aoi", "ren", 11_100, kind=kind))

    assert outcome.reasons == ["none"]
    assert outcome.named("Transfer") == [{"from": hexed("aoi"), "to": hexed("ren"), "value": 11_100}]
    assert town.account("aoi") & LANES == 300 << 24
    assert town.account("ren") & LANES == (5_600 << 24) | 11_000
    assert town.date(FIRST_EXPIRY_S) == 1 << 128 | 11_000


def test_a_send_to_a_merchant_is_refused(town: Town) -> None:
    town.refused(town.send("aoi", "bakery", 1), "holder_is_merchant", uses_nonce=True)


def test_a_merchant_cannot_send(town: Town) -> None:
    town.refused(town.send("bakery", "aoi", 1), "holder_is_merchant", uses_nonce=True)


def test_a_send_to_oneself_is_refused_and_mints_nothing(town: Town) -> None:
    town.refused(town.send("aoi", "aoi", 100), "self_transfer", uses_nonce=True)


def test_a_send_of_more_than_there_is_is_refused(town: Town) -> None:
    town.refused(town.send("aoi", "ren", 11_001), "insufficient_balance", uses_nonce=True)


def test_a_send_of_nothing_is_refused(town: Town) -> None:
    town.refused(town.send("aoi", "ren", 0), "amount_invalid", uses_nonce=True)


def test_a_send_that_a_lane_would_not_hold_is_refused(town: Town) -> None:
    town.settle(town.role(bytes(20), 6, 1 << 40), town.role("channel", 2, 1 << 40))
    town.settle(town.top_up("yui", (1 << 24) - 1))

    town.refused(town.send("aoi", "yui", 1), "lane_full", "aoi", "yui", uses_nonce=True)


def test_a_lane_can_be_filled_to_its_last_yen(town: Town) -> None:
    town.settle(town.role(bytes(20), 6, 1 << 40), town.role("channel", 2, 1 << 40))
    town.settle(town.top_up("yui", (1 << 24) - 2))

    outcome = town.settle(town.send("aoi", "yui", 1))

    assert outcome.reasons == ["none"]
    assert town.balance("yui") == (1 << 24) - 1


def test_the_settler_cannot_turn_a_payment_into_a_send_to_the_merchant(town: Town) -> None:
    effect = town.payment("aoi", "bakery", 100, kind=Kind.SEND)

    town.refused(effect, "holder_is_merchant", uses_nonce=True)
