"""`recent`: lists a shop's recent payments, each receipt verified."""

from typing import Annotated

import typer

from coin.console import say
from wallet_cli.common.commands.options import JsonOption, closing, show
from wallet_cli.till.commands.group import HomeOption, app, opened_till
from wallet_cli.till.home import DEFAULT
from wallet_cli.till.sales import judge, sale_lines


@app.command(
    help=say(
        "この店の最近のお会計を、受領証を確かめて表示します。「未確認」は、このレジの画面にまだ出ていない支払いです。",
        "Show this shop's last checkouts, each receipt verified; NOT TAKEN: this till has not shown it yet.",
    ),
    epilog=closing("bandai-till recent", "bandai-till recent --minutes 30"),
)
def recent(
    minutes: Annotated[int, typer.Option(min=1, max=60, help=say("何分前から", "how far back"))] = 10,
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    with opened_till(home) as (place, till, gateway):
        sales = [judge(gateway.town, place, item) for item in till.recent(minutes)]
    lines = list(sale_lines(sales))
    if any(sale.is_taken is False for sale in sales):
        lines.append(
            say(
                "「未確認」は bandai-till wait とお会計の番号で確かめ、受け取ります。",
                "Take a payment marked NOT TAKEN with bandai-till wait and the checkout's id.",
            )
        )
    show(
        as_json,
        {"items": [sale.as_json() for sale in sales]},
        lines or [say(f"この{minutes}分のお会計はありません。", "Nothing yet.")],
    )
