"""The code of a checkout as picture files, for a screen that the customer sees.

A display never shows a code that is not meant: the files are empty before a checkout is opened, and again when it has ended.
They are replaced in one step, so that no display reads half a picture.
"""

import os
import tempfile
from pathlib import Path

from bandai_client import Checkout
from coin.errors import InvalidInput
from coin.qr import picture

Files = tuple[Path, Path]
NAME = "code"


def files_of(stem: Path) -> Files:
    """Return the paths of the PNG and the SVG."""
    png, svg = (stem.with_name(stem.name + suffix) for suffix in (".png", ".svg"))
    return png, svg


def clear(files: Files) -> None:
    """Replace both by an empty picture; it is known then that they can be written.

    Raises:  InvalidInput naming `save`.
    """
    try:
        _write(files, picture.blank_png(), picture.blank_svg())
    except OSError:
        stem = files[0].with_suffix("")
        raise InvalidInput(
            f"ここには書けません: {stem}", f"This cannot be written: {stem}", field="save"
        ) from None


def draw_pictures(checkout: Checkout, files: Files) -> dict[str, str]:
    """Draw the code as PNG and as SVG; return both paths."""
    _write(files, picture.png(checkout.qr_text), picture.svg(checkout.qr_text))
    png, svg = files
    return {"png": str(png), "svg": str(svg)}


def take_down(checkout: Checkout, files: Files) -> None:
    """Clear the pictures of a checkout that has ended, if it is this checkout that they show."""
    png, _ = files
    if png.exists() and png.read_bytes() == picture.png(checkout.qr_text):
        clear(files)


def _write(files: Files, png: bytes, svg: str) -> None:
    for file, content in zip(files, (png, svg.encode()), strict=True):
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=file.name)
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        Path(temporary).chmod(0o644)  # the display may be another user's
        Path(temporary).replace(file)
