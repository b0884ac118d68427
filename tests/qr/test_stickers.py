"""The sheet of a shop says what it must, and any reader reads its code from the page."""

from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp
from independent import meaning

from coin.errors import InvalidInput
from coin.qr.sticker import Sticker, stickers
from coin.qr.text import Static, parse

CODE = Static(
    municipality="074071",
    merchant_number=12,
    sticker_version=1,
    name="SHOKUDO BANDAI",
    city="BANDAI",
    category="5812",
    name_ja="食堂ばんだい",
)


def sheet(code: Static = CODE, name: str = "食堂ばんだい") -> Sticker:
    return Sticker(
        code,
        name,
        "磐梯町",
        "0242-00-0000",
        hours="平日 8:30–17:15",
        gateway="https://coin.example.jp",
        fingerprint="7Q4M-V0XH-2KTB-9ZRC",
    )


@pytest.fixture(scope="module")
def drawn() -> bytes:
    """The usual sheet, drawn once: its fonts are large."""
    return stickers([sheet()])


def test_another_reader_finds_the_code_on_the_page_and_it_means_the_shop(drawn: bytes) -> None:
    page = pypdfium2.PdfDocument(drawn)[0]

    (found,) = zxingcpp.read_barcodes(page.render(scale=2).to_pil())

    assert parse(found.text) == CODE
    assert meaning(found.text)["merchant"] == "000012"


def test_the_page_says_name_number_and_help_desk_as_text(drawn: bytes) -> None:
    page = pypdfium2.PdfDocument(drawn)[0]

    text = page.get_textpage().get_text_range()

    said = (
        "食堂ばんだい",
        "000012",
        "0242-00-0000",
        "平日 8:30–17:15",
        "磐梯町",
        "ばんだいコイン",
        "Bandai Coin",
    )
    said += ("https://coin.example.jp", "7Q4M-V0XH-2KTB-9ZRC")
    assert [words for words in said if words not in text] == []


def test_the_code_is_large_enough_for_half_a_metre_and_the_name_for_three_metres(drawn: bytes) -> None:
    page = pypdfium2.PdfDocument(drawn)[0]

    (found,) = zxingcpp.read_barcodes(page.render(scale=4).to_pil())

    mm_per_pixel = 25.4 / 72 / 4
    corners = found.position
    assert (corners.top_right.x - corners.top_left.x) * mm_per_pixel >= 100  # a tenth of the distance is 50
    name = [letter for letter in letters(page) if letter[0] in "食堂ばんだい"]
    assert (
        max(height for _, height in name) * 25.4 / 72 >= 12
    )  # a two-hundredth of the distance is 15, with its margins


def letters(page: pypdfium2.PdfPage) -> list[tuple[str, float]]:
    """Each letter of a page with its height in points."""
    text = page.get_textpage()
    boxes = [(text.get_text_range(place, 1), text.get_charbox(place)) for place in range(text.count_chars())]
    return [(letter, top - bottom) for letter, (_, bottom, _, top) in boxes]


def test_each_shop_has_a_page_and_a_long_name_stays_on_it() -> None:
    document = pypdfium2.PdfDocument(
        stickers([sheet(), sheet(name="とても長い名前の会津磐梯山麓の手打ち蕎麦と地酒の店")])
    )

    boxes = [item.get_bounds() for item in document[1].get_objects()]

    assert len(document) == 2
    assert all(left >= -1 and right <= 596 for left, _, right, _ in boxes)


def test_a_shop_that_no_code_can_hold_is_named() -> None:
    wrong = Static(municipality="074071", merchant_number=0, sticker_version=1, name="A", city="B")

    with pytest.raises(InvalidInput) as refusal:
        stickers([sheet(wrong)])

    assert refusal.value.field == "merchant_number"


@pytest.mark.parametrize(
    ("name", "letters"), [("饺子馆", "饺馆"), ("안동식당", "안동식당"), ("🍣鮨処", "🍣")]
)
def test_a_letter_that_the_font_lacks_is_refused_and_never_left_out(name: str, letters: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        stickers([sheet(name=name)])

    assert refusal.value.code == "letter_missing"
    assert [letter for letter in letters if f"「{letter}」" not in refusal.value.ja] == []


def test_a_town_or_help_desk_with_such_a_letter_is_refused_too() -> None:
    for wrong in (replace(sheet(), town="饺町"), replace(sheet(), hours="平日 🕗")):
        with pytest.raises(InvalidInput) as refusal:
            stickers([wrong])

        assert refusal.value.code == "letter_missing"


def test_nothing_stands_where_an_office_printer_leaves_the_edge_white(drawn: bytes) -> None:
    page = pypdfium2.PdfDocument(drawn)[0]
    edge = 10 * 72 / 25.4

    boxes = [item.get_bounds() for item in page.get_objects()]

    assert min(min(left, bottom) for left, bottom, _, _ in boxes) >= edge
    assert max(right for _, _, right, _ in boxes) <= page.get_width() - edge
    assert max(top for *_, top in boxes) <= page.get_height() - edge


def test_headings_have_a_weight_of_their_own(drawn: bytes) -> None:
    page = pypdfium2.PdfDocument(drawn)[0]

    fonts = {item.get_font().get_base_name() for item in page.get_objects(filter=[1])}

    assert ["Bold" in name for name in sorted(fonts)].count(True) == 1
    assert len(fonts) == 2
