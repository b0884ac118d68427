"""`bandai-town serve`: runs the town until it is told to stop."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated

import typer

from coin.console.deeds import OutputLost
from coin.console.output import answer
from coin.stopping import stop_on_signals
from town_cli.commands.clerk import ask_passphrase
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.server.folder import Home
from town_cli.server.supervisor import Address, serve_town

DEFAULT_PORT = 8080


def serve(
    port: Annotated[
        int, typer.Option(min=1, max=65_535, help="API のポート / the API's port")
    ] = DEFAULT_PORT,
    host: Annotated[str, typer.Option(help="API のアドレス / the address it listens on")] = "127.0.0.1",
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """町を動かす: API とワーカー（内蔵ならデータベースとチェーンも）/ Run the town: API, worker, and what it brings itself."""
    place, address = Home(home), Address(host, port)
    place.places()
    passphrase = ask_passphrase()

    def on_ready() -> None:
        _announce(
            f"{address.url} で動いています。Ctrl-C で終わります。記録: {home / 'logs'}",
            f"Serving at {address.url}; Ctrl-C ends it. Logs: {home / 'logs'}",
            {"url": address.url, "logs": str(home / "logs")},
            as_json=as_json,
        )

    serve_town(place, address, passphrase, stop_on_signals(), on_ready)
    _announce("終了しました。", "Stopped.", {"stopped": True}, as_json=as_json)


def _announce(ja: str, en: str, values: Mapping[str, object], *, as_json: bool) -> None:
    """Print an answer, if that works: a town does not stop because nobody reads that it runs."""
    with suppress(OutputLost):
        answer(ja, en, values, as_json=as_json)
