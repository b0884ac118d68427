"""Wallets and the nonces that their devices have leased."""

import pytest

from coin.errors import Conflict, InvalidInput, NotFound, Rejected, Rejection
from coin.registry import wallets
from coin.registry.wallets import AUTHORIZATION_LIFE_MS, Lease
from tests.worlds.books import Town
from tests.worlds.people import address_of


def lease(town: Town, device: str, count: int) -> Lease:
    with town.books() as books:
        return wallets.lease_nonces(books, address_of("aiko"), device=device, count=count)


def test_two_devices_never_get_the_same_nonce(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 1000)

    phone, tablet = lease(town, "phone", 3), lease(town, "tablet", 3)

    assert phone.nonces == (0, 1, 2)
    assert tablet.nonces == (3, 4, 5)


def test_a_device_gets_its_unused_nonces_again_and_skips_used_ones(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 1000)
    lease(town, "phone", 3)
    town.pay("aiko", "bakery", 10, 1)

    assert lease(town, "phone", 3).nonces == (0, 2, 3)


def test_a_lease_lapses_only_when_nothing_signed_with_it_can_be_alive(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 1000)
    first = lease(town, "phone", 2)
    assert first.until_ms == town.clock.now_ms() + AUTHORIZATION_LIFE_MS

    town.clock.set_ms(first.until_ms + AUTHORIZATION_LIFE_MS - 1)
    assert lease(town, "tablet", 1).nonces == (2,)
    town.clock.advance_ms(1)
    assert lease(town, "watch", 2).nonces == (0, 1)


def test_a_window_without_free_nonces_says_so(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 1000)
    for device in range(4):
        lease(town, f"device {device}", 30)

    with pytest.raises(Conflict) as caught:
        lease(town, "one more", 1)

    assert caught.value.code == "nonces_exhausted"


@pytest.mark.parametrize(("device", "count"), [("phone", 0), ("phone", 33), ("", 1), ("x" * 65, 1)])
def test_a_lease_of_an_impossible_kind_is_refused(town: Town, device: str, count: int) -> None:
    town.register("aiko")

    with pytest.raises(InvalidInput):
        lease(town, device, count)


def test_registering_twice_gives_the_same_wallet(town: Town) -> None:
    town.register("aiko")
    with town.books() as books:
        first = wallets.get(books, address_of("aiko"))
        town.clock.advance_ms(1000)
        again = wallets.register(books, address_of("aiko"))

    assert again == first


def test_a_shops_address_is_never_a_wallet(town: Town) -> None:
    town.shop("bakery-new", 1)

    for name in ("bakery", "bakery-new"):
        with pytest.raises(Rejected) as refusal:
            town.register(name)
        assert refusal.value.reason is Rejection.HOLDER_IS_MERCHANT
    with pytest.raises(NotFound), town.books() as books:
        wallets.get(books, address_of("bakery"))
