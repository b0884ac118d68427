"""The group of the wallet's commands, their common options, and opening the wallet."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import typer

from bandai_client import Gateway, Wallet
from coin.console import say
from coin.console.deeds import shown
from coin.console.groups import program
from coin.console.speech import say_aside
from coin.errors import CoinError, NotFound
from wallet_cli.common.commands.options import closing, secret
from wallet_cli.resident.home import Home
from wallet_cli.resident.keystore import Keystore
from wallet_cli.resident.wording import fate_lines, fate_unknown_lines

app = program(
    "bandai-wallet",
    say(
        "ばんだいコインのウォレット。パスワードと復元の言葉は尋ねます。プログラムからは、環境変数 "
        "BANDAI_WALLET_PASSWORD、BANDAI_WALLET_WORDS か、そのファイルの場所 BANDAI_WALLET_PASSWORD_FILE、"
        "BANDAI_WALLET_WORDS_FILE で渡します。",
        "The wallet of Bandai coin. Password and recovery words are asked for; programs give them in the variables "
        "BANDAI_WALLET_PASSWORD and BANDAI_WALLET_WORDS, or name a file in BANDAI_WALLET_PASSWORD_FILE and "
        "BANDAI_WALLET_WORDS_FILE.",
    ),
    epilog=closing(
        "bandai-wallet create --gateway https://coin.example.jp", "bandai-wallet pay checkout.png"
    ),
)
FIRST_KEY = "main"
PASSWORD = "BANDAI_WALLET_PASSWORD"  # noqa: S105  (the name of a variable)

HomeOption = Annotated[
    Path,
    typer.Option("--home", envvar="BANDAI_WALLET_HOME", help=say("ウォレットの場所", "the wallet's folder")),
]
NameOption = Annotated[str, typer.Option("--key", help=say("鍵の名前", "which key"))]


def tell_fate(place: Home, wallet: Wallet) -> None:
    """Ask what became of the payments whose outcome is not proved, and say it on standard error."""
    try:
        paid = wallet.ask_fate()
    except CoinError as error:
        lines = fate_unknown_lines(wallet.in_doubt, say(error.ja, error.en))
    else:
        lines = fate_lines(paid, wallet.in_doubt, place)
    for line in lines:
        say_aside(f"{line}\n")
    shown()


@contextmanager
def opened_wallet(home: Path, name: str, *, is_alone: bool = False) -> Iterator[Wallet]:
    """Open the wallet in a folder with the key of this name; with `is_alone`, wait until no other program pays from the
    folder. If the outcome of a payment is not proved, ask for it first and say it; `is_alone` does that itself."""
    place = Home(home)
    url, town = place.pinned()
    key = Keystore.open(place.keystore, secret(PASSWORD, say("パスワード", "Password"))).get(name)
    is_asking = not is_alone and place.has_outstanding(key)
    with Gateway(url, pinned=town) as gateway, place.alone() if is_alone or is_asking else nullcontext():
        try:
            wallet = place.wallet(gateway, key)
            if is_asking:
                tell_fate(place, wallet)
            yield wallet
        except NotFound as error:
            if error.code != "wallet_unknown":
                raise
            raise NotFound(
                f"{error.ja}最初に bandai-wallet register で町に登録してください。",
                f"{error.en} Register it first: bandai-wallet register.",
                code=error.code,
            ) from None
