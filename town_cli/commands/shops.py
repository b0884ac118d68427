"""`bandai-town merchants list` and `show`: the registered shops, and everything about one of them."""

from collections.abc import Sequence
from typing import Annotated

import typer

from coin.console import say, whole_number
from coin.console.deeds import done
from coin.console.output import answer
from coin.console.tables import Cell, table
from coin.ledger import statements
from coin.ledger.statements import MerchantTotal
from coin.messages import checksum_address
from coin.office.shop_account import read_account
from coin.registry import tills
from coin.registry.merchants import Merchant, all_merchants, by_number
from coin.registry.personal import open_personal_data
from coin.registry.tills import Till
from town_cli.commands.clerk import actor
from town_cli.commands.files import write_table
from town_cli.commands.grammar import closing
from town_cli.commands.merchants import merchants_app
from town_cli.commands.options import DEFAULT_HOME, CsvOption, HomeOption, JsonOption
from town_cli.server.folder import Home

__all__ = ["merchants_app", "merchants_list", "merchants_show"]

_ACCOUNT = {
    "bank_name": ("銀行", "bank"),
    "branch_name": ("支店", "branch"),
    "account_type": ("口座の種類", "kind of account"),
    "account_number": ("口座番号", "account number"),
    "holder_kana": ("口座の名義", "account holder"),
}
_ACCOUNT_TYPES = {"1": ("普通", "ordinary"), "2": ("当座", "current"), "4": ("貯蓄", "savings")}


@merchants_app.command("list", epilog=closing("bandai-town merchants list --csv shops.csv"))
def merchants_list(
    csv: CsvOption = None, home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False
) -> None:
    """登録した加盟店の一覧 / The registered shops."""
    with Home(home).open() as town, town.books() as books:
        found = all_merchants(books)
    if csv is not None:
        write_table(csv, _heads(), [_row(shop) for shop in found])
        done(f"{len(found)} 店を {csv} に書きました。", f"Wrote {len(found)} shops to {csv}.")
    kept = [] if csv is None else [say(f"{csv} に書きました。", f"Wrote {csv}.")]
    none = [say("加盟店はまだありません。", "There is no shop yet.")]
    lines = table(_heads(), [_row(shop) for shop in found], indent=0) if found else none
    text = "\n".join([*lines, *kept])
    answer(text, text, {"merchants": [_values(shop) for shop in found]}, as_json=as_json)


@merchants_app.command(
    "show", epilog=closing("bandai-town merchants show 12", "bandai-town merchants show 12 --bank")
)
def merchants_show(
    number: Annotated[
        int, typer.Argument(parser=whole_number(1), min=1, help="加盟店番号 / the shop's number")
    ],
    bank: Annotated[
        bool,
        typer.Option("--bank", help="口座も見る（監査に残る） / the bank account too; the audit log says so"),
    ] = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """1つの加盟店の内容: 名前、状態、レジ、売上、口座 / One shop: names, state, tills, sums, bank account."""
    place = Home(home)
    with place.open() as town, town.books() as books:
        shop = by_number(books, number)
        mine = tills.of_merchant(books, number)
        totals = statements.merchant_statement(
            books.connection, books.municipality_code, shop.account, from_ms=0, until_ms=books.now_ms() + 1
        )
        account = {}
        if bank:
            account = read_account(books, open_personal_data(place.personal_key_path), number, actor=actor())
    text = "\n".join(_lines(shop, mine, totals, account))
    values = {**_values(shop), "tills": [till.label for till in mine], "balance": _balance(totals)}
    answer(text, text, {**values, "account": account} if bank else values, as_json=as_json)


def _heads() -> list[str]:
    heads = (("番号", "number"), ("店名", "name"), ("ローマ字", "in Roman letters"), ("状態", "state"))
    return [say(*head) for head in heads]


def _row(shop: Merchant) -> list[str]:
    return [f"{shop.number:06d}", shop.name, shop.name_romaji, _state(shop)]


def _state(shop: Merchant) -> str:
    return say("取扱中", "open") if shop.is_open else say("終了", "closed")


def _balance(totals: Sequence[MerchantTotal]) -> int:
    return sum(total.balance for total in totals)


def _lines(
    shop: Merchant, mine: Sequence[Till], totals: Sequence[MerchantTotal], account: dict[str, str]
) -> list[str]:
    facts: list[list[Cell]] = [
        [say("加盟店番号", "number"), f"{shop.number:06d}"],
        [say("店名", "name"), shop.name],
        [say("ローマ字", "in Roman letters"), f"{shop.name_romaji}, {shop.city_romaji}"],
        [say("業種", "category"), shop.category],
        [say("状態", "state"), _state(shop)],
        [say("アドレス", "address"), checksum_address(shop.address)],
        [say("ステッカー", "sticker"), say(f"第{shop.sticker_version}版", f"version {shop.sticker_version}")],
        [say("レジ", "tills"), say("、", ", ").join(till.label for till in mine) or say("なし", "none")],
        [say("未換金", "not redeemed"), say(f"{_balance(totals):,} 円", f"{_balance(totals):,} yen")],
    ]
    facts += [
        [say(*_ACCOUNT[name]), _account_cell(name, account[name])] for name in _ACCOUNT if name in account
    ]
    return table(["", ""], facts, indent=0)[1:]


def _account_cell(name: str, value: str) -> str:
    return say(*_ACCOUNT_TYPES[value]) if name == "account_type" and value in _ACCOUNT_TYPES else value


def _values(shop: Merchant) -> dict[str, object]:
    return {
        "number": shop.number,
        "name": shop.name,
        "name_romaji": shop.name_romaji,
        "city_romaji": shop.city_romaji,
        "category": shop.category,
        "is_open": shop.is_open,
        "address": checksum_address(shop.address),
        "sticker_version": shop.sticker_version,
    }
