"""Proofs of a payment: `receipt` verifies the town's receipt, `verify` asks the chain."""

from pathlib import Path
from typing import Annotated

import typer

from bandai_client import verify_receipt
from coin.console import say
from coin.messages import parse_bytes32
from wallet_cli.common.commands.options import JsonOption, closing, show
from wallet_cli.common.wording import yen
from wallet_cli.resident import onchain
from wallet_cli.resident.commands.group import FIRST_KEY, HomeOption, NameOption, app, opened_wallet
from wallet_cli.resident.home import DEFAULT, Home, read_receipt


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
        "自分の支払い（この端末に受領証があるもの）がチェーンに書かれたかを、ノードに直接確かめます。",
        "Check with a node that one of your payments, whose receipt is stored here, is on the chain.",
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
    with opened_wallet(home, name) as wallet:
        status = wallet.status(authorization.payment)
        town = wallet.town
    if status.transaction is None:
        raise onchain.not_on_chain("まだ書き込まれていません。", f"its status is {status.status}")
    block = onchain.verify(onchain.Node(node), town, authorization, promise.sequence, status.transaction)
    line = say(f"ブロック {block} に書かれています。", f"It is in block {block}.")
    show(
        as_json, {"is_on_chain": True, "block": block, "transaction": "0x" + status.transaction.hex()}, [line]
    )
