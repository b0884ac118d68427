"""`watch`: announces every payment of the shop as it happens, also those by the sticker."""

import typer

from bandai_client import Watch
from coin.console import INTERRUPTED, say
from coin.console.deeds import done
from wallet_cli.common.commands.options import JsonOption, closing, show
from wallet_cli.common.wording import yen
from wallet_cli.till.announcing import Announcement, announce
from wallet_cli.till.commands.checkouts import say_that_the_line_is_cut
from wallet_cli.till.commands.group import HomeOption, app, opened_till
from wallet_cli.till.home import DEFAULT


@app.command(
    help=say(
        "お店への支払いを、ステッカーの分も、その場で音と大きな金額で知らせます。受領証を確かめてから、1件に1度だけ。開けたままにしてください。",
        "Announce every payment of the shop as it happens, also by the sticker: a bell and the amount in large letters, once each, after its receipt was verified. Leave it open.",
    ),
    epilog=closing("bandai-till watch"),
)
def watch(home: HomeOption = DEFAULT, as_json: JsonOption = False) -> None:
    with opened_till(home) as (place, till, gateway), place.only_watch():
        shop = place.paired().shop
        typer.echo(
            say(
                f"{shop}への支払いを待っています…（やめるときは Ctrl-C）",
                f"Waiting for payments to {shop}… (Ctrl-C to stop)",
            ),
            err=True,
        )
        try:
            for told in Watch(till, place.announced).payments(say_that_the_line_is_cut):
                _show(announce(place, till, told, now_ms=gateway.now_ms()), as_json=as_json)
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None


def _show(announcement: Announcement, *, as_json: bool) -> None:
    if announcement.is_genuine:
        number, amount = announcement.receipt.sequence, yen(announcement.receipt.amount_yen)
        done(f"支払い {number}（{amount}）を受け取りました。", f"Payment {number} ({amount}) was received.")
    show(as_json, announcement.as_json(), announcement.lines())
