"""The command `gateway` of wallet and till: shows the URL of the town's gateway, or changes it after a confirmation."""

from typing import Annotated

import typer

from bandai_client import gateway_url
from coin.console import say
from coin.console.deeds import done
from wallet_cli.common.commands.options import agrees, show
from wallet_cli.common.moving import Place, demand_same_town
from wallet_cli.common.wording import fingerprint_line

MOVING = say(
    "町のサーバーの URL を表示します。URL を付けると、同じ町だと確かめてから替えます。",
    "Show the URL of the town's gateway; with a URL, change it after checking that the same town answers there.",
)
UrlArgument = Annotated[str | None, typer.Argument(parser=gateway_url, help=say("新しい URL", "the new URL"))]


def show_or_move(place: Place, url: str | None, *, yes: bool, as_json: bool) -> None:
    """Show the pinned URL. With `url`, check that the pinned town answers there, ask for confirmation, and save it.

    Raises:  as `demand_same_town`; typer.Abort, if the person says no.
    """
    known_url, town = place.pinned()
    if url is None or url == known_url.rstrip("/"):
        answer = {"gateway": known_url, "town": town.name, "fingerprint": town.fingerprint}
        show(as_json, answer, [f"{town.name}  {known_url}", fingerprint_line(town.fingerprint)])
        return
    demand_same_town(place, url)
    told = say(
        f"{town.name}のサーバーを {known_url} から {url} に替えます。町の窓口や広報で確かめた URL ですか",
        f"The gateway of {town.name} changes from {known_url} to {url}. Did you get this URL from the town itself",
    )
    if not (yes or agrees(told)):
        raise typer.Abort
    place.move(url)
    done(f"{town.name}のサーバーを {url} に替えました。", f"The gateway of {town.name} is {url} now.")
    line = say(f"サーバーを {url} に替えました。", f"The gateway is {url} now.")
    show(as_json, {"gateway": url, "town": town.name}, [line])
