"""The code of a checkout as files, for a screen that is no terminal."""

from pathlib import Path

from bandai_client import Checkout
from coin.errors import InvalidInput
from coin.qr import picture


def picture_files(stem: Path) -> tuple[Path, Path]:
    """Where the PNG and the SVG go; tried before a checkout is opened.

    Raises: InvalidInput naming `save`.
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
    """Draw the code as PNG and as SVG. Returns: where each is."""
    png, svg = files
    png.write_bytes(picture.png(checkout.qr_text))
    svg.write_text(picture.svg(checkout.qr_text), "utf-8")
    return {"png": str(png), "svg": str(svg)}
