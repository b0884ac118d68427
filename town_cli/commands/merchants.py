"""`bandai-town merchants`: registers shops from a file, and makes the sheets with their QR codes."""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import chain, groupby
from pathlib import Path
from typing import Annotated

import typer

from bandai_client import gateway_url
from coin.console import say, written_in_both
from coin.console.asking import agrees
from coin.console.deeds import done
from coin.console.output import answer, progress
from coin.console.speech import harmless, say_aside
from coin.errors import InvalidInput
from coin.merchant_file import MerchantRow, read_merchants
from coin.office.merchant_lines import Difference, differences, registered_accounts
from coin.office.stickers import sheets
from coin.qr.sticker import stickers
from coin.registry.personal import open_personal_data
from coin.zengin import directory_day
from town_cli.commands.clerk import actor, ask_passphrase, staff_of
from town_cli.commands.grammar import closing, commands
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption, YesOption
from town_cli.desk.merchant_import import register_shops
from town_cli.server.folder import Home

COLUMN_WORDS = {
    "name_ja": ("店名", "name"),
    "name_romaji": ("店名（ローマ字）", "name in Roman letters"),
    "city_romaji": ("市町村（ローマ字）", "city in Roman letters"),
    "mcc": ("業種", "category"),
    "address": ("アドレス", "address"),
    "bank_code": ("銀行コード", "bank code"),
    "bank_name": ("銀行", "bank"),
    "branch_code": ("支店コード", "branch code"),
    "branch_name": ("支店", "branch"),
    "account_type": ("口座の種類", "kind of account"),
    "account_number": ("口座番号", "account number"),
    "holder_kana": ("口座の名義", "account holder"),
}
merchants_app = commands("加盟店 / Merchants.")


@merchants_app.command("import", epilog=closing("bandai-town merchants import merchants.csv"))
def merchants_import(
    file: Annotated[Path, typer.Argument(help="merchants.csv")],
    updates: Annotated[
        bool, typer.Option("--update", help="登録済みの店の内容を書き換える / change registered shops too")
    ] = False,
    yes: YesOption = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """加盟店をまとめて登録する（1行でも誤りがあれば何も書かない）/ Register shops, all or none."""
    place = Home(home)
    with place.open() as town:
        personal = open_personal_data(place.personal_key_path)
        with town.books() as books:
            accounts = registered_accounts(books, personal)
        rows = read_merchants(file, town.municipality.program, accounts)
        for doubt in chain.from_iterable(row.doubts for row in rows):
            progress(f"注意 {doubt.ja}", f"note: {doubt.en}")
        if updates:
            with town.books() as books:
                _confirm(differences(books, personal, rows), yes=yes)
        passphrase = ask_passphrase()
        imported = register_shops(
            town.books,
            staff_of(place.keyring, passphrase),
            personal,
            place.keyring,
            passphrase,
            rows,
            actor=actor(),
            updates=updates,
        )
        day_ja, day_en = written_in_both(directory_day())
        ja = (
            f"加盟店 {imported.registered} 店を登録しました。"
            f"書き換え {imported.updated} 店、登録済みのまま {imported.unchanged} 店。\n"
            f"銀行と支店は {day_ja} の一覧で確かめました。その後に合併や廃止がないかは、店に確かめてください。"
        )
        en = (
            f"Registered {imported.registered} merchants; "
            f"{imported.updated} updated, {imported.unchanged} as they were.\n"
            f"Banks and branches were looked up in the directory of {day_en}; ask the shops about later mergers."
        )
        done(ja, en)
        values = {**asdict(imported), "directory": directory_day().isoformat(), "doubts": _said(rows)}
        answer(ja, en, values, as_json=as_json)


@merchants_app.command(
    "sticker",
    epilog=closing(
        "bandai-town merchants sticker --gateway https://coin.example.jp",
        "bandai-town merchants sticker 12 --gateway https://coin.example.jp --out sheet.pdf",
    ),
)
def merchants_sticker(
    numbers: Annotated[
        list[int] | None, typer.Argument(help="加盟店番号（省略: すべて）/ omit: every shop")
    ] = None,
    gateway: Annotated[
        str | None,
        typer.Option(
            parser=gateway_url,
            help="紙に書く町のサーバーの URL / the gateway's URL, for the sheet",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="書き出す先 / where to write it")] = Path("stickers.pdf"),
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """店に貼る QR コードの紙を PDF で作る / Make the sheets with the codes that shops put up."""
    with Home(home).open() as town:
        with town.books() as books:
            drawn = sheets(books, numbers or [], gateway or "")
        progress(f"{len(drawn)} 店の紙を描いています", f"drawing the sheets of {len(drawn)} shops")
        _write(out, stickers(drawn))
        ja = f"{len(drawn)} 店の紙を {out} に書きました。"
        en = f"Wrote the sheets of {len(drawn)} shops to {out}."
        if not gateway:
            ja += "\n町のサーバーの URL は書いていません（--gateway で書けます）。"
            en += "\nThey do not name the gateway; --gateway writes it on them."
        done(ja, en)
        answer(ja, en, {"file": str(out), "pages": len(drawn)}, as_json=as_json)


def _confirm(found: Sequence[Difference], *, yes: bool) -> None:
    """Show every change of a registered shop before and after, and ask. Raises: typer.Abort, if the answer is not yes."""
    for number, of_shop in groupby(found, key=lambda item: item.number):
        changes = list(of_shop)
        say_aside(
            say(f"加盟店 {number:06d} {changes[0].name}", f"shop {number:06d} {changes[0].name}") + "\n"
        )
        for item in changes:
            column = say(*COLUMN_WORDS.get(item.column, (item.column, item.column)))
            say_aside(f"  {column}: {harmless(item.before)} → {harmless(item.after)}\n")
    question = say(f"{len(found)} か所を書き換えますか", f"Change these {len(found)} values")
    if found and not (yes or agrees(question)):
        raise typer.Abort


def _said(rows: Sequence[MerchantRow]) -> list[dict[str, object]]:
    return [
        {"line": doubt.line, "field": doubt.field, "code": doubt.code} for row in rows for doubt in row.doubts
    ]


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError:
        raise InvalidInput(
            f"{path} に書けません。", f"{path} cannot be written.", field="out", code="file_unwritable"
        ) from None
