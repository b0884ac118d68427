"""`bandai-wallet`: a resident's wallet on the command line.

Every command explains itself with an example, has `--json` for programs and a documented exit code. What goes
wrong is one Japanese sentence (English where the locale is) and a stable code in brackets.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from bandai_client import _receipts as receipts
from bandai_client._answers import Checkout, Json, read_hex, take, take_optional
from bandai_client._gateway import Gateway, gateway_url
from bandai_client._payment import Paid
from bandai_client._wallet import Wallet
from coin.clock import jst_datetime
from coin.console import is_english, say, whole_number, written
from coin.console.groups import commands
from coin.errors import InvalidInput, NotFound
from coin.messages import parse_bytes32
from wallet_cli.common.moving import MOVING, UrlArgument, YesOption, show_or_move
from wallet_cli.common.wording import (
    NOT_PAID,
    JsonOption,
    agrees,
    closing,
    counterpart_name,
    given_secret,
    kind_name,
    last_day,
    movement_name,
    secret,
    show,
    yen,
)
from wallet_cli.resident import onchain
from wallet_cli.resident.asking_words import ask_words
from wallet_cli.resident.camera import read_picture
from wallet_cli.resident.home import DEFAULT, Home, read_receipt
from wallet_cli.resident.keystore import Keystore
from wallet_cli.resident.recovery import WordList, key_from_words, new_recovery_words
from wallet_cli.resident.sheet import Sheet

app = commands(
    say(
        "ばんだいコインのウォレット。パスワードと復元の言葉は尋ねます。プログラムからは、環境変数 "
        "BANDAI_WALLET_PASSWORD、BANDAI_WALLET_WORDS か、そのファイルの場所 BANDAI_WALLET_PASSWORD_FILE、"
        "BANDAI_WALLET_WORDS_FILE で渡します。",
        "The wallet of Bandai coin. Password and recovery words are asked for; programs give them in the variables "
        "BANDAI_WALLET_PASSWORD and BANDAI_WALLET_WORDS, or name a file in BANDAI_WALLET_PASSWORD_FILE and "
        "BANDAI_WALLET_WORDS_FILE.",
    ),
    name="bandai-wallet",
    epilog=closing(
        "bandai-wallet create --gateway https://coin.example.jp", "bandai-wallet pay checkout.png"
    ),
)
FIRST_KEY = "main"
_PASSWORD, _WORDS = "BANDAI_WALLET_PASSWORD", "BANDAI_WALLET_WORDS"
USUAL_WORDS = WordList.ENGLISH if is_english() else WordList.JAPANESE

HomeOption = Annotated[
    Path,
    typer.Option("--home", envvar="BANDAI_WALLET_HOME", help=say("ウォレットの場所", "the wallet's folder")),
]
NameOption = Annotated[str, typer.Option("--key", help=say("鍵の名前", "which key"))]
GatewayOption = Annotated[
    str, typer.Option("--gateway", parser=gateway_url, help=say("町のサーバーの URL", "the town's gateway"))
]


def main() -> None:
    """Run the command that was typed."""
    app()


@contextmanager
def _wallet(home: Path, name: str, *, is_alone: bool = False) -> Iterator[Wallet]:
    place = Home(home)
    url, town = place.pinned()
    key = Keystore.open(place.keystore, secret(_PASSWORD, say("パスワード", "Password"))).get(name)
    with Gateway(url, pinned=town) as gateway, place.alone() if is_alone else nullcontext():
        try:
            yield place.wallet(gateway, key)
        except NotFound as error:
            if error.code != "wallet_unknown":
                raise
            raise NotFound(
                f"{error.ja}最初に bandai-wallet register で町に登録してください。",
                f"{error.en} Register it first: bandai-wallet register.",
                code=error.code,
            ) from None


def _answer_for(home: Path, url: str, name: str) -> tuple[Json, Keystore]:
    """What the gateway says of its town, and the keystore that will take a key of this name: everything that could refuse
    is asked before anything is made, or typed.
    """
    place = Home(home)
    question = say("パスワード（8文字以上）", "Password (8 characters or more)")
    password = secret(_PASSWORD, question, twice=not place.keystore.exists())
    store = Keystore.prepare(place.keystore, password, name)
    with Gateway(url) as gateway:
        answer = gateway.get("/v1/municipality")
    place.check(url, answer)
    return answer, store


@app.command(
    help=say(
        "新しいウォレットを作り、復元の言葉を一度だけ表示します。--sheet なら、印刷する紙面に書きます。",
        "Make a new wallet and show its recovery words, once; with --sheet, on a sheet to print instead.",
    ),
    epilog=closing(
        "bandai-wallet create --gateway https://coin.example.jp",
        "bandai-wallet create --gateway https://coin.example.jp --sheet words.pdf",
    ),
)
def create(
    gateway: GatewayOption,
    home: HomeOption = DEFAULT,
    name: NameOption = FIRST_KEY,
    sheet: Annotated[
        Path | None,
        typer.Option(
            help=say("復元の言葉を書く PDF（.txt なら文字だけ）", "a PDF for the words (.txt: text)")
        ),
    ] = None,
    word_list: Annotated[
        WordList,
        typer.Option("--words", help=say("言葉の種類（ひらがな・英語）", "the words' language")),
    ] = USUAL_WORDS,
    as_json: JsonOption = False,
) -> None:
    answer, store = _answer_for(home, gateway, name)
    town = Home(home).pin(gateway, answer)
    words = new_recovery_words(word_list)
    key = key_from_words(words)
    made = Sheet(town.name, str(key), words)
    # The sheet first: a key whose words could not be written down must not exist.
    if sheet is not None:
        made.write(sheet)
    store.add({name: key})
    next_step = say("次に、bandai-wallet register で町に登録してください。", "Next: bandai-wallet register.")
    if sheet is None:
        once = say(
            "紙に書き写してください。この言葉は二度と表示されません。",
            "Write the words down; they are shown only now.",
        )
        show(as_json, {"address": str(key), "words": words}, [made.as_text(), once, next_step])
        return
    told = say(
        f"復元の言葉を {sheet} に書きました。印刷したら、このファイルを消してください。",
        f"The recovery words are in {sheet}. Print it, then delete the file.",
    )
    show(
        as_json,
        {"address": str(key), "sheet": str(sheet)},
        [say(f"アドレス: {key}", f"Address: {key}"), told, next_step],
    )


@app.command(
    help=say(
        "復元の言葉からウォレットを戻します。言葉は、打つと画面に出ます。",
        "Restore a wallet from its recovery words, which are shown as they are typed.",
    ),
    epilog=closing("bandai-wallet restore --gateway https://coin.example.jp"),
)
def restore(
    gateway: GatewayOption,
    home: HomeOption = DEFAULT,
    name: NameOption = FIRST_KEY,
    index: Annotated[int, typer.Option(min=0, help=say("何番目の鍵か", "which key of these words"))] = 0,
    as_json: JsonOption = False,
) -> None:
    answer, store = _answer_for(home, gateway, name)
    given = given_secret(_WORDS)
    key = key_from_words(ask_words(file_variable=f"{_WORDS}_FILE") if given is None else given, index)
    Home(home).pin(gateway, answer)
    store.add({name: key})
    show(as_json, {"address": str(key)}, [say(f"戻しました: {key}", f"Restored: {key}")])


@app.command(
    help=say("鍵の名前とアドレスを表示します。", "Show names and addresses of the keys."),
    epilog=closing("bandai-wallet address"),
)
def address(home: HomeOption = DEFAULT, as_json: JsonOption = False) -> None:
    Home(home).pinned()
    entries = Keystore.list(Home(home).keystore)
    keys = {entry.name: "0x" + entry.address.hex() for entry in entries}
    show(as_json, keys, [f"{name}  {value}" for name, value in keys.items()])


@app.command(
    help=say("ウォレットを町に登録します。", "Register the wallet with the town."),
    epilog=closing("bandai-wallet register"),
)
def register(
    home: HomeOption = DEFAULT,
    name: NameOption = FIRST_KEY,
    as_json: JsonOption = False,
) -> None:
    with _wallet(home, name) as wallet:
        wallet.register()
        show(as_json, {"address": str(wallet.key)}, [say("登録しました。", "Registered.")])


@app.command(
    help=say("残高を、種類と期限ごとに表示します。", "Show the balance by kind and expiry."),
    epilog=closing("bandai-wallet balance"),
)
def balance(
    home: HomeOption = DEFAULT,
    name: NameOption = FIRST_KEY,
    as_json: JsonOption = False,
) -> None:
    with _wallet(home, name) as wallet:
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

    text = _code_text(code)
    place = Home(home)
    with _wallet(home, name, is_alone=True) as wallet:
        paid = wallet.pay(text, amount, approve=approve)
    if paid is None:
        show(as_json, {"paid": False}, [say("支払いをやめました。", "Not paid.")])
        raise typer.Exit(NOT_PAID)
    file = place.receipt_file(paid.payment)
    show(as_json, {"paid": True, **_paid_json(paid)}, _paid_lines(paid, file, shop))


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
    with _wallet(home, name) as wallet:
        items: list[Json] = [dict(item) for item, _ in zip(wallet.history(), range(last), strict=False)]
    lines = list(_movement_lines(items))
    show(as_json, {"items": items}, lines or [say("履歴はありません。", "No movements yet.")])


def _movement_lines(items: list[Json]) -> Iterator[str]:
    moments = [written(jst_datetime(take(item, "accepted_at_ms", int))) for item in items]
    longest = max(map(len, moments), default=0)  # they differ in their digits only
    for item, at in zip(items, moments, strict=True):
        yield f"{at:<{longest}}  {_movement(item)}"


def _movement(item: Json) -> str:
    others = [
        counterpart_name(
            take(other, "kind", str), take(other, "reference", str), take_optional(other, "name", str)
        )
        for other in take(item, "others", list)
    ]
    what = movement_name(take(item, "what", str))
    return f"{take(item, 'amount', int):+,}  {what}  {say('、', ', ').join(others)}"


@app.command(
    help=say("受領証が本物かを確かめます。", "Check that a receipt is real."),
    epilog=closing("bandai-wallet receipt receipt.json"),
)
def receipt(
    file: Annotated[Path, typer.Argument(help=say("受領証の JSON", "the receipt's JSON"))],
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    _, town = Home(home).pinned()
    real = read_receipt(file)
    receipts.verify(town, real)
    line = say(
        f"本物の受領証です: {yen(real.amount_yen)}、番号 {real.sequence}",
        f"The receipt is real: {yen(real.amount_yen)}, number {real.sequence}",
    )
    show(as_json, {"is_real": True, "receipt": real.as_json()}, [line])


@app.command(
    help=say(
        "自分の支払い（この端末に受領証があるもの）がチェーンに書かれたかを、ノードに直接確かめます。",
        "Check with a node that a payment of yours, whose receipt is kept here, stands on the chain.",
    ),
    epilog=closing("bandai-wallet verify 0x5f16…c1 --node http://127.0.0.1:8545"),
)
def verify(
    payment: Annotated[str, typer.Argument(help=say("支払いの番号 0x…", "the payment's id 0x…"))],
    node: Annotated[str, typer.Option(help=say("ノードの URL", "the node's URL"))],
    home: HomeOption = DEFAULT,
    name: NameOption = FIRST_KEY,
    as_json: JsonOption = False,
) -> None:
    authorization, promise = Home(home).receipt(parse_bytes32(payment, "payment"))
    with _wallet(home, name) as wallet:
        status = wallet.status(authorization.payment)
        town = wallet.town
    if not isinstance(status.get("transaction"), str):
        raise onchain.not_on_chain("まだ書き込まれていません。", f"its status is {status.get('status')}")
    transaction = read_hex(status["transaction"], "transaction")
    block = onchain.verify(onchain.Node(node), town, authorization, promise.sequence, transaction)
    line = say(f"ブロック {block} に書かれています。", f"It stands in block {block}.")
    show(as_json, {"is_on_chain": True, "block": block, "transaction": status["transaction"]}, [line])


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


def _code_text(code: str) -> str:
    if code == "-":
        return sys.stdin.read().strip()
    if code.startswith("0002"):
        return code.strip()
    try:
        return read_picture(Path(code).read_bytes())
    except OSError:
        raise InvalidInput(
            f"「{code}」は QR コードの文字でも、読める画像ファイルでもありません。ファイルの名前を確かめてください。",
            f"{code!r} is neither the text of a code nor a picture file that can be read; check its name.",
            field="code",
            code="qr_unreadable",
        ) from None


def _paid_json(paid: Paid) -> dict[str, Any]:
    parts = {part.kind: part.amount_yen for part in paid.parts}
    return {"payment": "0x" + paid.payment.hex(), "amount": paid.amount_yen, "parts": parts} | {
        "receipt": paid.receipt.as_json()
    }


def _paid_lines(paid: Paid, file: Path, shop: str) -> list[str]:
    parts = "、".join(f"{kind_name(part.kind)} {yen(part.amount_yen)}" for part in paid.parts)
    return [
        say(f"支払いました: {yen(paid.amount_yen)}（{parts}）", f"Paid: {yen(paid.amount_yen)} ({parts})"),
        *([say(f"お店: {shop}", f"Shop: {shop}")] if shop else []),
        say(f"支払いの番号: 0x{paid.payment.hex()}", f"Payment: 0x{paid.payment.hex()}"),
        say(f"受領証: {file}", f"Receipt: {file}"),
    ]


if __name__ == "__main__":
    main()
