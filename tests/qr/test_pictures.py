"""A code is readable in every form in which it is shown, by a decoder that is not ours."""

from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from fpdf import FPDF
from fpdf.svg import SVGObject
from PIL import Image

from coin.qr import picture
from coin.qr.text import Dynamic, Static, build

SHOP = {
    "municipality": "074071",
    "merchant_number": 12,
    "sticker_version": 1,
    "name": "SOBADOKORO BANDAI",
    "city": "BANDAI",
    "name_ja": "そば処　磐梯",
}
STICKER = build(Static(**SHOP))
CHECKOUT = build(Dynamic(**SHOP, amount_yen=1250, checkout="01J9ZK5V6QWERTY0123456789A"))


def decode(image):
    return [code.text for code in zxingcpp.read_barcodes(image)]


def draw(modules, dark=0, light=255):
    side = len(modules)
    pixels = bytes(dark if module else light for row in modules for module in row)
    return Image.frombytes("L", (side, side), pixels).resize((side * 6, side * 6), Image.Resampling.NEAREST)


@pytest.mark.parametrize("correction", list(picture.Correction))
@pytest.mark.parametrize("module_px", [2, 8, 20])
def test_the_png_has_the_asked_size_and_reads_back(module_px, correction):
    image = Image.open(BytesIO(picture.png(STICKER, module_px=module_px, correction=correction)))

    assert image.format == "PNG"
    assert image.width == image.height == module_px * len(picture.matrix(STICKER, correction))
    assert decode(image) == [STICKER]


def test_the_svg_as_another_program_paints_it_reads_back():
    pdf = FPDF(unit="pt", format=(400, 400))
    pdf.add_page()

    SVGObject(picture.svg(CHECKOUT)).draw_to_page(pdf)

    painted = pypdfium2.PdfDocument(bytes(pdf.output()))[0].render(scale=2).to_pil()
    assert decode(painted) == [CHECKOUT]


def test_the_svg_draws_exactly_the_modules():
    side = len(picture.matrix(CHECKOUT))

    svg = picture.svg(CHECKOUT)

    assert f'viewBox="0 0 {side} {side}"' in svg
    assert decode(draw(modules_of_svg(svg, side))) == [CHECKOUT]


def modules_of_svg(svg, side):
    """Paint the runs of the path, each `M<x> <y>h<length>v1H<x>z`, onto an empty field."""
    modules = [[False] * side for _ in range(side)]
    for run in svg.split('d="')[1].split('"')[0].split("M")[1:]:
        start, _, rest = run.partition("h")
        x, y = map(int, start.split())
        for i in range(int(rest.partition("v")[0])):
            modules[y][x + i] = True
    return modules


@pytest.mark.parametrize("dark_background", [True, False])
def test_the_terminal_drawing_reads_back_on_dark_and_light_screens(dark_background):
    drawing = picture.terminal(CHECKOUT, dark_background=dark_background)

    upper = {"█", "▀"}
    lower = {"█", "▄"}
    pixels = [[c in half for c in line] for line in drawing.split("\n") for half in (upper, lower)]
    width = len(pixels[0])
    field = [row[:width] for row in pixels][:width]
    block, paper = (255, 0) if dark_background else (0, 255)
    assert decode(draw(field, dark=block, light=paper)) == [CHECKOUT]


@pytest.mark.parametrize("text", [STICKER, CHECKOUT])
def test_the_quiet_zone_of_four_modules_is_light_all_around(text):
    modules = picture.matrix(text)

    edge = [*modules[:4], *modules[-4:], *([row[:4] + row[-4:] for row in modules])]

    assert not any(any(row) for row in edge)
