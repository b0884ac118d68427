"""`bandai-town keys`: gives a key a passphrase of its own, so that one person cannot sign for two."""

from pathlib import Path
from typing import Annotated

import typer

from coin.console.output import answer
from coin.errors import InvalidInput, NotFound
from coin.keystore import open_keystore, write_keystore
from town_cli.commands.grammar import closing, commands
from town_cli.commands.options import DEFAULT_HOME, NEW_PASSPHRASE, HomeOption, JsonOption, ask_passphrase
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
    path = _keystore(Home(home), office)
    old = ask_passphrase(of=office)
    keys = open_keystore(path, old)
    new = ask_passphrase(is_new=True, of=office, variable=NEW_PASSPHRASE)
    if new == old:
        raise InvalidInput(
            "新しいパスフレーズが前と同じです。",
            "The new passphrase is the old one.",
            field="passphrase",
            code="passphrase_same",
        )
    write_keystore(path, keys.secrets, new)
    answer(
        f"{office} のパスフレーズを変えました。控え(バックアップ)の鍵は前のパスフレーズのままです。",
        f"{office} has its own passphrase now; copies made before keep the old one.",
        {"key": office},
        as_json=as_json,
    )


def _keystore(home: Home, office: str) -> Path:
    home.places()
    found = {path.stem: path for path in home.keys_folder.glob("*.json")}
    if office not in found:
        raise NotFound(
            f"{office} の鍵はありません。あるのは {'、'.join(sorted(found))} です。",
            f"There is no key {office}; there are {', '.join(sorted(found))}.",
            field="office",
            code="keystore_missing",
        )
    return found[office]
