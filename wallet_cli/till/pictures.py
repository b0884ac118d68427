"""The code of a checkout as picture files, for a screen that is not a terminal."""

from pathlib import Path

from bandai_client import Checkout
from coin.errors import InvalidInput
from coin.qr import picture


def picture_files(stem: Path) -> tuple[Path, Path]:
    """Return the paths of the PNG and the SVG; they are checked before a checkout is opened.

    Raises:  InvalidInput naming `save`.
    """
    png, svg = (stem.with_name(stem.name + suffix) for suffix in (".png", ".svg"))
    try:
        for file in (png, svg):
            file.touch()
    except OSError:
        raise InvalidInput(
            f"ここには書けません: {stem}", f"This cannot be written: {stem}", field="save"
        ) from None
    return png, svg


def draw_pictures(checkout: Checkout, files: tuple[Path, Path]) -> dict[str, str]:
    """Draw the code as PNG and as SVG; return both paths."""
    png, svg = files
    png.write_bytes(picture.png(checkout.qr_text))
    svg.write_text(picture.svg(checkout.qr_text), "utf-8")
    return {"png": str(png), "svg": str(svg)}
