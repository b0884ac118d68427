"""Checkouts of a till: `new` opens one, `wait` waits for one that was opened before, `cancel` ends one."""

from pathlib import Path
from typing import Annotated

import typer

from bandai_client import Checkout, Gateway, Till
from coin.console import INTERRUPTED, say, whole_number
from coin.console.deeds import done
from coin.errors import Conflict
from wallet_cli.common.commands.options import NOT_PAID, JsonOption, closing, show
from wallet_cli.common.wording import yen
from wallet_cli.till import display
from wallet_cli.till.commands.group import HomeOption, app, opened_till
from wallet_cli.till.home import DEFAULT
from wallet_cli.till.pictures import NAME, Files, clear, draw_pictures, files_of, take_down
from wallet_cli.till.waiting import read_checkout_id, wait_patiently


@app.command(
    help=say(
        "お会計を作り、QR コードを見せて、支払いを待ちます。--json は1行ずつ（作ったとき、終わったとき）出します。",
        "Open a checkout for an amount, show its code and wait for the payment. --json prints a line when it is opened and a line at the end.",
    ),
    epilog=closing("bandai-till new 1250", "bandai-till new 1250 --reference 伝票17 --save code"),
)
def new(
    amount: Annotated[int, typer.Argument(min=1, parser=whole_number(1), help=say("金額（円）", "yen"))],
    reference: Annotated[
        str | None,
        typer.Option(
            help=say(
                "伝票や注文の番号（お店のレジだけに見えます）",
                "your slip's or order's number; only tills of the shop see it",
            )
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            help=say(
                "コードの絵を書く場所（.png と .svg が付きます。指定しなければ、レジの場所の code）",
                "where to draw the code (.png and .svg are added; without it, `code` in the till's folder)",
            )
        ),
    ] = None,
    light: Annotated[
        bool,
        typer.Option("--light", help=say("色の出ない、明るい画面のとき", "a light terminal without colours")),
    ] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help=say("支払いを待つ", "wait for it"))] = True,
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    with opened_till(home) as (place, till, gateway):
        files = files_of(save or place.folder / NAME)
        clear(files)  # whatever happens now, the display shows no earlier code
        checkout = till.open_checkout(amount, reference)
        done(
            f"お会計 {checkout.id}（{yen(checkout.amount_yen)}）を作りました。",
            f"Checkout {checkout.id} ({yen(checkout.amount_yen)}) was opened.",
        )
        pictures = draw_pictures(checkout, files)
        opened = {"checkout": checkout.id, "amount": checkout.amount_yen, "qr": checkout.qr_text}
        opened |= {"deadline": checkout.deadline_ms, "status": "open"} | pictures
        show(as_json, opened, display.code_lines(checkout, pictures, is_light=light))
        if wait:
            _finish(till, gateway, checkout, files, as_json=as_json)


@app.command(
    "wait",
    help=say(
        "前に作ったお会計の支払いを待ちます。支払い済みなら、受領証を確かめて一度だけ受け取ります。",
        "Wait for a checkout that was opened before; if it is paid, verify its receipt and take it, once.",
    ),
    epilog=closing("bandai-till wait 01J9ZK5V6QWERTY0123456789A"),
)
def wait_for(
    checkout: Annotated[str, typer.Argument(help=say("お会計の番号", "the checkout's id"))],
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    with opened_till(home) as (place, till, gateway):
        found = till.look(read_checkout_id(checkout))
        _finish(till, gateway, found, files_of(place.folder / NAME), as_json=as_json)


@app.command(
    help=say(
        "お会計を取り消します。支払いが先なら取り消さず、そう表示します（終了コード 8）。",
        "Cancel a checkout; if a payment came first it is not cancelled, and you are told so (exit code 8).",
    ),
    epilog=closing("bandai-till cancel 01J9ZK5V6QWERTY0123456789A"),
)
def cancel(
    checkout: Annotated[str, typer.Argument(help=say("お会計の番号", "the checkout's id"))],
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    with opened_till(home) as (place, till, _):
        ended = till.cancel(read_checkout_id(checkout))
        if ended.status == "paid":
            raise Conflict(
                f"先に支払われました（{yen(ended.amount_yen)}）。受領証は bandai-till wait {ended.id} で確かめます。",
                f"It was paid first ({yen(ended.amount_yen)}); verify its receipt with bandai-till wait {ended.id}",
                code="checkout_paid",
            )
        done(f"お会計 {ended.id} を取り消しました。", f"Checkout {ended.id} was cancelled.")
        take_down(ended, files_of(place.folder / NAME))
    line = say(
        f"{yen(ended.amount_yen)}のお会計を取り消しました。もう支払えません。",
        f"The checkout of {yen(ended.amount_yen)} is cancelled; nobody can pay it any more.",
    )
    show(as_json, {"checkout": ended.id, "amount": ended.amount_yen, "status": ended.status}, [line])


def _finish(till: Till, gateway: Gateway, checkout: Checkout, files: Files, *, as_json: bool) -> None:
    typer.echo(
        say("お支払いを待っています…（やめるときは Ctrl-C）", "Waiting for the payment… (Ctrl-C to stop)"),
        err=True,
    )
    try:
        receipt = wait_patiently(till, gateway, checkout, say_that_the_line_is_cut)
    except KeyboardInterrupt:
        again, end = f"bandai-till wait {checkout.id}", f"bandai-till cancel {checkout.id}"
        typer.echo(
            say(
                f"待つのをやめました。お会計は残っています。続けるには {again}、取り消すには {end}",
                f"Stopped waiting; the checkout is still open. Go on with {again}, or end it with {end}",
            ),
            err=True,
        )
        raise typer.Exit(INTERRUPTED) from None
    if receipt is None:
        take_down(checkout, files)
        status = till.look(checkout.id).status
        show(as_json, {"checkout": checkout.id, "status": status}, [_not_paid(status)])
        raise typer.Exit(NOT_PAID)
    done(
        f"お会計 {checkout.id} は支払い済みです: {yen(receipt.amount_yen)}、番号 {receipt.sequence}。",
        f"Checkout {checkout.id} is paid: {yen(receipt.amount_yen)}, number {receipt.sequence}.",
    )
    take_down(checkout, files)
    answer = {"checkout": checkout.id, "status": "paid", "amount": receipt.amount_yen}
    answer |= {"receipt": receipt.as_json(), "reference": checkout.reference}
    show(as_json, answer, display.paid_lines(receipt, checkout.reference))


def _not_paid(status: str) -> str:
    if status == "cancelled":
        return say("取り消されました。支払われていません。", "It was cancelled and was not paid.")
    return say("時間切れです。支払われていません。", "It has expired and was not paid.")


def say_that_the_line_is_cut() -> None:
    """Tell the cashier that the connection is lost."""
    typer.echo(
        say("通信が切れました。つなぎ直しています…", "The connection is lost; trying again…"), err=True
    )
