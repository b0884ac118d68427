"""`bandai-town wallets`: a wallet by its code, its QR code or its address, for a person at the counter."""

from collections.abc import Sequence
from typing import Annotated

import typer

from coin.clock import jst_date, jst_datetime, last_day
from coin.console import say, written
from coin.console.output import answer
from coin.console.tables import Cell, table
from coin.ledger import statements
from coin.ledger.statements import HeldLot
from coin.messages import checksum_address
from coin.office import charges_made
from coin.office.charges_made import ChargeMade
from coin.program import Program
from coin.qr.wallet_code import code_of
from coin.registry import wallets
from coin.registry.wallets import Wallet
from town_cli.commands.charges import channel_name
from town_cli.commands.grammar import closing, commands
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.desk.wallet_named import wallet_named
from town_cli.server.folder import Home

wallets_app = commands("ウォレット / Wallets.")


@wallets_app.command("show", epilog=closing("bandai-town wallets show 7Q4M-V0XH-2KTB-9D1E"))
def wallets_show(
    wallet: Annotated[
        str,
        typer.Argument(
            help="ウォレットのコードかアドレス、または QR コードの写真 / the code, the address, or a picture of the QR code"
        ),
    ],
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """ウォレットの状態と残高、チャージの記録を見る / A wallet's state, balance and charges."""
    with Home(home).open() as town, town.books() as books:
        now_ms = books.now_ms()
        found = wallets.get(books, wallet_named(books, wallet))
        lots = statements.lots(books.connection, books.municipality_code, found.account, live_at_ms=now_ms)
        charges = charges_made.of_wallet(books, found.address)
    program = town.municipality.program
    text = "\n".join(_lines(found, lots, charges, program, now_ms))
    answer(text, text, _values(found, lots, charges, now_ms), as_json=as_json)


def _lines(
    found: Wallet, lots: Sequence[HeldLot], charges: Sequence[ChargeMade], program: Program, now_ms: int
) -> list[str]:
    facts = [
        (say("ウォレット", "wallet"), code_of(found.address)),
        (say("アドレス", "address"), checksum_address(found.address)),
        (say("登録", "registered"), written(jst_date(found.registered_at_ms))),
        (say("状態", "state"), say(*_state(found, now_ms))),
        (say("残高", "balance"), say(f"{_total(lots):,} 円", f"{_total(lots):,} yen")),
    ]
    return [*table(["", ""], facts, indent=0)[1:], *_lots(lots), *_charges(charges, program)]


def _state(found: Wallet, now_ms: int) -> tuple[str, str]:
    if found.is_closed:
        return "閉鎖", "closed"
    if found.frozen_until_s * 1000 > now_ms:
        return "一時停止中", "frozen"
    if found.is_in_incident:
        return "確認中", "has an open incident"
    return "使えます", "good"


def _total(lots: Sequence[HeldLot]) -> int:
    return sum(lot.amount for lot in lots)


def _lots(lots: Sequence[HeldLot]) -> list[str]:
    if not lots:
        return []
    rows: list[list[Cell]] = [
        [
            say("コイン", "coins") if lot.kind == "coin" else say("ポイント", "points"),
            lot.amount,
            written(last_day(lot.expiry_s)),
        ]
        for lot in lots
    ]
    heads = (("残高の種類", "held"), ("円", "yen"), ("使える最後の日", "last day of use"))
    return ["", *table([say(*head) for head in heads], rows)]


def _charges(charges: Sequence[ChargeMade], program: Program) -> list[str]:
    if not charges:
        return ["", say("チャージはまだありません。", "It was never charged.")]
    rows: list[list[Cell]] = [
        [
            str(item.sequence),
            written(jst_datetime(item.accepted_at_ms)),
            channel_name(program, item.channel),
            item.coins,
            item.points,
        ]
        for item in charges
    ]
    heads = (
        ("取引", "operation"),
        ("チャージの日時", "charged at"),
        ("窓口", "channel"),
        ("コイン", "coins"),
    )
    return ["", *table([*(say(*head) for head in heads), say("ポイント", "points")], rows)]


def _values(
    found: Wallet, lots: Sequence[HeldLot], charges: Sequence[ChargeMade], now_ms: int
) -> dict[str, object]:
    return {
        "code": code_of(found.address),
        "address": checksum_address(found.address),
        "registered_at_ms": found.registered_at_ms,
        "state": _state(found, now_ms)[1],
        "balance": _total(lots),
        "lots": [
            {"kind": lot.kind, "amount": lot.amount, "expiry": lot.expiry_s, "fund": lot.fund} for lot in lots
        ],
        "charges": [
            {"sequence": item.sequence, "coins": item.coins, "points": item.points} for item in charges
        ],
    }
