"""Proofs of a payment: `receipt` verifies the town's receipt, `receipts` gets them back, `verify` asks the chain."""

from pathlib import Path
from typing import Annotated

import typer

from bandai_client import Gateway, Town, gateway_url, verify_receipt
from coin.console import say
from coin.messages import parse_bytes32
from wallet_cli.common.commands.options import FingerprintOption, JsonOption, closing, show
from wallet_cli.common.files import malformed
from wallet_cli.common.pinned import demand_on_paper
from wallet_cli.common.wording import fingerprint_line, yen
from wallet_cli.resident import onchain
from wallet_cli.resident.commands.group import FIRST_KEY, HomeOption, NameOption, app, opened_wallet
from wallet_cli.resident.home import DEFAULT, Home, read_paid_file, read_receipt


@app.command(
    help=say("受領証が本物かを確かめます。", "Check that a receipt is genuine."),
    epilog=closing("bandai-wallet receipt receipt.json"),
)
def receipt(
    file: Annotated[Path, typer.Argument(help=say("受領証の JSON", "the receipt's JSON"))],
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    _, town = Home(home).pinned()
    real = read_receipt(file)
    verify_receipt(town, real)
    line = say(
        f"本物の受領証です: {yen(real.amount_yen)}、番号 {real.sequence}",
        f"The receipt is genuine: {yen(real.amount_yen)}, number {real.sequence}",
    )
    show(as_json, {"is_real": True, "receipt": real.as_json()}, [line])


@app.command(
    help=say(
        "支払いがチェーンに書かれたかを、ノードに直接確かめます。受領証のファイルと、町が公開している指紋があれば、ウォレットもパスワードも要りません。",
        "Check with a node that a payment is on the chain. With the file of its receipt and the fingerprint that the town publishes, no wallet and no password is needed.",
    ),
    epilog=closing(
        "bandai-wallet verify 0x5f16…c1 --node http://127.0.0.1:8545",
        "bandai-wallet verify receipt.json --node http://127.0.0.1:8545 --gateway https://coin.example.jp --fingerprint 7Q4M-V0XH-2KTB-9ZRC",
    ),
)
def verify(
    payment: Annotated[
        str,
        typer.Argument(
            help=say("支払いの番号 0x… か受領証のファイル", "the payment's id 0x…, or its receipt's file")
        ),
    ],
    node: Annotated[str, typer.Option(parser=gateway_url, help=say("ノードの URL", "the node's URL"))],
    gateway: Annotated[
        str | None,
        typer.Option(
            parser=gateway_url,
            help=say("町のサーバー（ウォレットがないとき）", "the town's gateway, without a wallet"),
        ),
    ] = None,
    fingerprint: FingerprintOption = None,
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    town = Home(home).pinned()[1] if gateway is None else _town_at(gateway, fingerprint)
    if payment.startswith("0x"):
        authorization, promise = Home(home).receipt(parse_bytes32(payment, "payment"))
    else:
        authorization, promise = read_paid_file(town, Path(payment))
    verify_receipt(town, promise)
    if promise.payment != authorization.payment:
        raise malformed(Path(payment))
    asked = onchain.Node(node)
    transaction = onchain.find_transaction(asked, town, promise.sequence)
    block = onchain.verify(asked, town, authorization, promise.sequence, transaction)
    lines = [
        say(f"ブロック {block} に書かれています。", f"It is in block {block}."),
        fingerprint_line(town.fingerprint),
    ]
    answer = {"is_on_chain": True, "block": block, "transaction": "0x" + transaction.hex()}
    show(as_json, answer | {"fingerprint": town.fingerprint}, lines)


def _town_at(url: str, fingerprint: str | None) -> Town:
    with Gateway(url) as gateway:
        town = gateway.town
    demand_on_paper(town, fingerprint)
    return town


@app.command(
    help=say(
        "自分の支払いの受領証を町のサーバーから取り戻し、1件ずつ本物かを確かめて、この端末にしまいます。",
        "Get the receipts of your payments back from the gateway, verify each, and store them here.",
    ),
    epilog=closing("bandai-wallet receipts"),
)
def receipts(
    home: HomeOption = DEFAULT,
    name: NameOption = FIRST_KEY,
    as_json: JsonOption = False,
) -> None:
    with opened_wallet(home, name) as wallet:
        count = Home(home).fetch_receipts(wallet)
    line = say(f"受領証 {count} 件を取り戻しました。", f"{count} receipts are back.")
    show(as_json, {"receipts": count}, [line])
