"""`gateway`, of the wallet and of the till: the town's server has another URL from now on.

Keys, receipts, the payment in doubt and a till's credential belong to the town and stay as they are; a session belongs to
one run of a command and is never carried over. Only the pinned town is taken, and only after a person has said yes.
"""

from typing import Annotated, Protocol

import typer

from bandai_client._answers import Town
from bandai_client._gateway import Gateway, gateway_url
from coin.console import say
from coin.errors import InvalidInput
from wallet_cli.common.wording import agrees, show

MOVING = say(
    "町のサーバーの URL を表示します。URL を付けると、同じ町だと確かめてから替えます。",
    "Show the URL of the town's gateway; with a URL, change it after seeing that the same town answers there.",
)
UrlArgument = Annotated[str | None, typer.Argument(parser=gateway_url, help=say("新しい URL", "the new URL"))]
YesOption = Annotated[bool, typer.Option("--yes", help=say("確認しない", "do not ask"))]


class Place(Protocol):
    """The folder of a wallet or of a till."""

    def pinned(self) -> tuple[str, Town]:
        """Give the gateway's URL and the pinned town."""

    def move(self, url: str) -> None:
        """Keep another URL for the pinned town."""


def show_or_move(place: Place, url: str | None, *, yes: bool, as_json: bool) -> None:
    """Show the pinned URL; with `url`, look whether the pinned town answers there, ask, and keep it.

    Raises: InvalidInput (gateway_insecure); CoinError (town_changed); Unavailable; typer.Abort after a no.
    """
    known_url, town = place.pinned()
    if url is None or url == known_url.rstrip("/"):
        show(as_json, {"gateway": known_url, "town": town.name}, [f"{town.name}  {known_url}"])
        return
    _refuse_insecure(known_url, url)
    with Gateway(url, pinned=town) as gateway:
        gateway.refresh()
    told = say(
        f"{town.name}のサーバーを {known_url} から {url} に替えます。町の窓口や広報で確かめた URL ですか",
        f"The gateway of {town.name} changes from {known_url} to {url}. Have you this URL from the town itself",
    )
    if not (yes or agrees(told)):
        raise typer.Abort
    place.move(url)
    line = say(f"サーバーを {url} に替えました。", f"The gateway is {url} now.")
    show(as_json, {"gateway": url, "town": town.name}, [line])


def _refuse_insecure(known_url: str, url: str) -> None:
    if known_url.lower().startswith("https:") and not url.startswith("https:"):
        raise InvalidInput(
            f"https:// で始まらない URL には替えられません: {url}（通信をほかの人に読まれます）",
            f"This gateway has https and cannot move to a URL without it, which others could read: {url}",
            field="gateway",
            code="gateway_insecure",
        )
