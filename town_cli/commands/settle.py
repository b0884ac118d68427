"""`bandai-town settle`: settles the accepted operations on the chain now, as the worker does on its own."""

from typing import Annotated

import typer

from coin.console.deeds import done
from coin.console.output import answer, progress
from coin.console.waiting import WaitingLine
from coin.settlement.settler import Policy, Settler
from coin.settlement.tick import Ticked, drain, tick, why_waiting
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
        policy = Policy.here(town.municipality)
        settler = Settler.of(town.database, town.municipality, town.clock, rpc, key, policy)
        progress("チェーンに記録しています", "settling")
        with Watcher() as watcher:
            ticked = drain(settler, watch=watcher) if now else tick(settler)
        ja, en = _japanese(ticked), _english(ticked)
        if ticked.sealed or ticked.confirmed:
            done(ja, en)
        answer(ja, en, _values(ticked), as_json=as_json)


class Watcher:
    """Shows the progress of settlement and what it waits for, in one line."""

    def __init__(self) -> None:
        self._line = WaitingLine()

    def __call__(self, ticked: Ticked) -> None:
        """Show the sums after a round, and why the rest waits."""
        ja, en = why_waiting(ticked)
        self._line.show(
            f"{ticked.confirmed} 束が確定、残り {ticked.left} 束（{ja}）",
            f"{ticked.confirmed} confirmed, {ticked.left} left ({en})",
            state=(ticked.left, ticked.unmined),
        )

    def __enter__(self) -> "Watcher":
        return self

    def __exit__(self, *_: object) -> None:
        self._line.end()


def _japanese(ticked: Ticked) -> str:
    if ticked.is_busy:
        return f"精算の処理（ワーカー）が動いています。記録はそちらで進みます。残り {ticked.left} 束。"
    if not (ticked.sealed or ticked.confirmed or ticked.left):
        return (
            "記録するものはありません。受け付けた取引は、締めるまで待っています（--now ですぐに締めます）。"
        )
    left = f"残り {ticked.left} 束（{why_waiting(ticked)[0]}）。" if ticked.left else "残り 0 束。"
    return f"{ticked.sealed} 束を締め、{ticked.confirmed} 束がチェーンで確定しました。{left}"


def _english(ticked: Ticked) -> str:
    if ticked.is_busy:
        return f"The worker is settling; it goes on there. {ticked.left} batches are left."
    if not (ticked.sealed or ticked.confirmed or ticked.left):
        return "Nothing is due; what was accepted waits until it is sealed (--now seals it)."
    left = f"{ticked.left} are left ({why_waiting(ticked)[1]})." if ticked.left else "0 are left."
    return f"Sealed {ticked.sealed} batches; {ticked.confirmed} were confirmed; {left}"


def _values(ticked: Ticked) -> dict[str, object]:
    return {"sealed": ticked.sealed, "confirmed": ticked.confirmed, "unconfirmed": ticked.left}
