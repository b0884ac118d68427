"""`bandai-town tills`: the tills of shops, and the codes for pairing devices."""

from pathlib import Path
from typing import Annotated, Protocol

import typer

from coin.clock import jst_datetime
from coin.console import say, whole_number
from coin.console.output import answer, secret_first
from coin.messages import town_fingerprint
from coin.office import credentials
from coin.registry.books import Books
from coin.registry.pairing import LIFE_MS, PairingCode, TillState, states
from coin.registry.tills import Till
from town_cli.commands.clerk import actor
from town_cli.commands.grammar import closing, commands
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.server.folder import Home

MerchantArgument = Annotated[
    int, typer.Argument(parser=whole_number(1), min=1, help="加盟店番号 / merchant number")
]
LabelArgument = Annotated[str, typer.Argument(help="レジの名前 / the till's label")]
tills_app = commands("レジ / Tills.")


class _MakeCode(Protocol):
    """A function that makes a pairing code for a new or an existing till."""

    def __call__(
        self, books: Books, merchant: int, label: str, /, *, actor: str
    ) -> tuple[Till, PairingCode]: ...


@tills_app.command("create", epilog=closing("bandai-town tills create 12 レジ1"))
def tills_create(
    merchant: MerchantArgument,
    label: LabelArgument,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """レジを作り、端末に一度だけ打ち込むペアリングの番号を渡す / Make a till and show the code that pairs a device with it."""
    _hand_out(credentials.open_till, home, merchant, label, as_json=as_json)


@tills_app.command("pair", epilog=closing("bandai-town tills pair 12 レジ1"))
def tills_pair(
    merchant: MerchantArgument,
    label: LabelArgument,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """レジの端末を替えるとき、期限が過ぎたとき: 新しい番号を渡す / A new code, for another device or after the first lapsed."""
    _hand_out(credentials.renew_pairing, home, merchant, label, as_json=as_json)


@tills_app.command("list", epilog=closing("bandai-town tills list"))
def tills_list(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """レジの一覧。端末がつながっているか、番号が打ち込まれるのを待っているか / Every till: paired, waiting, or neither."""
    with Home(home).open() as town:
        with town.books() as books:
            found = states(books)
        lines = "\n".join(
            f"{item.till.merchant_number:06d}  {item.till.label}  {_pairing(item)}" for item in found
        )
        values = [
            {
                "till": str(item.till.id),
                "merchant": item.till.merchant_number,
                "label": item.till.label,
                "is_paired": item.is_paired,
                "code_until_ms": item.code_until_ms,
            }
            for item in found
        ]
        answer(lines, lines, {"tills": values}, as_json=as_json)


def _hand_out(make: _MakeCode, home: Path, merchant: int, label: str, *, as_json: bool) -> None:
    minutes = LIFE_MS // 60_000
    with Home(home).open() as town, secret_first(as_json=as_json) as show, town.books() as books:
        till, code = make(books, merchant, label, actor=actor())
        fingerprint = town_fingerprint(town.municipality.domain, town.municipality.receipt_key)
        show(
            f"レジ「{till.label}」の番号: {code.text}({minutes}分以内に1回だけ使えます)\n"
            "レジの端末で bandai-till pair --gateway <町のサーバーの URL> を実行し、この番号を打ち込んでください。\n"
            f"表示される町の指紋が {fingerprint} と同じか、必ず見くらべてください。",
            f"The code of till {till.label}: {code.text} (good once, within {minutes} minutes)\n"
            "On the till's device run bandai-till pair --gateway <the gateway's URL> and type this code.\n"
            f"Compare the fingerprint that it shows: it must be {fingerprint}.",
            {
                "till": str(till.id),
                "pairing_code": code.text,
                "expires_at_ms": code.expires_at_ms,
                "fingerprint": fingerprint,
            },
        )


def _pairing(item: TillState) -> str:
    paired = say("端末あり", "paired") if item.is_paired else say("端末なし", "no device")
    if item.code_until_ms is None:
        return paired
    until = jst_datetime(item.code_until_ms).strftime("%H:%M")
    return f"{paired}  {say(f'番号は {until} まで', f'a code until {until}')}"
