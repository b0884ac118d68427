"""A town's gateway moves to another URL.

Keys, receipts, the payment in doubt and a till's credential belong to the town and stay as they are. A session lasts for one
command and is never carried over. Only a URL of the pinned town is accepted, and only after a person has confirmed.
"""

from typing import Protocol

from bandai_client import Gateway, Town
from coin.errors import InvalidInput


class Place(Protocol):
    """The folder of a wallet or of a till."""

    def pinned(self) -> tuple[str, Town]:
        """Return the gateway's URL and the pinned town."""

    def move(self, url: str) -> None:
        """Keep another URL for the pinned town."""


def demand_same_town(place: Place, url: str) -> None:
    """Check that the pinned town answers at another URL, and that the URL is not less secure (http after https).

    Raises:  InvalidInput (gateway_insecure); CoinError (town_changed); Unavailable.
    """
    known_url, town = place.pinned()
    _refuse_insecure(known_url, url)
    with Gateway(url, pinned=town) as gateway:
        gateway.refresh()


def _refuse_insecure(known_url: str, url: str) -> None:
    if known_url.lower().startswith("https:") and not url.startswith("https:"):
        raise InvalidInput(
            f"https:// で始まらない URL には替えられません: {url}（通信をほかの人に読まれます）",
            f"This gateway uses https; a URL without it is refused, because others could read the traffic: {url}",
            field="gateway",
            code="gateway_insecure",
        )
