"""Reads a QR code from a picture, or takes its text. Source: ISO/IEC 18004, through zxing-cpp."""

import io
from pathlib import Path

import zxingcpp
from PIL import Image

from coin.errors import InvalidInput

_QR_ONLY = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def read_picture(picture: bytes) -> str:
    """Return the text of the one QR code in a picture (PNG, JPEG, …).

    Raises:  InvalidInput (`qr_unreadable`), if it is not a picture, or does not have exactly one code.
    """
    try:
        with Image.open(io.BytesIO(picture)) as image:
            found = zxingcpp.read_barcodes(image.convert("L"), formats=_QR_ONLY)
    except (OSError, Image.DecompressionBombError):
        found = []
    if len(found) != 1:
        raise InvalidInput(
            "QRコードを読み取れません。もう一度写してください。",
            f"The picture has {len(found)} readable QR codes.",
            field="picture",
            code="qr_unreadable",
        )
    return found[0].text


def read_code(code: str) -> str:
    """Return the text of a code, given as text or as the name of a picture file.

    Raises:  InvalidInput (`qr_unreadable`), if there is no such file; as `read_picture`.
    """
    if code.startswith("0002"):
        return code.strip()
    try:
        return read_picture(Path(code).read_bytes())
    except OSError:
        raise InvalidInput(
            f"「{code}」は QR コードの文字でも、読める画像ファイルでもありません。ファイルの名前を確かめてください。",
            f"{code!r} is neither the text of a code nor a picture file that can be read; check its name.",
            field="code",
            code="qr_unreadable",
        ) from None
