"""`bandai-town merchants sticker`: the sheets with the static codes that shops put up."""

from pathlib import Path
from typing import Annotated

import typer

from coin.qr.sticker import Sticker, stickers
from coin.qr.text import Static
from coin.registry.merchants import Merchant, all_merchants, by_number
from coin.registry.municipality import Municipality
from town_cli.home import Home
from town_cli.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.speech import answer, errors_as_sentences


def merchants_sticker(
    numbers: Annotated[
        list[int] | None, typer.Argument(help="加盟店番号(省略: すべて)/ omit: every shop")
    ] = None,
    out: Annotated[Path, typer.Option(help="書き出す先 / where to write it")] = Path("stickers.pdf"),
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """店に貼る QR コードの紙を PDF で作る / Make the sheets with the codes that shops put up."""
    with errors_as_sentences(as_json=as_json), Home(home).open() as town:
        with town.database.transaction() as connection:
            shops = (
                [by_number(connection, town.municipality, number) for number in numbers]
                if numbers
                else [shop for shop in all_merchants(connection, town.municipality) if shop.is_open]
            )
        out.write_bytes(stickers([_sheet(town.municipality, shop) for shop in shops]))
        answer(
            f"{len(shops)} 店の紙を {out} に書きました。",
            f"Wrote the sheets of {len(shops)} shops to {out}.",
            {"file": str(out), "pages": len(shops)},
            as_json=as_json,
        )


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
    return Sticker(
        code, shop.name, municipality.program.municipality.name_ja, municipality.program.help_desk.phone
    )
