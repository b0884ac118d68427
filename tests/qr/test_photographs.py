"""A code is read from a photograph of it, on paper or on a screen, by a decoder that is not ours; a hopeless one gives nothing."""

import sys
from functools import cache
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageChops

from coin.qr import picture
from coin.qr.sticker import Sticker, stickers
from coin.qr.text import Dynamic, Static, build, parse
from wallet_cli.resident.camera import read_picture

sys.path.insert(0, str(Path(__file__).parent))
from photograph import ROADS, Shot, take

SHOP = {
    "municipality": "074071",
    "merchant_number": 12,
    "sticker_version": 1,
    "name": "SHOKUDO BANDAI",
    "city": "BANDAI",
    "category": "5812",
    "name_ja": "食堂ばんだい",
}
STICKER = Static(**SHOP)
CHECKOUT = Dynamic(**SHOP, amount_yen=1250, checkout="01J9ZK5V6QWERTY0123456789A")


@cache
def screen():
    return Image.open(BytesIO(picture.png(build(CHECKOUT))))


@cache
def paper():
    """The page that a shop prints, at the resolution in which a phone sees A4 from half a metre."""
    page = pypdfium2.PdfDocument(stickers([Sticker(STICKER, "食堂ばんだい", "磐梯町", "0242-00-0000")]))[0]
    return page.render(scale=1.6).to_pil()


SOURCES = {"screen": (screen, CHECKOUT), "paper": (paper, STICKER)}


def read(photo):
    return [code.text for code in zxingcpp.read_barcodes(photo)]


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("source", SOURCES)
def test_a_photograph_reads_back_as_the_code_that_was_drawn(source, road):
    draw, code = SOURCES[source]

    (text,) = read(take(draw(), ROADS[road]))

    assert text == build(code)
    assert parse(text) == code


@pytest.mark.parametrize("source", SOURCES)
def test_the_wallets_camera_reads_the_file_of_a_photograph(source):
    draw, code = SOURCES[source]
    file = BytesIO()
    take(draw(), ROADS["everything at once"]).save(file, "JPEG", quality=60)

    assert parse(read_picture(file.getvalue())) == code


@pytest.mark.parametrize("road", [road for road in ROADS if road != "sent by a messenger"])
def test_a_photograph_differs_much_from_the_drawing(road):
    plain, photo = take(screen(), Shot()), take(screen(), ROADS[road])

    changed = ImageChops.difference(plain, photo.resize(plain.size)).histogram()

    assert sum(changed[40:]) > 0.02 * sum(changed)


@pytest.mark.parametrize("hopeless", [Shot(blur=14), Shot(quality=1, blur=6), Shot(blur=9, darkest=20)])
@pytest.mark.parametrize("source", SOURCES)
def test_a_hopeless_photograph_gives_nothing_rather_than_another_code(source, hopeless):
    draw, _ = SOURCES[source]

    assert read(take(draw(), hopeless)) == []


@pytest.mark.parametrize("share", [0.05, 0.12])
def test_a_sticker_with_a_torn_corner_or_a_stain_still_reads_back(share):
    drawing = Image.open(BytesIO(picture.png(build(STICKER), correction=picture.Correction.Q))).convert("L")
    side = int(drawing.width * share**0.5)

    drawing.paste(140, (drawing.width - side, drawing.height - side, drawing.width, drawing.height))

    assert read(drawing) == [build(STICKER)]
