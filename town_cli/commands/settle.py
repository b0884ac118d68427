"""`bandai-town settle`: settles the accepted operations on the chain now, as the worker does on its own."""

from typing import Annotated

import typer

from coin.console.output import answer, progress
from coin.settlement.settler import Policy, Settler
from coin.settlement.tick import Ticked, drain, tick
from town_cli.commands.clerk import ask_passphrase
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.server.folder import Home


def settle(
    now: Annotated[bool, typer.Option("--now", help="待たずにすべて締める / seal what waits")] = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """受け付けた取引をチェーンに記録する / Write accepted operations on the chain."""
    with Home(home).open_with_node() as (town, rpc):
        key = Home(home).keyring.key("settler", ask_passphrase()).secret
        policy = Policy.of(town.municipality)
        settler = Settler.of(town.database, town.municipality, town.clock, rpc, key, policy)
        progress("チェーンに記録しています", "settling")
        done = drain(settler, watch=Watcher()) if now else tick(settler)
        answer(_japanese(done), _english(done), _values(done), as_json=as_json)


class Watcher:
    """Prints the progress of settlement whenever it has changed."""

    def __init__(self) -> None:
        self._said: tuple[int, int] | None = None

    def __call__(self, done: Ticked) -> None:
        """Print the sums after a round, if they have changed."""
        waiting = done.unmined + done.unconfirmed
        if self._said != (done.confirmed, waiting):
            self._said = (done.confirmed, waiting)
            progress(
                f"{done.confirmed} 束が確定、残り {waiting} 束", f"{done.confirmed} confirmed, {waiting} left"
            )


def _japanese(done: Ticked) -> str:
    if done.is_busy:
        return "精算の処理（ワーカー）が動いています。記録はそちらで進みます。"
    if not (done.sealed or done.confirmed or _left(done)):
        return (
            "記録するものはありません。受け付けた取引は、締めるまで待っています（--now ですぐに締めます）。"
        )
    return f"{done.sealed} 束を締め、{done.confirmed} 束がチェーンで確定しました。残り {_left(done)} 束。"


def _english(done: Ticked) -> str:
    if done.is_busy:
        return "The worker is settling; it goes on there."
    if not (done.sealed or done.confirmed or _left(done)):
        return "Nothing is due; what was accepted waits until it is sealed (--now seals it)."
    return f"Sealed {done.sealed} batches; {done.confirmed} were confirmed; {_left(done)} are left."


def _left(done: Ticked) -> int:
    return done.unmined + done.unconfirmed


def _values(done: Ticked) -> dict[str, object]:
    return {"sealed": done.sealed, "confirmed": done.confirmed, "unconfirmed": _left(done)}
