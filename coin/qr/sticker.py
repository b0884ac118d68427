"""The sheet that a shop puts up: its static code, its name in large type, and how to pay, as a PDF page each.

Decides the layout and nothing else. The code is drawn as vectors, the letters are embedded, the text can be searched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from fpdf import FPDF

from coin.qr.picture import Correction, matrix
from coin.qr.text import Static, build

_FONT = "NotoSansJP"
_WIDTH_MM, _MARGIN_MM, _CODE_MM = 210.0, 18.0, 118.0
_MM_PER_POINT = 25.4 / 72
_BAND = (20, 60, 120)
_STEPS = (
    ("1. 読み取る", "スマートフォンでこのコードを読み取ります", "Scan this code with your wallet"),
    ("2. 確かめる", "お店の名前を確かめ、金額を入れます", "Check the shop's name and type the amount"),
    ("3. 見せる", "お店の画面に金額が出たら完了です", "It is done when the shop's screen shows the amount"),
)


@dataclass(frozen=True, slots=True)
class Sticker:
    """What one sheet says; `name` is the registered name, which a wallet shows too."""

    code: Static
    name: str
    town: str
    phone: str


def stickers(sheets: Sequence[Sticker]) -> bytes:
    """Draw a PDF with an A4 page for each shop.

    Raises:  InvalidInput naming the first field that no code can hold.
    """
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.add_font(_FONT, "", str(files("pylopdf_fonts_jp").joinpath("NotoSansJP-Regular.otf")))
    pdf.set_title("お支払い用QRコード / payment codes")
    for sheet in sheets:
        _page(pdf, sheet)
    return bytes(pdf.output())


def _page(pdf: FPDF, sheet: Sticker) -> None:
    pdf.add_page()
    pdf.set_fill_color(*_BAND)
    pdf.rect(0, 0, _WIDTH_MM, 34, "F")
    pdf.set_text_color(255, 255, 255)
    _line(pdf, f"{sheet.town}の地域通貨 使えます", 9, 30)
    _line(pdf, "Local currency accepted here", 23, 13)
    pdf.set_text_color(0, 0, 0)
    _line(pdf, sheet.name, 41, 44)
    _code(pdf, build(sheet.code), (_WIDTH_MM - _CODE_MM) / 2, 62)
    for place, step in enumerate(_STEPS):
        _step(pdf, step, 188 + 25 * place)
    _line(pdf, f"加盟店番号 {sheet.code.merchant_number:06d}", 267, 12)
    _line(pdf, f"困ったときは / help: {sheet.phone}", 276, 16)


def _line(pdf: FPDF, text: str, top_mm: float, size: float) -> None:
    """One centred line, in the largest type up to `size` points that fits between the margins."""
    pdf.set_font(_FONT, size=size)
    room = _WIDTH_MM - 2 * _MARGIN_MM
    pdf.set_font(_FONT, size=size * min(1.0, room / pdf.get_string_width(text)))
    pdf.set_xy(0, top_mm)
    pdf.cell(_WIDTH_MM, size * _MM_PER_POINT, text, align="C")


def _step(pdf: FPDF, step: tuple[str, str, str], top_mm: float) -> None:
    head, japanese, english = step
    pdf.set_font(_FONT, size=20)
    pdf.set_xy(_MARGIN_MM, top_mm)
    pdf.cell(48, 10, head)
    pdf.set_font(_FONT, size=17)
    pdf.cell(0, 10, japanese)
    pdf.set_font(_FONT, size=11)
    pdf.set_xy(_MARGIN_MM + 48, top_mm + 10)
    pdf.cell(0, 7, english)


def _code(pdf: FPDF, text: str, left_mm: float, top_mm: float) -> None:
    modules = matrix(text, Correction.Q)
    side = _CODE_MM / len(modules)
    pdf.set_fill_color(0, 0, 0)
    for y, row in enumerate(modules):
        starts = [x for x, dark in enumerate(row) if dark and not row[x - 1]]
        for x in starts:
            run = row.index(False, x) - x
            pdf.rect(left_mm + x * side, top_mm + y * side, run * side, side * 1.01, "F")
