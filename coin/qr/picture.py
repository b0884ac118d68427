"""Draws the text of a QR code: PNG for print and screen, SVG for any size, block characters for a terminal.

Decides size, quiet zone and contrast. Does not know the meaning of the text.

Source:  ISO/IEC 18004 (the matrix is made by the library `qrcode`).
"""

from enum import IntEnum
from io import BytesIO

import qrcode
from PIL import Image
from qrcode import constants

QUIET_ZONE_MODULES = 4
Matrix = list[list[bool]]


class Correction(IntEnum):
    """How much of the picture may be damaged: M 15 %, for screens; Q 25 %, for stickers."""

    M = constants.ERROR_CORRECT_M
    Q = constants.ERROR_CORRECT_Q


def matrix(text: str, correction: Correction = Correction.M) -> Matrix:
    """Return the modules of a code with the quiet zone; rows from the top, True is dark."""
    code = qrcode.QRCode(error_correction=int(correction), border=QUIET_ZONE_MODULES)
    code.add_data(text.encode(), optimize=0)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def png(text: str, *, module_px: int = 8, correction: Correction = Correction.M) -> bytes:
    """Draw a code as a black and white PNG, each module a square of `module_px` pixels."""
    modules = matrix(text, correction)
    side = len(modules)
    pixels = bytes(0 if dark else 255 for row in modules for dark in row)
    picture = Image.frombytes("L", (side, side), pixels).convert("1", dither=Image.Dither.NONE)
    buffer = BytesIO()
    picture.resize((side * module_px, side * module_px), Image.Resampling.NEAREST).save(buffer, "PNG")
    return buffer.getvalue()


def svg(text: str, *, correction: Correction = Correction.M) -> str:
    """Draw a code as SVG without a fixed size: one unit is one module."""
    modules = matrix(text, correction)
    side = len(modules)
    path = "".join(_runs(y, row) for y, row in enumerate(modules))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{path}"/></svg>'
    )


def blank_png(*, side_px: int = 296) -> bytes:
    """Draw an empty white picture, for a display that shall show no code."""
    buffer = BytesIO()
    Image.new("1", (side_px, side_px), 1).save(buffer, "PNG")
    return buffer.getvalue()


def blank_svg() -> str:
    """Draw an empty white picture as SVG."""
    return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1" fill="#fff"/></svg>'


def _runs(y: int, row: list[bool]) -> str:
    starts = [x for x, dark in enumerate(row) if dark and not row[x - 1]]
    return "".join(f"M{x} {y}h{row.index(False, x) - x}v1H{x}z" for x in starts)


def terminal(text: str, *, dark_background: bool = True, correction: Correction = Correction.M) -> str:
    """Draw a code with half-block characters, two rows of modules in a line; blocks are the light modules
    on a terminal with a dark background, the dark ones otherwise."""
    modules = matrix(text, correction)
    side = len(modules)
    rows = [[dark != dark_background for dark in row] for row in modules]
    if side % 2:
        rows.append([dark_background] * side)
    blocks = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
    lines = (zip(rows[y], rows[y + 1], strict=True) for y in range(0, len(rows), 2))
    return "\n".join("".join(blocks[pair] for pair in line) for line in lines)
