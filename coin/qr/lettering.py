"""The letters of the sheets: which ones their font has.

Decides that a sheet never leaves out a letter: a text with a letter that the font lacks is refused, by name. The font is for
Japanese; no font with the other scripts is kept well enough as a package, so such a shop is asked for a Japanese spelling.
"""

import unicodedata
from functools import cache
from importlib.resources import files
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from coin.errors import InvalidInput


def font_path() -> Path:
    """Return the file of the font that sheets embed."""
    return Path(str(files("pylopdf_fonts_jp").joinpath("NotoSansJP-Regular.otf")))


def bold_font_path() -> Path:
    """Return the file of the second weight, for headings; it has every letter of the first."""
    return Path(str(files("noto_cjk_sans_jp_bold").joinpath("NotoSansCJKjp-Bold.otf")))


def missing_letters(text: str) -> list[str]:
    """Return each letter of a text that no sheet can show, once, in the order of the text."""
    return [letter for letter in dict.fromkeys(text) if ord(letter) not in _letters()]


def named(letter: str) -> str:
    """Return a letter with its number, so that it can be found even where it cannot be shown."""
    number = f"U+{ord(letter):04X}"
    return number if unicodedata.category(letter).startswith("M") else f"「{letter}」（{number}）"


def demand_letters(text: str) -> None:
    """Refuse a text with letters that the font lacks.

    Raises:  InvalidInput (`letter_missing`), naming the text and its letters.
    """
    missing = missing_letters(text)
    if missing:
        letters = "、".join(named(letter) for letter in missing)
        raise InvalidInput(
            f"「{text}」の文字 {letters} は印刷できません。別の字か、かなで書いてください。",
            f"{text}: the letters {letters} cannot be printed; write others, or kana.",
            code="letter_missing",
        )


@cache
def _letters() -> frozenset[int]:
    with TTFont(font_path(), lazy=True) as font:
        return frozenset(font.getBestCmap())
