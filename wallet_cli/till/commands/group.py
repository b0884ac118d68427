"""The group of the till's commands, their common option, and opening the till."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from bandai_client import Gateway, Till
from coin.console import say
from coin.console.groups import program
from wallet_cli.common.commands.options import closing
from wallet_cli.till.home import TillHome

app = program(
    "bandai-till",
    say("ばんだいコインのレジ。", "The till of Bandai coin."),
    epilog=closing(
        "bandai-till pair --gateway https://coin.example.jp", "bandai-till new 1250", "bandai-till recent"
    ),
)

HomeOption = Annotated[
    Path, typer.Option("--home", envvar="BANDAI_TILL_HOME", help=say("レジの場所", "the till's folder"))
]


@contextmanager
def opened_till(home: Path) -> Iterator[tuple[TillHome, Till, Gateway]]:
    """Open the till of a folder: return the folder, the till, and the connection to its town."""
    place = TillHome(home)
    url, town = place.pinned()
    with Gateway(url, pinned=town) as gateway:
        yield place, place.till(gateway), gateway
