"""The sheet with the recovery words, which a person prints and keeps: large type, and everything that they need to know.

It is a PDF, so that any copier in a shop prints it right, or a text if the name ends in .txt. The words are as good as the
key: the file is readable only by its owner from the first byte, and never replaces another file.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from coin.console import say
from wallet_cli.common.files import open_new_private

_FONT = "NotoSansJP"
_WIDTH_MM, _EDGE_MM, _MARGIN_MM = 210.0, 12.0, 16.0  # an office printer leaves the edge white
_BAND = (20, 60, 120)
_ROWS, _BOX_MM, _BOX_HEIGHT_MM = 6, 86.0, 20.0
_WORDS_TOP_MM = 96.0


def _texts() -> tuple[str, str, tuple[str, ...], str, str]:
    """Return the title, the purpose of the sheet, the rules, whom to ask, and the date."""
    rules = (
        say(
            "1. だれにも見せない。電話で読み上げない。写真にとらない。",
            "1. Show it to nobody, read it to nobody, take no picture of it.",
        ),
        say(
            "     役場の人がこの言葉をたずねることは、ぜったいにありません。",
            "     The town will never ask you for these words.",
        ),
        say(
            "2. 通帳や印鑑と同じところに、しまっておく。",
            "2. Keep it where you keep your bank book.",
        ),
        say(
            "3. 端末をなくしたり、こわれたりしたら、この紙がお金を取り戻す鍵です。",
            "3. If the device is lost or broken, this sheet brings the money back.",
        ),
        say(
            "     新しい端末に、この言葉を番号の順に入れます。",
            "     Enter these words, in this order, into the new device.",
        ),
    )
    return (
        say("ばんだいコイン 復元の言葉", "Bandai coin: recovery words"),
        say("この紙は、お財布の合鍵です。", "This sheet is the spare key of your wallet."),
        rules,
        say("困ったときは、町の窓口へ。", "If you need help, ask at the town office."),
        say("作った日        年      月      日", "Made on  ______________________"),
    )


@dataclass(frozen=True)
class Sheet:
    """The content of the sheet. The words are secret, and the text of this object does not show them. `phone` is the town's
    help desk, `gateway` and `fingerprint` are what a new device is asked for; all three may be empty."""

    town: str
    address: str
    words: str
    phone: str = ""
    gateway: str = ""
    fingerprint: str = ""

    def __repr__(self) -> str:
        return f"Sheet(town={self.town!r}, address={self.address!r})"

    def as_text(self) -> str:
        """Return the sheet as text."""
        title, what, rules, ask, made = _texts()
        numbered = [f"  {number:2d}.  {word}" for number, word in enumerate(self.words.split(), 1)]
        ends = [self.address, *self._places(), f"{ask} {self.phone}".rstrip(), made]
        lines = [f"{title}  ({self.town})", "", what, "", *rules, "", *numbered, "", *ends]
        return "\n".join(lines) + "\n"

    def as_pdf(self) -> bytes:
        """Return the sheet as a PDF page of A4."""
        title, what, rules, ask, made = _texts()
        page = _Page()
        page.band(f"{title}（{self.town}）")
        page.line(what, 41, 24, is_bold=True)
        for place, rule in enumerate(rules):
            page.line(rule, 53 + 8.0 * place, 15, align="L")
        for place, word in enumerate(self.words.split()):
            page.word(place, word)
        page.line(f"{ask} {self.phone}".rstrip(), 243, 18, is_bold=True)
        page.line(made, 254, 15)
        for place, text in enumerate((self.address, *self._places())):
            page.line(text, 265 + 6 * place, 11)
        return bytes(page.pdf.output())

    def _places(self) -> list[str]:
        known = (
            (say("町のサーバー", "The town's gateway"), self.gateway),
            (say("町の指紋", "The town's fingerprint"), self.fingerprint),
        )
        return [f"{name}  {text}" for name, text in known if text]

    def write(self, path: Path) -> None:
        """Write the sheet to a new file, readable only by its owner.

        Raises:  InvalidInput naming `sheet`, if the file exists or cannot be written.
        """
        content = self.as_text().encode() if path.suffix.lower() == ".txt" else self.as_pdf()
        handle = open_new_private(path, field="sheet")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())  # before the key: words that a power cut takes were never written
        except OSError:
            path.unlink()
            raise


class _Page:
    """One page of A4, drawn from the top."""

    def __init__(self) -> None:
        # fpdf2 and its font are slow to load, so they are loaded only to print.
        from fpdf import FPDF

        from coin.qr.lettering import bold_font_path, font_path

        self.pdf = FPDF(format="A4")
        self.pdf.set_auto_page_break(False)
        self.pdf.add_font(_FONT, "", font_path())
        self.pdf.add_font(_FONT, "B", bold_font_path())
        self.pdf.add_page()

    def band(self, title: str) -> None:
        """The title, white on a dark band."""
        self.pdf.set_fill_color(*_BAND)
        self.pdf.rect(
            _EDGE_MM, _EDGE_MM, _WIDTH_MM - 2 * _EDGE_MM, 24, "F", round_corners=True, corner_radius=3
        )
        self.pdf.set_text_color(255, 255, 255)
        self.line(title, 19, 25, is_bold=True)
        self.pdf.set_text_color(0, 0, 0)

    def line(
        self,
        text: str,
        top_mm: float,
        size: float,
        *,
        align: Literal["C", "L"] = "C",
        is_bold: bool = False,
    ) -> None:
        """One line, in the largest type up to `size` points that fits between the margins."""
        room_mm = _WIDTH_MM - 2 * _MARGIN_MM - 4
        style: Literal["", "B"] = "B" if is_bold else ""
        self.pdf.set_font(_FONT, style=style, size=size)
        self.pdf.set_font(_FONT, style=style, size=size * min(1.0, room_mm / self.pdf.get_string_width(text)))
        self.pdf.set_xy(_MARGIN_MM, top_mm)
        self.pdf.cell(room_mm + 4, size * 25.4 / 72, text, align=align)

    def word(self, place: int, word: str) -> None:
        """A word in its box, with its number; down the left column first, as people read a list."""
        column, row = divmod(place, _ROWS)
        left_mm = _MARGIN_MM + column * (_BOX_MM + 6)
        top_mm = _WORDS_TOP_MM + row * (_BOX_HEIGHT_MM + 4)
        self.pdf.rect(left_mm, top_mm, _BOX_MM, _BOX_HEIGHT_MM)
        self.pdf.set_xy(left_mm + 2, top_mm)
        self.pdf.set_font(_FONT, size=17)
        self.pdf.cell(14, _BOX_HEIGHT_MM, str(place + 1), align="C")
        self.pdf.set_font(_FONT, style="B", size=32)
        self.pdf.cell(_BOX_MM - 18, _BOX_HEIGHT_MM, word)
