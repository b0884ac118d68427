"""Money of a wallet: `balance`, `pay`, `cancel` and `history`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Annotated, Any

import typer

from bandai_client import Checkout, EarlierPaymentAccepted, Paid
from coin.console import say, whole_number
from coin.console.deeds import done, shown
from coin.errors import InvalidInput
from wallet_cli.common.commands.options import NOT_PAID, JsonOption, YesOption, agrees, closing, show
from wallet_cli.common.wording import yen
from wallet_cli.resident.camera import read_code
from wallet_cli.resident.commands.group import FIRST_KEY, HomeOption, NameOption, app, opened_wallet
from wallet_cli.resident.home import DEFAULT, Home
from wallet_cli.resident.wording import fate_lines, kind_name, last_day, movement_lines, paid_lines


@app.command(
    help=say("残高を、種類と期限ごとに表示します。", "Show the balance by kind and expiry."),
    epilog=closing("bandai-wallet balance"),
)
def balance(
    home: HomeOption = DEFAULT,
    name: NameOption = FIRST_KEY,
    as_json: JsonOption = False,
) -> None:
    with opened_wallet(home, name) as wallet:
        held = wallet.balance()
    lots = [
        {"kind": lot.kind, "amount": lot.amount_yen, "expiry": lot.expiry_s, "fund": lot.fund}
        for lot in held.lots
    ]
    lines = [say(f"残高 {yen(held.total_yen)}", f"Balance {yen(held.total_yen)}")]
    lines += [f"  {kind_name(lot.kind)} {yen(lot.amount_yen)}  {last_day(lot.expiry_s)}" for lot in held.lots]
    show(as_json, {"balance": held.total_yen, "lots": lots}, lines)


@app.command(
    help=say(
        "QR コードの文字か画像で支払います。登録された店名と金額を見せて、確かめてから署名します。",
        "Pay by the text or a picture of a QR code; shows the registered name and the amount, asks, then signs.",
    ),
    epilog=closing("bandai-wallet pay checkout.png", "bandai-wallet pay sticker.png --amount 500"),
)
def pay(
    code: Annotated[
        str, typer.Argument(help=say("QR の文字、画像ファイル、または -", "text, picture file, or -"))
    ],
    home: HomeOption = DEFAULT,
    name: NameOption = FIRST_KEY,
    amount: Annotated[
        int | None,
        typer.Option(min=1, parser=whole_number(1), help=say("金額（ステッカーのとき）", "for a sticker")),
    ] = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    shop = ""

    def approve(checkout: Checkout) -> bool:
        nonlocal shop
        shop = checkout.merchant.name
        question = say(
            f"{checkout.merchant.name} に {yen(checkout.amount_yen)} を支払いますか",
            f"Pay {yen(checkout.amount_yen)} to {checkout.merchant.name}",
        )
        return yes or agrees(question)

    text = sys.stdin.read().strip() if code == "-" else read_code(code)
    place = Home(home)
    with _asking_for_an_amount(), opened_wallet(home, name, is_alone=True) as wallet:
        try:
            paid = wallet.pay(text, amount, approve=approve)
        except EarlierPaymentAccepted:
            shown()  # the error itself tells of that payment
            raise
    if paid is None:
        show(as_json, {"paid": False}, [say("支払いをやめました。", "Not paid.")])
        raise typer.Exit(NOT_PAID)
    file = place.receipt_file(paid.payment)
    show(as_json, {"paid": True, **_paid_json(paid)}, paid_lines(paid, file, shop))


@app.command(
    help=say(
        "届いたか分からない支払いを取り消します。すでに払われていれば、そう答えます。",
        "Cancel a payment whose outcome is not known; if it was accepted already, say so.",
    ),
    epilog=closing("bandai-wallet cancel"),
)
def cancel(
    home: HomeOption = DEFAULT,
    name: NameOption = FIRST_KEY,
    as_json: JsonOption = False,
) -> None:
    place = Home(home)
    with opened_wallet(home, name, is_alone=True) as wallet:
        paid = wallet.cancel()
    if paid is not None:
        show(as_json, {"cancelled": False, **_paid_json(paid)}, fate_lines(paid, None, place))
        return
    ja = "取り消しました。届いたか分からなかった支払いは、もう行われません。"
    en = "Cancelled: no payment whose outcome was not known can be carried out any more."
    done(ja, en)
    show(as_json, {"cancelled": True}, [say(ja, en)])


@app.command(
    help=say("入出金の履歴を新しい順に表示します。", "Show the movements, the newest first."),
    epilog=closing("bandai-wallet history --last 20"),
)
def history(
    home: HomeOption = DEFAULT,
    name: NameOption = FIRST_KEY,
    last: Annotated[int, typer.Option(min=1, help=say("件数", "how many"))] = 20,
    as_json: JsonOption = False,
) -> None:
    with opened_wallet(home, name) as wallet:
        movements = list(islice(wallet.history(), last))
    items = [dict(movement.answer) for movement in movements]
    lines = list(movement_lines(movements))
    show(as_json, {"items": items}, lines or [say("履歴はありません。", "No movements yet.")])


@contextmanager
def _asking_for_an_amount() -> Iterator[None]:
    """Say which option is missing where a code has no amount."""
    try:
        yield
    except InvalidInput as error:
        if error.code != "amount_missing":
            raise
        raise InvalidInput(
            "このコードには金額がありません。--amount 500 のように付けてください。",
            "This code has no amount; give it, like --amount 500.",
            field=error.field,
            code=error.code,
        ) from None


def _paid_json(paid: Paid) -> dict[str, Any]:
    parts = {part.kind: part.amount_yen for part in paid.parts}
    return {"payment": "0x" + paid.payment.hex(), "amount": paid.amount_yen, "parts": parts} | {
        "receipt": paid.receipt.as_json()
    }
