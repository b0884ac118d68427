"""`bandai-till`: a shop's till on the command line. It asks for an amount, shows the code, and believes a verified receipt.

A command of its own and no part of the wallet's: a shop's device holds a credential and never a key.
"""

import re
import shutil
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer

from bandai_client._answers import Checkout, Receipt, Recent
from bandai_client._gateway import Gateway, gateway_url
from bandai_client._receipts import verify
from bandai_client._till import Till, pair, receipt_of
from coin.clock import jst_date, jst_datetime
from coin.console import INTERRUPTED, say, whole_number, written
from coin.console.groups import commands
from coin.errors import CoinError, InvalidInput, TooManyRequests, Unavailable
from coin.qr import picture
from wallet_cli.common.moving import MOVING, UrlArgument, YesOption, show_or_move
from wallet_cli.common.wording import NOT_PAID, JsonOption, ask, closing, show, yen
from wallet_cli.till import display
from wallet_cli.till.home import DEFAULT, TillHome

app = commands(
    say("ばんだいコインのレジ。", "The till of Bandai coin."),
    name="bandai-till",
    epilog=closing(
        "bandai-till pair --gateway https://coin.example.jp", "bandai-till new 1250", "bandai-till recent"
    ),
)
_BELL = "\a"
_AGAIN_S = 3.0
_LAST_CHANCE_MS = 30_000
_NARROW = 80

HomeOption = Annotated[
    Path, typer.Option("--home", envvar="BANDAI_TILL_HOME", help=say("レジの場所", "the till's folder"))
]


def main() -> None:
    """Run the command that was typed."""
    app()


@contextmanager
def _till(home: Path) -> Iterator[tuple[TillHome, Till, Gateway]]:
    place = TillHome(home)
    url, town = place.pinned()
    with Gateway(url, pinned=town) as gateway:
        yield place, place.till(gateway), gateway


@app.command(
    "pair",
    help=say(
        "町の窓口で受け取った番号を打ち込み、この端末をレジにします。",
        "Type the code that the town gave, and this device becomes a till.",
    ),
    epilog=closing(
        "bandai-till pair --gateway https://coin.example.jp",
        "bandai-till pair 7Q4M-V0XH-2KTB --gateway https://coin.example.jp",
    ),
)
def pair_device(
    gateway: Annotated[
        str,
        typer.Option("--gateway", parser=gateway_url, help=say("町のサーバーの URL", "the town's gateway")),
    ],
    code: Annotated[
        str | None,
        typer.Argument(help=say("番号（指定しなければ尋ねます）", "the code (asked for if not given)")),
    ] = None,
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    place = TillHome(home)
    with Gateway(gateway) as connected:
        # The folder first: a code is good once, and must not be used up for a till of another town.
        place.pin(gateway, connected.get("/v1/municipality"))
        typed = code or ask(say("ペアリングの番号", "Pairing code"))
        paired = pair(connected, typed)
    place.keep(paired)
    line = say(
        f"この端末は「{paired.shop}」の「{paired.label}」になりました。",
        f"This device is now till {paired.label} of {paired.shop}.",
    )
    answer = {"till": paired.till, "label": paired.label, "shop": paired.shop, "number": paired.shop_number}
    show(as_json, answer, [line])


@app.command(
    help=say(
        "お会計を作り、QR コードを見せて、支払いを待ちます。--json は1行ずつ（作ったとき、終わったとき）出します。",
        "Ask for an amount, show its code and wait for the payment. --json prints a line when it is opened and a line at the end.",
    ),
    epilog=closing("bandai-till new 1250", "bandai-till new 1250 --reference 'table 3' --save code"),
)
def new(
    amount: Annotated[int, typer.Argument(min=1, parser=whole_number(1), help=say("金額（円）", "yen"))],
    reference: Annotated[
        str | None,
        typer.Option(help=say("伝票番号など、店だけに見える文字", "a note that only the shop sees")),
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
    with _till(home) as (place, till, gateway):
        files = _files(save or place.folder / "code")
        checkout = till.open_checkout(amount, reference)
        pictures = _draw(checkout, files)
        opened = {"checkout": checkout.id, "amount": checkout.amount_yen, "qr": checkout.qr_text}
        opened |= {"deadline": checkout.deadline_ms, "status": "open"} | pictures
        show(as_json, opened, _code_lines(checkout, pictures, is_light=light))
        if wait:
            _finish(till, gateway, checkout, as_json=as_json)


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
    with _till(home) as (_, till, gateway):
        _finish(till, gateway, till.look(_checkout_id(checkout)), as_json=as_json)


@app.command(
    help=say(
        "この店の最近のお会計を、受領証を確かめて表示します。「未確認」は、このレジの画面にまだ出ていない支払いです。",
        "Show this shop's last checkouts, each receipt verified; NOT TAKEN: this till has not shown it yet.",
    ),
    epilog=closing("bandai-till recent", "bandai-till recent --minutes 30"),
)
def recent(
    minutes: Annotated[int, typer.Option(min=1, max=60, help=say("何分前から", "how far back"))] = 10,
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    with _till(home) as (place, till, gateway):
        items = [_judged(gateway, place, item) for item in till.recent(minutes)]
    lines = list(_recent_lines(items))
    if any(item.get("is_taken") is False for item in items):
        lines.append(
            say(
                "「未確認」は bandai-till wait とお会計の番号で確かめ、受け取ります。",
                "What is NOT TAKEN is taken with bandai-till wait and the checkout's id.",
            )
        )
    show(as_json, {"items": items}, lines or [say(f"この{minutes}分のお会計はありません。", "Nothing yet.")])


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


def _recent_lines(items: list[dict[str, Any]]) -> Iterator[str]:
    """A line for each checkout under the day on which it was: a shop that closes after midnight has two."""
    for day, of_day in groupby(items, key=lambda item: written(jst_date(item["at_ms"]))):
        yield day
        for item in of_day:
            yield (
                f"{jst_datetime(item['at_ms']):%H:%M:%S}  {item['amount']:>9,}  {_word(item)}  "
                f"{item['till'] or say('ステッカー', 'sticker')}  {item['checkout']}"
            )


def _checkout_id(typed: str) -> str:
    """The id of a checkout as it was meant: in capitals or not, in full width, parted by spaces or hyphens."""
    meant = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed)).upper()
    if not re.fullmatch("[0-9A-Z]{26}", meant):
        raise InvalidInput(
            "お会計の番号は英数字26文字です。bandai-till recent で確かめてください。",
            "The id of a checkout has 26 letters and digits; bandai-till recent shows it.",
            field="checkout",
            code="checkout_id_malformed",
        )
    return meant


def _files(stem: Path) -> tuple[Path, Path]:
    """Where the PNG and the SVG go; tried before a checkout is opened."""
    png, svg = (stem.with_name(stem.name + suffix) for suffix in (".png", ".svg"))
    try:
        for file in (png, svg):
            file.touch()
    except OSError:
        raise InvalidInput(
            f"ここには書けません: {stem}", f"This cannot be written: {stem}", field="save"
        ) from None
    return png, svg


def _draw(checkout: Checkout, files: tuple[Path, Path]) -> dict[str, str]:
    png, svg = files
    png.write_bytes(picture.png(checkout.qr_text))
    svg.write_text(picture.svg(checkout.qr_text), "utf-8")
    return {"png": str(png), "svg": str(svg)}


def _code_lines(checkout: Checkout, pictures: dict[str, str], *, is_light: bool) -> list[str]:
    drawn = display.code(checkout.qr_text, in_colours=display.has_colours(), is_light=is_light)
    until = f"{jst_datetime(checkout.deadline_ms):%H:%M}"
    lines = [
        drawn,
        say(
            f"{checkout.merchant.name}  お会計 {yen(checkout.amount_yen)}  （{until} まで）",
            f"{checkout.merchant.name}  {yen(checkout.amount_yen)}  (until {until})",
        ),
        f"{pictures['png']}  {pictures['svg']}",
        say(f"お会計の番号 {checkout.id}", f"checkout {checkout.id}"),
    ]
    rows = drawn.count("\n") + 1 + len(lines)
    if display.has_colours() and shutil.get_terminal_size().lines < rows:
        hint = f"画面が低くて全部は見えません。{rows} 行以上に広げるか、PNG を開いてください。"
        lines.append(
            say(hint, f"The window is too low for the code: make it {rows} lines high, or open the PNG.")
        )
    return lines


def _finish(till: Till, gateway: Gateway, checkout: Checkout, *, as_json: bool) -> None:
    typer.echo(
        say("お支払いを待っています…（やめるときは Ctrl-C）", "Waiting for the payment… (Ctrl-C to stop)"),
        err=True,
    )
    try:
        receipt = _patiently(till, gateway, checkout)
    except KeyboardInterrupt:
        again = f"bandai-till wait {checkout.id}"
        typer.echo(
            say(
                f"待つのをやめました。お会計は残っています: {again}",
                f"Not waiting any more; go on with {again}",
            ),
            err=True,
        )
        raise typer.Exit(INTERRUPTED) from None
    if receipt is None:
        line = say("時間切れです。支払われていません。", "Time has passed; it was not paid.")
        show(as_json, {"checkout": checkout.id, "status": "expired"}, [line])
        raise typer.Exit(NOT_PAID)
    answer = {"checkout": checkout.id, "status": "paid", "amount": receipt.amount_yen}
    show(as_json, answer | {"receipt": receipt.as_json()}, _paid_lines(receipt))


def _patiently(till: Till, gateway: Gateway, checkout: Checkout) -> Receipt | None:
    """Wait through what a network does, until some time after the checkout's end."""
    is_told = False
    while True:
        try:
            return till.wait_until_paid(checkout)
        except (Unavailable, TooManyRequests):
            if gateway.now_ms() > checkout.deadline_ms + _LAST_CHANCE_MS:
                raise
            if not is_told:
                told = say("通信が切れました。つなぎ直しています…", "The line is cut; trying again…")
                typer.echo(told, err=True)
                is_told = True
            time.sleep(_AGAIN_S)


def _paid_lines(receipt: Receipt) -> list[str]:
    columns = shutil.get_terminal_size((_NARROW, 24)).columns
    at = f"{jst_datetime(receipt.accepted_at_ms):%H:%M:%S}"
    bell = _BELL if display.has_terminal() else ""
    return [
        bell,
        display.large(receipt.amount_yen, columns=columns),
        "",
        say(
            f"支払い完了  {yen(receipt.amount_yen)}  {at}  番号 {receipt.sequence}（受領証を確かめました）",
            f"PAID  {yen(receipt.amount_yen)}  {at}  number {receipt.sequence} (receipt verified)",
        ),
    ]


def _judged(gateway: Gateway, place: TillHome, item: Recent) -> dict[str, Any]:
    """A checkout as a cashier needs it: a receipt that is not real is no payment, whatever the gateway says."""
    known: dict[str, Any] = {
        "checkout": item.checkout.id,
        "amount": item.checkout.amount_yen,
        "till": item.till,
        "at_ms": item.opened_at_ms,
        "status": item.checkout.status,
    }
    if item.checkout.status != "paid":
        return known
    try:
        receipt = receipt_of(item.checkout)
        verify(gateway.town, receipt)
        Till.demand_for(item.checkout, receipt)
    except CoinError:
        return known | {"status": "receipt_wrong"}
    # Another till takes its own; this one may take what was paid by the sticker.
    is_ours = receipt.till in ("", place.paired().till)
    known["is_taken"] = place.book.has(receipt.payment) if is_ours else None
    return known | {"at_ms": receipt.accepted_at_ms, "payment": "0x" + receipt.payment.hex()}


def _word(item: dict[str, Any]) -> str:
    if item["status"] == "paid":
        return say("未確認　", "NOT TAKEN") if item["is_taken"] is False else say("支払い済", "paid     ")
    words = {
        "open": say("お待ち　", "open     "),
        "expired": say("時間切れ", "expired  "),
        "receipt_wrong": say("偽の受領証！", "RECEIPT NOT REAL"),
    }
    return words.get(item["status"], str(item["status"]))


if __name__ == "__main__":
    main()
