"""A picture gives its one code of ours, or is refused with what to do; nothing in it can take the memory or start a program."""

import os
import random
import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from coin.errors import InvalidInput
from coin.qr import picture
from coin.qr.sticker import Sticker, stickers
from coin.qr.text import parse
from tests.worlds.other_side import NEXT_QR_TEXT, QR_TEXT, STICKER_TEXT
from wallet_cli.resident.camera import read_code, read_picture

PICTURES = Path(__file__).parent / "pictures"
OTHER_SYSTEM = "00020101021126160012jp.or.example5204000053033925802JP5901A6001B6304C33A"


def saved(image, kind="PNG", **options):
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def drawn(text):
    return Image.open(BytesIO(picture.png(text))).convert("RGB")


def beside(*texts):
    both = Image.new("RGB", (650 * len(texts), 640), "white")
    for place, text in enumerate(texts):
        both.paste(drawn(text), (650 * place, 0))
    return saved(both)


def refusal_of(content):
    with pytest.raises(InvalidInput) as refusal:
        read_picture(content)
    return refusal.value.code


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP", "GIF"])
def test_the_code_in_a_picture_is_read(kind):
    assert read_picture(saved(drawn(QR_TEXT), kind)) == QR_TEXT


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "I;16"])
def test_the_code_is_read_in_each_kind_of_pixels(mode):
    image = drawn(QR_TEXT).convert("L")
    deep = image.convert("I").point(lambda shade: shade * 257)

    assert read_picture(saved(deep.convert(mode) if mode == "I;16" else image.convert(mode))) == QR_TEXT


@pytest.mark.parametrize(
    "name", ["beside_other", "same_twice", "transparent_la", "transparent_palette", "transparent_rgba"]
)
def test_the_one_code_of_ours_is_read_beside_others_twice_or_on_nothing(name):
    assert parse(read_picture((PICTURES / f"{name}.png").read_bytes())).municipality == "074071"


def test_two_codes_of_ours_in_one_picture_are_refused_rather_than_one_chosen():
    assert refusal_of(beside(QR_TEXT, NEXT_QR_TEXT)) == "qr_several"
    assert refusal_of(beside(OTHER_SYSTEM, QR_TEXT, STICKER_TEXT)) == "qr_several"


def test_a_code_of_another_system_alone_is_left_to_be_refused_by_its_own_reason():
    assert read_picture(beside(OTHER_SYSTEM)) == OTHER_SYSTEM


@pytest.mark.parametrize(
    "content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", saved(Image.new("L", (64, 64), 255))]
)
def test_what_holds_no_code_is_refused(content):
    assert refusal_of(content) == "qr_unreadable"


def test_the_towns_own_pdf_and_svg_and_a_phones_heic_are_refused_with_what_to_do():
    sheet = stickers([Sticker(parse(STICKER_TEXT), "そば処　磐梯", "磐梯町", "0242-00-0000")])

    for content in (sheet, picture.svg(QR_TEXT).encode(), b"\0\0\0\x18ftypheic" + bytes(64)):
        assert refusal_of(content) == "picture_unsupported"


@pytest.mark.parametrize(
    "content",
    [
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n",
        b"\xc5\xd0\xd3\xc6" + bytes(64),
        b"P6 9 9 255\n" + bytes(243),
        saved(drawn(QR_TEXT), "TIFF"),
        saved(drawn(QR_TEXT), "ICO"),
    ],
)
def test_no_other_decoder_is_reached_and_no_program_is_started(content, tmp_path, monkeypatch):
    started = tmp_path / "started"
    ghostscript = tmp_path / "gs"
    ghostscript.write_text(f"#!/bin/sh\ntouch {started}\n")
    ghostscript.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    assert refusal_of(content) in ("picture_unsupported", "qr_unreadable")
    assert not started.exists()


def png_of(width, height):
    """A transparent PNG of one bit for a pixel, without its pixels in our memory."""
    row = bytes(1 + width // 8)
    packer = zlib.compressobj()
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 3, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"PLTE", bytes(6)), (b"tRNS", b"\0"), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


MEASURED = """
import resource, sys
from coin.errors import InvalidInput
from wallet_cli.resident.camera import read_picture
def peak_mib(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = peak_mib()
try:
    read_picture(sys.stdin.buffer.read())
except InvalidInput as refusal:
    print(refusal.code, peak_mib() - before)
"""


WIDE_WEBP = b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<IB", 10, 0) + b"\xff" * 9


@pytest.mark.parametrize(
    ("content", "code", "most_mib"),
    [
        (png_of(13_000, 13_000), "picture_too_large", 16),
        (WIDE_WEBP, "picture_too_large", 16),
        (png_of(4_800, 5_000), "qr_unreadable", 200),
    ],
)
def test_a_small_file_with_many_pixels_takes_little_memory(content, code, most_mib):
    measured = subprocess.run(
        [sys.executable, "-c", MEASURED], input=content, capture_output=True, check=True
    )

    told, took_mib = measured.stdout.decode().split()

    assert len(content) < 30_000
    assert (told, int(took_mib) < most_mib) == (code, True), took_mib


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP", "GIF"])
def test_a_damaged_picture_is_read_or_refused_and_nothing_else(kind):
    whole = saved(drawn(QR_TEXT), kind)
    chance = random.Random(11)
    for _ in range(60):
        damaged = bytearray(whole[: chance.randrange(len(whole)) or 1])
        for _ in range(chance.randrange(4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            assert read_picture(bytes(damaged)) == QR_TEXT
        except InvalidInput as refusal:
            assert refusal.code in ("qr_unreadable", "picture_too_large", "picture_unsupported")  # noqa: PT017


@pytest.mark.parametrize("name", ["nothing.png", "a\0b", "/", "x" * 5000, "~nobody-has-this-name/code.png"])
def test_a_name_that_is_no_picture_file_is_refused(name):
    with pytest.raises(InvalidInput) as refusal:
        read_code(name)

    assert refusal.value.code == "qr_unreadable"


def test_a_file_without_an_end_is_not_read_whole():
    with pytest.raises(InvalidInput) as refusal:
        read_code("/dev/zero")

    assert refusal.value.code == "file_too_large"
