"""0A: the payer uses up a nonce that is unused."""

import pytest

from coin.records.kinds import Kind
from tests.worlds.contract import Town, hexed

RANDOM = 1 << 200


@pytest.mark.parametrize("nonce", [0, 7, 119, RANDOM])
def test_a_cancelled_nonce_moves_nothing_any_more(town: Town, nonce: int) -> None:
    outcome = town.settle(
        town.cancel("aoi", nonce),
        town.payment("aoi", "bakery", 1, nonce=nonce, kind=Kind.PAYMENT_GENERAL),
    )

    assert outcome.reasons == ["none", "nonce_used"]
    cancelled = {"authorizer": hexed("aoi"), "nonce": nonce.to_bytes(32, "big")}
    assert outcome.named("AuthorizationCanceled") == [cancelled]
    assert town.balance("bakery") == 0


@pytest.mark.parametrize("nonce", [0, RANDOM])
def test_a_used_nonce_cannot_be_cancelled(town: Town, nonce: int) -> None:
    town.settle(town.payment("aoi", "bakery", 1, nonce=nonce, kind=Kind.PAYMENT_GENERAL))

    town.refused(town.cancel("aoi", nonce), "nonce_used", uses_nonce=False)


def test_a_nonce_above_the_window_cannot_be_cancelled(town: Town) -> None:
    town.refused(town.cancel("aoi", 120), "nonce_out_of_window", uses_nonce=False)


def test_nobody_else_can_cancel(town: Town) -> None:
    town.refused(town.cancel("aoi", 0, signer="ren"), "signature_invalid", uses_nonce=False)


def test_somebody_without_value_can_cancel(town: Town) -> None:
    assert town.settle(town.cancel("yui", 3)).reasons == ["none"]
    assert town.account("yui") >> 136 == 0b1000
