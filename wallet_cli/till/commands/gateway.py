"""`gateway`: changes the URL of the town's gateway."""

from wallet_cli.common.commands.gateway import MOVING, UrlArgument, show_or_move
from wallet_cli.common.commands.options import JsonOption, YesOption, closing
from wallet_cli.till.commands.group import HomeOption, app
from wallet_cli.till.home import DEFAULT, TillHome


@app.command(
    "gateway",
    help=MOVING,
    epilog=closing("bandai-till gateway", "bandai-till gateway https://new.example.jp"),
)
def change_gateway(
    url: UrlArgument = None,
    home: HomeOption = DEFAULT,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    show_or_move(TillHome(home), url, yes=yes, as_json=as_json)
