"""`gateway`: changes the URL of the town's gateway."""

from wallet_cli.common.commands.gateway import MOVING, UrlArgument, show_or_move
from wallet_cli.common.commands.options import JsonOption, YesOption, closing
from wallet_cli.resident.commands.group import HomeOption, app
from wallet_cli.resident.home import DEFAULT, Home


@app.command(
    "gateway",
    help=MOVING,
    epilog=closing("bandai-wallet gateway", "bandai-wallet gateway https://new.example.jp"),
)
def change_gateway(
    url: UrlArgument = None,
    home: HomeOption = DEFAULT,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    show_or_move(Home(home), url, yes=yes, as_json=as_json)
