"""Finds the QR codes in a picture that anybody may have made.

Decides which pictures are decoded: five formats by their own decoders and no other (Pillow would start Ghostscript for EPS),
and only as many bytes and pixels as fit into the memory of a phone. Transparent parts are white, as on paper. Does not know
what a code means.

Source:  ISO/IEC 18004, through zxing-cpp.
"""

import io
import struct
import warnings

import zxingcpp
from PIL import Image

from coin.errors import InvalidInput

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
MAX_BYTES = 24 * 1024 * 1024
MAX_PIXELS = 24_000_000  # a screen of 6016 × 3384; four bytes each while it is decoded
MAX_BASELINE_JPEG_PIXELS = 64_000_000  # of a camera; decoded at a half, a quarter or an eighth
_ENOUGH_PX = 2000

_QR_ONLY = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_TO_BE_SHOWN = (b"%PDF", b"<svg", b"<?xml", b"%!PS", b"\xc5\xd0\xd3\xc6")


def codes_in(picture: bytes) -> list[str]:
    """Return the texts of the QR codes in a picture, each once.

    Raises:  InvalidInput: `picture_too_large`, `picture_unsupported` with what to do, `qr_unreadable` for what is no picture.
    """
    if len(picture) > MAX_BYTES:
        raise _too_large()
    _refuse_other_kinds(picture)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limits here are lower
            grey = _decoded(picture)
        found = zxingcpp.read_barcodes(grey, formats=_QR_ONLY)
    except InvalidInput:
        raise
    except Image.DecompressionBombError:
        raise _too_large() from None
    except Exception:
        raise unreadable() from None
    return list(dict.fromkeys(code.text for code in found))


def unreadable() -> InvalidInput:
    """Return the error for a picture without a code that can be read."""
    return InvalidInput(
        "QRコードを読み取れません。コードが大きく、まっすぐに写るように、もう一度写してください。",
        "The picture has no QR code that can be read; take it again, closer and straight.",
        field="picture",
        code="qr_unreadable",
    )


def _refuse_other_kinds(picture: bytes) -> None:
    head = picture[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if picture[4:8] == b"ftyp":
        raise _unsupported(
            "この写真の形式（HEIC など）は読めません。スクリーンショットを撮るか、カメラの設定を「互換性優先」（JPEG）にして、もう一度写してください。",
            "Pictures of this kind (HEIC) cannot be read; take a screenshot of it, or set the camera to JPEG.",
        )
    if head.startswith(_TO_BE_SHOWN):
        raise _unsupported(
            "PDF や SVG は読めません。画面に大きく表示し、その画面の写真かスクリーンショット（PNG、JPEG）を指定してください。",
            "PDF and SVG cannot be read; show the file on a screen and give a screenshot or a photo of it (PNG, JPEG).",
        )


def _decoded(picture: bytes) -> Image.Image:
    """Decode a picture to grey, after its size was seen. Raises: InvalidInput (picture_too_large); any error of a decoder."""
    # The decoder for WebP takes the memory of the whole picture when it is opened.
    if picture[:4] == b"RIFF" and _webp_pixels(picture) > MAX_PIXELS:
        raise _too_large()
    with Image.open(io.BytesIO(picture), formats=FORMATS) as image:
        _demand_small(image)
        image.draft("L", (_ENOUGH_PX, _ENOUGH_PX))
        return _on_white(image)


def _demand_small(image: Image.Image) -> None:
    is_baseline = image.format in ("JPEG", "MPO") and "progressive" not in image.info
    most = MAX_BASELINE_JPEG_PIXELS if is_baseline else MAX_PIXELS
    if image.width * image.height > most:
        raise _too_large()


def _webp_pixels(picture: bytes) -> int:
    """Return the pixels that the head of a WebP file states. Source: RFC 9649 §2.5 to 2.7. Raises: struct.error."""
    kind, body = picture[12:16], picture[20:30]
    if kind == b"VP8X":
        width, height = (int.from_bytes(body[at : at + 3], "little") + 1 for at in (4, 7))
    elif kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", body, 1)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", body, 6))
    return width * height


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("L")
    whole = image if image.mode in ("LA", "RGBA") else image.convert("RGBA")
    grey = Image.new("L", whole.size, 255)
    grey.paste(whole.convert("L"), mask=whole.getchannel("A"))
    return grey


def _unsupported(ja: str, en: str) -> InvalidInput:
    return InvalidInput(ja, en, field="picture", code="picture_unsupported")


def _too_large() -> InvalidInput:
    return InvalidInput(
        "画像が大きすぎます。コードのまわりだけを切り取るか、スクリーンショットを使ってください。",
        "The picture is too large; cut out the code, or use a screenshot.",
        field="picture",
        code="picture_too_large",
    )
