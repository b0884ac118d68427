"""Reads a QR code from a picture, as a phone's camera would. Source: ISO/IEC 18004, through zxing-cpp."""

import io

import zxingcpp
from PIL import Image

from coin.errors import InvalidInput

_QR_ONLY = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def read_picture(picture: bytes) -> str:
    """The text of the one QR code in a picture (PNG, JPEG, …).

    Raises:  InvalidInput (`qr_unreadable`), if it is no picture, or has no code or several.
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
