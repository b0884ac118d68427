"""What is said of a code that is refused, and what stands on a sticker: each sentence once in Japanese and once in English."""

import pypdfium2
import pytest
from test_qr_vectors import WRONG
from test_stickers import sheet

from coin.errors import InvalidInput
from coin.qr.sticker import stickers
from coin.qr.text import parse

SENTENCES = {
    "another system": (
        "ばんだいコインの QR コードではありません。",
        "The code belongs to another payment system.",
    ),
    "a wrong checksum": (
        "QR コードを正しく読み取れませんでした。もう一度読み取ってください。",
        "The checksum of the code is wrong; scan it again.",
    ),
    "another currency": (
        "円でのお支払いの QR コードではありません。",
        "The code asks for a currency other than the yen.",
    ),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_a_code_that_is_refused(name):
    with pytest.raises(InvalidInput) as refusal:
        parse(WRONG[name][0])

    assert (refusal.value.ja, refusal.value.en) == SENTENCES[name]


def test_a_sticker():
    page = pypdfium2.PdfDocument(stickers([sheet()]))[0]

    text = page.get_textpage().get_text_range()

    assert "第1版" in text
    assert "Scan this code" in text
