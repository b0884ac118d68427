"""The sheet that a shop puts up, a PDF page for each shop: its static code, its name in large type, and how to pay.

Decides only the layout. The code is a vector drawing, fonts are embedded in two weights, and the text can be searched.
Nothing stands nearer to the edge than 10 mm, because office printers leave it white.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fpdf import FPDF

from coin.naming import CURRENCY_EN, CURRENCY_JA
from coin.qr.lettering import bold_font_path, demand_letters, font_path
from coin.qr.picture import Correction, matrix
from coin.qr.text import Static, build

_FONT = "NotoSansJP"
_WIDTH_MM, _EDGE_MM, _MARGIN_MM = 210.0, 12.0, 18.0
_CODE_MM, _CODE_TOP_MM = 119.0, 72.0
_MM_PER_POINT = 25.4 / 72
_LONG_NAME = 13
_BAND, _INK, _QUIET, _WARNING, _WHITE = (
    (20, 60, 120),
    (20, 20, 20),
    (90, 90, 90),
    (255, 243, 205),
    (255, 255, 255),
)
_STEPS = (
    ("スマートフォンで上のコードを読み取る", "Scan this code with your wallet"),
    ("お店の名前を確かめて、金額を入れる", "Check the shop's name, then type the amount"),
    (
        "お店の人が、お店の画面で金額を確かめたら完了",
        "Done when the shop has seen the amount on its own screen",
    ),
)
_DOUBT = (
    "画面のお店の名前がこの紙と違うときは、払わずにお店へお知らせください",
    "If your screen names another shop, do not pay and tell the shop",
)


@dataclass(frozen=True, slots=True)
class Sticker:
    """The content of one sheet; `name` is the registered name, which a wallet shows too. `gateway` is the address that a
    wallet is given at its first start, `fingerprint` what it shows then; both may be empty."""

    code: Static
    name: str
    town: str
    phone: str
    hours: str = ""
    gateway: str = ""
    fingerprint: str = ""


def stickers(sheets: Sequence[Sticker]) -> bytes:
    """Draw a PDF with an A4 page for each shop.

    Raises:  InvalidInput naming the first field that does not fit into a code, or the first text with a letter that the font
             lacks (`letter_missing`).
    """
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.add_font(_FONT, "", font_path())
    pdf.add_font(_FONT, "B", bold_font_path())
    pdf.set_title("お支払い用QRコード / payment codes")
    for sheet in sheets:
        _page(pdf, sheet)
    return bytes(pdf.output())


def _page(pdf: FPDF, sheet: Sticker) -> None:
    text = build(sheet.code)
    pdf.add_page()
    _band(pdf, sheet)
    _name(pdf, sheet.name)
    _code(pdf, text)
    for place, step in enumerate(_STEPS):
        _step(pdf, place + 1, step, 196 + 14.0 * place)
    _doubt(pdf, 239.5)
    _foot(pdf, sheet)


def _band(pdf: FPDF, sheet: Sticker) -> None:
    pdf.set_fill_color(*_BAND)
    pdf.rect(_EDGE_MM, _EDGE_MM, _WIDTH_MM - 2 * _EDGE_MM, 30, "F", round_corners=True, corner_radius=3)
    _line(pdf, f"{CURRENCY_JA} 使えます", 15.5, 36, _WHITE, is_bold=True)
    _line(pdf, f"{sheet.town}の地域通貨  /  {CURRENCY_EN} accepted here", 32, 15, _WHITE)


def _name(pdf: FPDF, name: str) -> None:
    if len(name) <= _LONG_NAME:
        _line(pdf, name, 48.5, 48, _INK, is_bold=True)
        return
    cut = _cut(name)
    _line(pdf, name[:cut], 45.5, 30, _INK, is_bold=True)
    _line(pdf, name[cut:], 58, 30, _INK, is_bold=True)


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
    pdf.circle(_MARGIN_MM + 5.5, top_mm + 5.5, 5.5, "F")
    _text(pdf, str(number), (_MARGIN_MM, top_mm + 2), 19, _WHITE, width_mm=11, align="C", is_bold=True)
    _text(pdf, japanese, (_MARGIN_MM + 16, top_mm - 0.2), 19, _INK, is_bold=True)
    _text(pdf, english, (_MARGIN_MM + 16, top_mm + 7.6), 11, _QUIET)


def _doubt(pdf: FPDF, top_mm: float) -> None:
    japanese, english = _DOUBT
    pdf.set_fill_color(*_WARNING)
    pdf.rect(_MARGIN_MM, top_mm, _WIDTH_MM - 2 * _MARGIN_MM, 13.5, "F", round_corners=True, corner_radius=2)
    _line(pdf, japanese, top_mm + 2, 14, _INK)
    _line(pdf, english, top_mm + 8, 10, _QUIET)


def _foot(pdf: FPDF, sheet: Sticker) -> None:
    number, version = f"{sheet.code.merchant_number:06d}", sheet.code.sticker_version
    _text(pdf, "困ったときは / Help", (_MARGIN_MM, 256), 10, _QUIET)
    _text(pdf, sheet.phone, (_MARGIN_MM, 260.5), 24, _INK, is_bold=True)
    _text(pdf, sheet.hours, (_MARGIN_MM, 270.5), 10, _QUIET)
    _text(pdf, "加盟店番号 / Shop", (_MARGIN_MM, 256), 10, _QUIET, align="R")
    _text(pdf, number, (_MARGIN_MM, 260.5), 24, _INK, align="R", is_bold=True)
    _text(pdf, f"ステッカー 第{version}版 / Version {version}", (_MARGIN_MM, 270.5), 10, _QUIET, align="R")
    _origin(pdf, sheet, 278)


def _origin(pdf: FPDF, sheet: Sticker, top_mm: float) -> None:
    """Write where the town's gateway is, and by what a wallet knows it at its first start."""
    parts = [f"町のサーバー / Gateway  {sheet.gateway}"] if sheet.gateway else []
    parts += [f"町の指紋 / Fingerprint  {sheet.fingerprint}"] if sheet.fingerprint else []
    if parts:
        pdf.set_draw_color(*_QUIET)
        pdf.set_line_width(0.2)
        pdf.line(_MARGIN_MM, top_mm - 1.2, _WIDTH_MM - _MARGIN_MM, top_mm - 1.2)
        _line(pdf, "    ".join(parts), top_mm, 11, _INK)


def _line(
    pdf: FPDF, text: str, top_mm: float, size: float, colour: tuple[int, int, int], *, is_bold: bool = False
) -> None:
    """Draw one centred line, in the largest type up to `size` points that fits between the margins."""
    pdf.set_font(_FONT, style="B" if is_bold else "", size=size)
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
    align: Literal["L", "C", "R"] = "L",
    is_bold: bool = False,
) -> None:
    demand_letters(text)
    pdf.set_font(_FONT, style="B" if is_bold else "", size=size)
    pdf.set_text_color(*colour)
    pdf.set_xy(*at_mm)
    pdf.cell(width_mm, size * _MM_PER_POINT, text, align=align)
