"""A picture gives its one code, or is refused as one that cannot be read."""

from io import BytesIO

import pytest
from PIL import Image

from coin.errors import InvalidInput
from coin.qr import picture
from tests.worlds.other_side import NEXT_QR_TEXT, QR_TEXT
from wallet_cli.resident.camera import read_picture


def saved(image, kind="PNG"):
    buffer = BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def drawn(text):
    return Image.open(BytesIO(picture.png(text))).convert("RGB")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP"])
def test_the_code_in_a_picture_is_read(kind):
    assert read_picture(saved(drawn(QR_TEXT), kind)) == QR_TEXT


def test_two_codes_in_one_picture_are_refused_rather_than_one_chosen():
    both = Image.new("RGB", (1300, 640), "white")
    both.paste(drawn(QR_TEXT), (0, 0))
    both.paste(drawn(NEXT_QR_TEXT), (650, 0))

    with pytest.raises(InvalidInput) as refusal:
        read_picture(saved(both))

    assert refusal.value.code == "qr_unreadable"


@pytest.mark.parametrize(
    "content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", saved(Image.new("L", (64, 64), 255))]
)
def test_what_holds_no_code_is_refused(content):
    with pytest.raises(InvalidInput) as refusal:
        read_picture(content)

    assert refusal.value.code == "qr_unreadable"
