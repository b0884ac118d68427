"""`code`: shows the wallet's code, which a counter reads, as a QR code and as 16 characters."""

from pathlib import Path
from typing import Annotated

import typer

from coin.console import say
from coin.errors import InvalidInput
from coin.messages import checksum_address
from coin.qr import picture
from coin.qr.wallet_code import code_of, qr_text
from wallet_cli.common.commands.options import JsonOption, closing, show
from wallet_cli.resident.commands.group import FIRST_KEY, HomeOption, NameOption, app
from wallet_cli.resident.home import DEFAULT, Home
from wallet_cli.resident.keystore import Keystore


@app.command(
    "code",
    help=say(
        "窓口で見せるコードを表示します（QR コードと16文字）。チャージのときに、読み取ってもらうか、読み上げます。",
        "Show the code for the counter, as a QR code and as 16 characters, to be scanned or read out for a charge.",
    ),
    epilog=closing("bandai-wallet code", "bandai-wallet code --save code.png"),
)
def show_code(
    home: HomeOption = DEFAULT,
    name: NameOption = FIRST_KEY,
    save: Annotated[
        Path | None,
        typer.Option(help=say("QR コードの絵を書く PNG", "a PNG for a picture of the QR code")),
    ] = None,
    light: Annotated[
        bool,
        typer.Option("--light", help=say("明るい画面のとき", "a light terminal")),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    place = Home(home)
    _, town = place.pinned()
    address = Keystore.address(place.keystore, name)
    code, text = code_of(address), qr_text(town.municipality, address)
    if save is not None:
        _save(save, picture.png(text))
    answer = {"address": checksum_address(address), "code": code, "qr": text}
    lines = [
        picture.terminal(text, dark_background=not light),
        "",
        say(f"ウォレットのコード  {code}", f"The wallet's code  {code}"),
        *([] if save is None else [say(f"絵: {save}", f"picture: {save}")]),
    ]
    show(as_json, answer if save is None else answer | {"png": str(save)}, lines)


def _save(path: Path, png: bytes) -> None:
    try:
        path.write_bytes(png)
    except OSError:
        raise InvalidInput(
            f"ここには書けません: {path}", f"This cannot be written: {path}", field="save"
        ) from None
