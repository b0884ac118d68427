"""`bandai-town keys`: sets a separate passphrase for a key, so that one person cannot sign for two."""

from functools import partial
from typing import Annotated

import typer

from coin.console.deeds import done
from coin.console.output import answer
from town_cli.commands.clerk import NEW_PASSPHRASE, ask_passphrase
from town_cli.commands.grammar import closing, commands
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.desk.keys import change_passphrase
from town_cli.server.folder import Home

keys_app = commands("鍵のパスフレーズ / Passphrases of keys.")


@keys_app.command("passphrase", epilog=closing("bandai-town keys passphrase staff-2"))
def keys_passphrase(
    office: Annotated[
        str,
        typer.Argument(help="keys/ にある鍵の名前 / a key's name in keys/, like staff-2 or channel-counter"),
    ],
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """1つの鍵に、持つ人だけのパスフレーズを付ける / Give one key a passphrase that only its holder knows."""
    place = Home(home)
    place.places()
    place.keyring.demand(office)
    ask_new = partial(ask_passphrase, is_new=True, of=office, variable=NEW_PASSPHRASE)
    change_passphrase(place.keyring, office, ask_passphrase(of=office), ask_new)
    ja = f"{office} のパスフレーズを変えました。控え（バックアップ）の鍵は前のパスフレーズのままです。"
    en = f"{office} has its own passphrase now; copies made before keep the old one."
    done(ja, en)
    answer(
        ja,
        en,
        {"key": office},
        as_json=as_json,
    )
