"""`pair`: makes this device a till."""

from typing import Annotated

import typer

from bandai_client import Gateway, pair
from coin.console import say
from coin.console.deeds import done
from wallet_cli.common.commands.options import (
    FingerprintOption,
    GatewayOption,
    JsonOption,
    ask,
    closing,
    show,
)
from wallet_cli.common.wording import fingerprint_line
from wallet_cli.till.commands.group import HomeOption, app
from wallet_cli.till.home import DEFAULT, TillHome


@app.command(
    "pair",
    help=say(
        "町の窓口で受け取った番号を打ち込み、この端末をレジにします。",
        "Type the code that the town gave, and this device becomes a till.",
    ),
    epilog=closing(
        "bandai-till pair --gateway https://coin.example.jp",
        "bandai-till pair 7Q4M-V0XH-2KTB --gateway https://coin.example.jp",
    ),
)
def pair_device(
    gateway: GatewayOption,
    code: Annotated[
        str | None,
        typer.Argument(help=say("番号（指定しなければ尋ねます）", "the code (asked for if not given)")),
    ] = None,
    fingerprint: FingerprintOption = None,
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    place = TillHome(home)
    with Gateway(gateway) as connected:
        # Check the folder first: a code works once, and must not be used up if the folder belongs to another town.
        town = place.pin(gateway, connected.get("/v1/municipality"), fingerprint)
        typed = code or ask(say("ペアリングの番号", "Pairing code"))
        place.demand_room()
        paired = pair(connected, typed)
    done(
        f"番号は使われ、「{paired.shop}」の「{paired.label}」になりました。"
        "この端末で使えないときは、町の窓口で新しい番号を受け取ってください。",
        f"The code is used: this is till {paired.label} of {paired.shop}. "
        "If the device does not work as one, ask the town for a new code.",
    )
    place.keep(paired)
    line = say(
        f"この端末は「{paired.shop}」の「{paired.label}」になりました。",
        f"This device is now till {paired.label} of {paired.shop}.",
    )
    answer = {"till": paired.till, "label": paired.label, "shop": paired.shop, "number": paired.shop_number}
    show(as_json, answer | {"fingerprint": town.fingerprint}, [line, fingerprint_line(town.fingerprint)])
