"""The slip of a charge, which the customer takes along: for a receipt printer (80 mm) or on A4.

Decides only the layout, Japanese first. The facts come from the books, so that a slip printed again says the same.
"""

from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files

from fpdf import FPDF
from fpdf.enums import WrapMode

from coin.clock import jst_datetime, last_day
from coin.console import written_in_both
from coin.messages import town_fingerprint
from coin.office.charges_made import ChargeMade
from coin.program import Program
from coin.qr.wallet_code import code_of
from coin.registry.municipality import Municipality

_FONT = "NotoSansJP"
_MM_PER_POINT = 25.4 / 72
_LABEL_SHARE = 0.36


class Paper(StrEnum):
    """What a slip is printed on."""

    ROLL = "80mm"
    A4 = "A4"


@dataclass(frozen=True)
class Slip:
    """The slip of one charge; `number` is the slip's, as the clerk wrote or was given it."""

    program: Program
    number: str
    charge: ChargeMade
    fingerprint: str

    @classmethod
    def of(cls, municipality: Municipality, number: str, charge: ChargeMade) -> "Slip":
        """Return the slip of a charge of this town, with the town's fingerprint."""
        fingerprint = town_fingerprint(municipality.domain, municipality.receipt_key)
        return cls(municipality.program, number, charge, fingerprint)


def draw(slip: Slip, paper: Paper) -> bytes:
    """Draw the slip as a PDF of one page."""
    rows = _rows(slip)
    is_roll = paper is Paper.ROLL
    layout = _Layout(80.0, 4.0, 9.0) if is_roll else _Layout(210.0, 25.0, 14.0)
    pdf = FPDF(format=(80.0, layout.height_mm(len(rows))) if is_roll else "A4")
    pdf.set_auto_page_break(False)
    pdf.add_font(_FONT, "", str(files("pylopdf_fonts_jp").joinpath("NotoSansJP-Regular.otf")))
    pdf.set_title(f"チャージの控え / Charge slip {slip.number}")
    pdf.add_page()
    _Page(pdf, layout).write(slip, rows)
    return bytes(pdf.output())


def _rows(slip: Slip) -> list[tuple[str, str, str]]:
    """Return the facts: label in Japanese and English, and the value."""
    charge, program = slip.charge, slip.program
    where = next((item for item in program.channels if item.id == charge.channel), None)
    desk = program.help_desk
    rows = [
        ("日時", "Time", written_in_both(jst_datetime(charge.accepted_at_ms))[0]),
        ("窓口", "Channel", where.name_ja if where else charge.channel),
        ("伝票番号", "Slip", slip.number),
        ("ウォレット", "Wallet", code_of(charge.holder)),
        ("コイン", "Coins", f"{charge.coins:,}（{_until(charge.coin_expiry_s)}）"),
    ]
    if charge.points:
        rows.append(("特典ポイント", "Bonus points", f"{charge.points:,}（{_until(charge.point_expiry_s)}）"))
    rows += [
        ("取引", "Operation", f"{charge.sequence:,}"),
        ("確認番号", "Proof", "0x" + charge.digest.hex()),
        ("町の指紋", "Town's fingerprint", slip.fingerprint),
        ("問い合わせ", "Help", f"{desk.phone}　{desk.hours_ja}"),
    ]
    return rows


def _until(expiry_s: int) -> str:
    return f"{written_in_both(last_day(expiry_s))[0]}まで"


@dataclass(frozen=True)
class _Layout:
    width_mm: float
    margin_mm: float
    size: float  # of the text, in points

    @property
    def line_mm(self) -> float:
        """The height of a line."""
        return self.size * _MM_PER_POINT * 1.35

    def height_mm(self, rows: int) -> float:
        """The length of a roll that is cut after so many rows."""
        return 2 * self.margin_mm + self.line_mm * (10.5 + 2.05 * (rows + 1))


class _Page:
    def __init__(self, pdf: FPDF, layout: _Layout) -> None:
        self._pdf, self._layout = pdf, layout
        self._room_mm = layout.width_mm - 2 * layout.margin_mm
        self._top_mm = layout.margin_mm

    def write(self, slip: Slip, rows: list[tuple[str, str, str]]) -> None:
        program = slip.program.municipality
        self._centred(f"{program.name_ja}の地域通貨", 1.1)
        self._centred("チャージの控え", 1.7)
        self._centred(f"Charge slip, {program.name_en}", 0.75)
        self._top_mm += self._layout.line_mm / 3
        self._centred(f"{slip.charge.coins:,}円", 2.4)
        self._centred("現金をお預かりしました / received in cash", 0.75)
        self._rule()
        for ja, en, value in rows:
            self._row(ja, en, value)
        self._rule()

    def _centred(self, text: str, scale: float) -> None:
        size = self._layout.size * scale
        self._pdf.set_font(_FONT, size=size)
        fitting = size * min(1.0, self._room_mm / self._pdf.get_string_width(text))
        self._pdf.set_font(_FONT, size=fitting)
        self._pdf.set_xy(self._layout.margin_mm, self._top_mm)
        self._pdf.cell(self._room_mm, size * _MM_PER_POINT, text, align="C")
        self._top_mm += size * _MM_PER_POINT * 1.4

    def _rule(self) -> None:
        self._top_mm += self._layout.line_mm / 3
        left_mm = self._layout.margin_mm
        self._pdf.line(left_mm, self._top_mm, left_mm + self._room_mm, self._top_mm)
        self._top_mm += self._layout.line_mm / 2

    def _row(self, ja: str, en: str, value: str) -> None:
        layout, pdf = self._layout, self._pdf
        label_mm = self._room_mm * _LABEL_SHARE
        pdf.set_font(_FONT, size=layout.size)
        pdf.set_xy(layout.margin_mm, self._top_mm)
        pdf.cell(label_mm, layout.line_mm, ja)
        pdf.set_xy(layout.margin_mm + label_mm, self._top_mm)
        pdf.multi_cell(self._room_mm - label_mm, layout.line_mm, value, align="L", wrapmode=WrapMode.CHAR)
        ends_mm = pdf.get_y()
        pdf.set_font(_FONT, size=layout.size * 0.7)
        pdf.set_xy(layout.margin_mm, self._top_mm + layout.line_mm)
        pdf.cell(label_mm, layout.line_mm * 0.8, en)
        self._top_mm = max(ends_mm, self._top_mm + layout.line_mm * 1.8) + layout.line_mm * 0.2
