"""The sheet that a shop puts up, a PDF page for each shop: its static code, its name in large type, and how to pay.

Decides only the layout. The code is a vector drawing, fonts are embedded, and the text can be searched.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fpdf import FPDF
from fpdf.enums import TextMode

from coin.qr.lettering import demand_letters, font_path
from coin.qr.picture import Correction, matrix
from coin.qr.text import Static, build

_FONT = "NotoSansJP"
_WIDTH_MM, _MARGIN_MM = 210.0, 18.0
_BAND_MM, _CODE_MM, _CODE_TOP_MM = 38.0, 126.0, 70.0
_MM_PER_POINT = 25.4 / 72
_BOLD = 0.022  # the stroke around a letter, relative to its size
_LONG_NAME = 13
_BAND, _INK, _QUIET, _WARNING, _WHITE = (
    (20, 60, 120),
    (20, 20, 20),
    (95, 95, 95),
    (255, 243, 205),
    (255, 255, 255),
)
_STEPS = (
    ("スマートフォンで上のコードを読み取る", "Scan this code with your wallet"),
    ("お店の名前を確かめて、金額を入れる", "Check the shop's name, then type the amount"),
    ("お店の画面に金額が出たら完了", "It is done when the shop's screen shows the amount"),
)
_DOUBT = (
    "画面のお店の名前がこの紙と違うときは、払わずにお店へお知らせください",
    "If your screen names another shop, do not pay and tell the shop",
)


@dataclass(frozen=True, slots=True)
class Sticker:
    """The content of one sheet; `name` is the registered name, which a wallet shows too."""

    code: Static
    name: str
    town: str
    phone: str
    hours: str = ""


def stickers(sheets: Sequence[Sticker]) -> bytes:
    """Draw a PDF with an A4 page for each shop.

    Raises:  InvalidInput naming the first field that does not fit into a code, or the first text with a letter that the font
             lacks (`letter_missing`).
    """
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.add_font(_FONT, "", font_path())
    pdf.set_title("お支払い用QRコード / payment codes")
    for sheet in sheets:
        _page(pdf, sheet)
    return bytes(pdf.output())


def _page(pdf: FPDF, sheet: Sticker) -> None:
    text = build(sheet.code)
    pdf.add_page()
    _band(pdf, sheet.town)
    _name(pdf, sheet.name)
    _code(pdf, text)
    for place, step in enumerate(_STEPS):
        _step(pdf, place + 1, step, 202 + 15.2 * place)
    _doubt(pdf, 249)
    _foot(pdf, sheet)


def _band(pdf: FPDF, town: str) -> None:
    pdf.set_fill_color(*_BAND)
    pdf.rect(0, 0, _WIDTH_MM, _BAND_MM, "F")
    _line(pdf, f"{town}の地域通貨 使えます", 9, 36, _WHITE, is_bold=True)
    _line(pdf, "Local currency accepted here", 26, 15, _WHITE)


def _name(pdf: FPDF, name: str) -> None:
    if len(name) <= _LONG_NAME:
        _line(pdf, name, 45, 50, _INK, is_bold=True)
        return
    cut = _cut(name)
    _line(pdf, name[:cut], 42, 32, _INK, is_bold=True)
    _line(pdf, name[cut:], 55, 32, _INK, is_bold=True)


def _cut(name: str) -> int:
    """Return the position where a long name is broken into two lines: after a particle or a dot near its middle, else in the
    middle."""
    middle = (len(name) + 1) // 2
    near = [place for place in range(middle - 4, middle + 5) if name[place - 1] in "のと・ \u3000"]
    return min(near, key=lambda place: abs(place - middle), default=middle)


def _code(pdf: FPDF, text: str) -> None:
    left_mm, top_mm = (_WIDTH_MM - _CODE_MM) / 2, _CODE_TOP_MM
    pdf.set_draw_color(*_BAND)
    pdf.set_line_width(1.2)
    pdf.rect(left_mm, top_mm, _CODE_MM, _CODE_MM, "D", round_corners=True, corner_radius=5)
    modules = matrix(text, Correction.Q)
    side = _CODE_MM / len(modules)
    pdf.set_fill_color(0, 0, 0)
    for y, row in enumerate(modules):
        starts = [x for x, dark in enumerate(row) if dark and not row[x - 1]]
        for x in starts:
            run = row.index(False, x) - x
            pdf.rect(left_mm + x * side, top_mm + y * side, run * side, side * 1.01, "F")


def _step(pdf: FPDF, number: int, step: tuple[str, str], top_mm: float) -> None:
    japanese, english = step
    pdf.set_fill_color(*_BAND)
    pdf.circle(_MARGIN_MM + 6, top_mm + 6, 6, "F")
    _text(pdf, str(number), (_MARGIN_MM, top_mm + 2.2), 20, _WHITE, width_mm=12, align="C", is_bold=True)
    _text(pdf, japanese, (_MARGIN_MM + 17, top_mm), 20, _INK, is_bold=True)
    _text(pdf, english, (_MARGIN_MM + 17, top_mm + 8.2), 11, _QUIET)


def _doubt(pdf: FPDF, top_mm: float) -> None:
    japanese, english = _DOUBT
    pdf.set_fill_color(*_WARNING)
    pdf.rect(_MARGIN_MM, top_mm, _WIDTH_MM - 2 * _MARGIN_MM, 15, "F", round_corners=True, corner_radius=2)
    _line(pdf, japanese, top_mm + 2.2, 14, _INK)
    _line(pdf, english, top_mm + 8.8, 10, _QUIET)


def _foot(pdf: FPDF, sheet: Sticker) -> None:
    number, version = f"{sheet.code.merchant_number:06d}", sheet.code.sticker_version
    hours = f"({sheet.hours})" if sheet.hours else ""
    _text(pdf, "困ったときは / Help", (_MARGIN_MM, 269), 11, _QUIET)
    _text(pdf, sheet.phone, (_MARGIN_MM, 274), 26, _INK, is_bold=True)
    _text(pdf, hours, (_MARGIN_MM, 284.5), 10, _QUIET)
    _text(pdf, "加盟店番号 / Shop", (_MARGIN_MM, 269), 11, _QUIET, align="R")
    _text(pdf, number, (_MARGIN_MM, 274), 26, _INK, align="R", is_bold=True)
    _text(pdf, f"ステッカー 第{version}版 / Version {version}", (_MARGIN_MM, 284.5), 10, _QUIET, align="R")


def _line(
    pdf: FPDF, text: str, top_mm: float, size: float, colour: tuple[int, int, int], *, is_bold: bool = False
) -> None:
    """Draw one centred line, in the largest type up to `size` points that fits between the margins."""
    pdf.set_font(_FONT, size=size)
    room = _WIDTH_MM - 2 * _MARGIN_MM - 4
    fitting = size * min(1.0, room / pdf.get_string_width(text))
    _text(pdf, text, (0, top_mm), fitting, colour, width_mm=_WIDTH_MM, align="C", is_bold=is_bold)


def _text(
    pdf: FPDF,
    text: str,
    at_mm: tuple[float, float],
    size: float,
    colour: tuple[int, int, int],
    *,
    width_mm: float = _WIDTH_MM - 2 * _MARGIN_MM,
    align: str = "L",
    is_bold: bool = False,
) -> None:
    demand_letters(text)
    # The font has one weight; a thin stroke in the letters' colour makes them bold.
    mode = TextMode.FILL_STROKE if is_bold else TextMode.FILL
    pdf.set_font(_FONT, size=size)
    pdf.set_text_color(*colour)
    pdf.set_draw_color(*colour)
    pdf.set_xy(*at_mm)
    with pdf.local_context(text_mode=mode, line_width=size * _MM_PER_POINT * _BOLD):
        pdf.cell(width_mm, size * _MM_PER_POINT, text, align=align)
