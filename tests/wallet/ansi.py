"""A terminal's screen as a picture: half blocks and the colours that our programs use, on a dark or a light background.

Written from ECMA-48 and Unicode's block elements; it imports nothing of ours.
"""

import re

from PIL import Image, ImageDraw

CELL_PX = (6, 12)
THEMES = {"dark": ((229, 229, 229), (12, 12, 12)), "light": ((40, 40, 40), (253, 246, 227))}
_NUMBERED = {16: (0, 0, 0), 231: (255, 255, 255)}
_TOKEN = re.compile(r"\x1b\[([0-9;]*)m|(.)")


def screen(text: str, theme: str) -> Image.Image:
    """Draw text as a terminal of that theme shows it, with some empty screen around it."""
    ink, paper = THEMES[theme]
    lines = [list(_TOKEN.finditer(line)) for line in text.split("\n")]
    width = max(sum(token.group(2) is not None for token in line) for line in lines) + 4
    picture = Image.new("RGB", (width * CELL_PX[0], (len(lines) + 2) * CELL_PX[1]), paper)
    draw = ImageDraw.Draw(picture)
    front, back = ink, paper
    for y, line in enumerate(lines, 1):
        x = 2
        for token in line:
            if token.group(2) is None:
                front, back = _colours(token.group(1), (ink, paper), (front, back))
                continue
            _cell(draw, (x, y), token.group(2), front, back)
            x += 1
    return picture


def _colours(parameters, usual, now):
    front, back = now
    numbers = [int(part or 0) for part in parameters.split(";")]
    while numbers:
        number = numbers.pop(0)
        if number == 0:
            front, back = usual
        elif number in (38, 48):
            assert numbers.pop(0) == 5
            colour = _NUMBERED[numbers.pop(0)]
            front, back = (colour, back) if number == 38 else (front, colour)
    return front, back


def _cell(draw, place, letter, front, back):
    wide, high = CELL_PX
    left, top = place[0] * wide, place[1] * high
    upper, lower = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1)}.get(letter, (0, 0))
    draw.rectangle((left, top, left + wide - 1, top + high // 2 - 1), front if upper else back)
    draw.rectangle((left, top + high // 2, left + wide - 1, top + high - 1), front if lower else back)
