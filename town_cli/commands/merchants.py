"""`bandai-town merchants`: registers shops from a file, and draws the sheets with their static codes."""

import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from coin import core
from coin.console.output import answer, progress
from coin.errors import InvalidInput, Unavailable
from coin.keystore import list_keystore
from coin.merchant_file import MerchantRow, read_merchants
from coin.qr.sticker import Sticker, stickers
from coin.qr.text import Static
from coin.registry.merchants import Merchant, all_merchants, by_number
from coin.registry.municipality import Municipality
from coin.registry.personal import open_personal_data
from town_cli.commands.grammar import closing, commands
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption, actor, ask_passphrase, staff_of
from town_cli.desk.merchant_import import Imported, import_rows, unregistered
from town_cli.server.folder import Home, OpenTown

merchants_app = commands("加盟店 / Merchants.")


@merchants_app.command("import", epilog=closing("bandai-town merchants import merchants.csv"))
def merchants_import(
    file: Annotated[Path, typer.Argument(help="merchants.csv")],
    updates: Annotated[
        bool, typer.Option("--update", help="登録済みの店の内容を書き換える / change registered shops too")
    ] = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """加盟店をまとめて登録する(1行でも誤りがあれば何も書かない)/ Register shops, all or none."""
    with Home(home).open() as town:
        rows = read_merchants(file, town.municipality.program)
        done = register_shops(Home(home), town, rows, ask_passphrase(), updates=updates)
        answer(
            f"加盟店 {done.registered} 店を登録しました。書き換え {done.updated} 店、登録済みのまま {done.unchanged} 店。",
            f"Registered {done.registered} merchants; {done.updated} updated, {done.unchanged} as they were.",
            asdict(done),
            as_json=as_json,
        )


@merchants_app.command(
    "sticker",
    epilog=closing("bandai-town merchants sticker", "bandai-town merchants sticker 12 --out sheet.pdf"),
)
def merchants_sticker(
    numbers: Annotated[
        list[int] | None, typer.Argument(help="加盟店番号(省略: すべて)/ omit: every shop")
    ] = None,
    out: Annotated[Path, typer.Option(help="書き出す先 / where to write it")] = Path("stickers.pdf"),
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """店に貼る QR コードの紙を PDF で作る / Make the sheets with the codes that shops put up."""
    with Home(home).open() as town:
        shops = _wanted(town, numbers or [])
        progress(f"{len(shops)} 店の紙を描いています", f"drawing the sheets of {len(shops)} shops")
        _write(out, stickers([_sheet(town.municipality, shop) for shop in shops]))
        answer(
            f"{len(shops)} 店の紙を {out} に書きました。",
            f"Wrote the sheets of {len(shops)} shops to {out}.",
            {"file": str(out), "pages": len(shops)},
            as_json=as_json,
        )


def register_shops(
    home: Home, town: OpenTown, rows: list[MerchantRow], passphrase: str, *, updates: bool = False
) -> Imported:
    """Register the new shops of a file, with keys made and kept for those that bring none.

    Raises:  as `import_rows`; NotFound and Unauthorized (the keys of staff). Then nothing was registered.
    """
    staff = staff_of(home, passphrase)
    personal = open_personal_data(home.personal_key_path)
    with town.books() as books:
        new = unregistered(books, rows)
    progress(f"{len(rows)} 店に署名しています", f"signing for {len(rows)} shops")
    with shop_keys(home, town, new, passphrase) as addresses:
        return import_rows(
            town.database,
            town.municipality,
            town.clock,
            staff,
            personal,
            rows,
            addresses,
            actor=actor(),
            updates=updates,
        )


@contextmanager
def shop_keys(
    home: Home, town: OpenTown, rows: Sequence[MerchantRow], passphrase: str
) -> Iterator[dict[int, bytes]]:
    """Make and keep a key for each shop that brings none, thrown away if anything fails before the shops are registered.

    They are on the disk before the books know them: a shop whose key is lost could never be refunded from. So they
    stay if the books have taken them in spite of the failure, or cannot be asked.
    """
    missing = [row.number for row in rows if row.address is None]
    if not missing:
        yield {}
        return
    made = {f"{number:06d}": secrets.token_bytes(core.KEY_BYTES) for number in missing}
    name = f"merchants-{secrets.token_hex(4)}"
    addresses: dict[int, bytes] = {}
    try:
        home.write_keys(name, made, passphrase)
        addresses |= {int(entry.name): entry.address for entry in list_keystore(home.keystore(name))}
        yield addresses
    except BaseException:
        if not _may_be_registered(town, addresses.values()):
            home.keystore(name).unlink(missing_ok=True)
        raise


def _may_be_registered(town: OpenTown, addresses: Collection[bytes]) -> bool:
    """Whether the books have one of these shops, as far as they answer: a commit may have been the last thing they did."""
    try:
        with town.books() as books:
            return any(shop.address in addresses for shop in all_merchants(books))
    except Unavailable:
        return True


def _wanted(town: OpenTown, numbers: Sequence[int]) -> list[Merchant]:
    with town.books() as books:
        if numbers:
            return [by_number(books, number) for number in numbers]
        return [shop for shop in all_merchants(books) if shop.is_open]


def _sheet(municipality: Municipality, shop: Merchant) -> Sticker:
    code = Static(
        municipality=municipality.code,
        merchant_number=shop.number,
        sticker_version=shop.sticker_version,
        name=shop.name_romaji,
        city=shop.city_romaji,
        category=shop.category,
        name_ja=shop.name[:25],
    )
    rules = municipality.program
    return Sticker(
        code, shop.name, rules.municipality.name_ja, rules.help_desk.phone, hours=rules.help_desk.hours_ja
    )


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError:
        raise InvalidInput(
            f"{path} に書けません。", f"{path} cannot be written.", field="out", code="file_unwritable"
        ) from None
