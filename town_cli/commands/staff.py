"""`bandai-town staff`: credentials of staff, who may read the progress of payments."""

from typing import Annotated

import typer

from coin.console.output import secret_first
from coin.office import credentials
from coin.registry.personal import open_personal_data
from town_cli.commands.clerk import actor
from town_cli.commands.grammar import closing, commands
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.server.folder import Home

staff_app = commands("職員 / Staff.")


@staff_app.command("create", epilog=closing("bandai-town staff create 会計課の端末"))
def staff_create(
    label: Annotated[str, typer.Argument(help="だれの合言葉か / whose it is")],
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """職員の合言葉を作る。支払いの状態を見るだけ / Make a credential that only reads the state of payments."""
    place = Home(home)
    with place.open() as town, secret_first(as_json=as_json) as show, town.books() as books:
        personal = open_personal_data(place.personal_key_path)
        made = credentials.admit_staff(books, personal, label, actor=actor())
        show(
            f"{label} の合言葉（二度と表示されません）: {made.secret}",
            f"The credential of {label}, shown only now: {made.secret}",
            {"id": str(made.credential.id), "credential": made.secret},
        )
