"""`make serve`: runs a demo town on the rules of this fiscal year; its books and its chain survive restarts."""

import argparse
import signal
import sys
from pathlib import Path
from typing import NoReturn

from coin.clock import SystemClock
from coin.console import INTERRUPTED, WRONG_USE, exit_number, refuse, whole_number
from coin.database.embedded import EmbeddedPostgres
from coin.errors import CoinError, InvalidInput
from coin.stopping import stop_on_signals
from demo.standing import Standing
from town_cli.server.lock import lock_to_serve
from town_cli.server.supervisor import Address, serve_town

FOLDER = Path("var/serve")
EXAMPLE = Path("examples/bandai-today")
USUAL_PORT = 8730
_LAST_PORT = 65_535
_PAGE = "/v1/docs"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def main(arguments: list[str]) -> int:
    """Open the town at the first start, and serve it until told to stop; return 0 after a clean stop, 2 for wrong usage, 130
    if stopped before it was ready."""
    try:
        options = _read(arguments)
    except InvalidInput as error:
        refuse(error, as_json=False)
        return WRONG_USE
    for number in _SIGNALS:
        signal.signal(number, _give_up)
    place = Standing(options.folder, options.example)
    try:
        place.make_folder()
        with lock_to_serve(place.folder) as held:
            held.announce_serving()
            _serve(place, options)
    except CoinError as error:
        refuse(error, as_json=False)
        return exit_number(error)
    except KeyboardInterrupt:
        print(
            "準備をやめました。途中のものは、次の make serve で作り直します。\n"
            "Stopped while preparing; the next make serve makes again what was begun.",
            file=sys.stderr,
        )
        return INTERRUPTED
    return 0


def _give_up(*_: object) -> None:
    for number in _SIGNALS:
        signal.signal(number, lambda *_: None)  # stop what was started, even if Ctrl-C comes again
    raise KeyboardInterrupt


def _serve(place: Standing, options: argparse.Namespace) -> None:
    if options.anew:
        place.destroy()
    address = place.address(options.port, USUAL_PORT)
    passphrase = place.open_town()
    stop = stop_on_signals()

    def on_ready() -> None:
        if stop.is_set():
            return
        try:
            _greet(place, address)
        except CoinError:
            if not stop.is_set():  # else a command that was being started when Ctrl-C came was killed by it
                raise

    serve_town(place.home, address, passphrase, stop, on_ready)


def _elsewhere(place: Standing) -> str:
    """Return where the books are, if they are not in the folder."""
    books = EmbeddedPostgres(place.home.data_folder).home
    return "" if books.is_relative_to(place.folder.resolve()) else f"\n  台帳だけは / but the books: {books}"


class _Words(argparse.ArgumentParser):
    """A parser whose errors are our sentences instead of its English usage text."""

    def error(self, message: str) -> NoReturn:
        raise InvalidInput(
            "使い方が違います。make serve か make serve PORT=8731 のように打ってください。",
            f"Wrong use ({message}); type make serve, or make serve PORT=8731.",
            code="usage",
        )


def _port(typed: str) -> int:
    try:
        port = whole_number(1)(typed)
    except ValueError:
        port = 0
    if not 1 <= port <= _LAST_PORT:
        raise InvalidInput(
            f"PORT は 1 から {_LAST_PORT} までの整数で書いてください（いま「{typed}」）。例: make serve PORT=8731",
            f"PORT is a whole number from 1 to {_LAST_PORT} (not {typed!r}), for example make serve PORT=8731.",
            field="port",
            code="usage",
        )
    return port


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = _Words(prog="make serve", description=__doc__)
    parser.add_argument("--port", type=_port, help=f"the API's port, {USUAL_PORT} without it")
    parser.add_argument("--anew", action="store_true", help="delete what was kept, and begin from nothing")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where everything is kept")
    parser.add_argument("--example", type=Path, default=EXAMPLE, help="where today's rules are written")
    return parser.parse_args(arguments)


def _greet(place: Standing, address: Address) -> None:
    wallet = place.admit_people(address)
    program = place.home.program()
    code = place.folder / "till" / "code.png"
    print(
        f"""
{program.municipality.name_ja} {program.period.fiscal_year}年度のデモが動いています。終わりは Ctrl-C、次の make serve は続きからです。
The demo town of fiscal {program.period.fiscal_year} is running. Ctrl-C ends it; the next make serve goes on from there.

  API のページ / the API's page: {address.url}{_PAGE}
  チェーンのノード / the chain's node: {place.home.places().node_url}
  すべての置き場所 / everything is kept in: {place.folder}{_elsewhere(place)}

別の端末に、上から順に貼り付けてください / paste these into a second terminal, one after the other:

1. 役場の窓口で、住民のウォレットに 5,000 円をチャージします（特典 500 ポイント）
   charge a resident's wallet with 5,000 yen at the town hall
{place.command("bandai-town", "charge", wallet, "5000", "--channel", "counter", "--yes")}

2. 店のレジが 1,250 円のお会計を出し、QR コードを見せます
   a shop's till asks for 1,250 yen and shows the code
{place.command("bandai-till", "new", "1250", "--no-wait")}

3. 住民がその QR コードの絵を読み取って支払います
   the resident reads the picture of that code, and pays
{place.command("bandai-wallet", "pay", str(code), "--yes")}

そのあと / after that:
   レジが受領証を確かめる / the till verifies the receipt
{place.command("bandai-till", "recent")}
   チェーンに記録して、台帳と突き合わせる / settle, and compare books and chain
{place.command("bandai-town", "settle", "--now")}
{place.command("bandai-town", "reconcile")}
""",
        flush=True,
    )
    if SystemClock().now_ms() >= program.period.ends_s * 1000:
        print(
            f"{program.period.fiscal_year}年度は終わりました。チャージはできません。make serve-anew で今年度の町を始めてください。\n"
            f"Fiscal {program.period.fiscal_year} is over, nothing can be charged: make serve-anew opens this year's town.",
            flush=True,
        )
