"""What a till shows is read by a phone from any terminal, and by a person from across the counter."""

import pytest
import zxingcpp
from ansi import screen

from tests.worlds.other_side import QR_TEXT
from wallet_cli.till import display


def read(picture):
    return [found.text for found in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_code_in_colours_is_read_from_a_dark_and_from_a_light_terminal(theme):
    shown = display.code(QR_TEXT, in_colours=True)

    assert read(screen(shown, theme)) == [QR_TEXT]


@pytest.mark.parametrize(("theme", "is_light"), [("dark", False), ("light", True)])
def test_without_colours_the_code_is_read_from_the_kind_of_terminal_it_is_drawn_for(theme, is_light):
    shown = display.code(QR_TEXT, in_colours=False, is_light=is_light)

    assert "\x1b" not in shown
    assert read(screen(shown, theme)) == [QR_TEXT]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_screen_copied_without_the_spaces_at_its_ends_is_still_read(theme):
    shown = display.code(QR_TEXT, in_colours=True)
    copied = "\n".join(line.replace("\x1b[0m", "").rstrip() for line in shown.split("\n"))

    assert read(screen(copied + "\x1b[0m", theme)) == [QR_TEXT]


def test_an_amount_is_drawn_in_blocks():
    assert display.large(17, columns=20).split("\n") == [
        "#   #  #  ###".replace("#", "█"),
        " # #  ##    #".replace("#", "█"),
        "#####  #    #".replace("#", "█"),
        "  #    #    #".replace("#", "█"),
        "  #   ###   #".replace("#", "█"),
    ]


@pytest.mark.parametrize(
    ("amount", "rows"), [(1, 10), (1_250, 10), (99_999, 10), (100_000, 10), (16_777_215, 5)]
)
def test_an_amount_is_as_large_as_eighty_columns_allow_and_never_wider(amount, rows):
    lines = display.large(amount, columns=80).split("\n")

    assert len(lines) == rows
    assert max(map(len, lines)) <= 80


def test_no_two_digits_look_alike():
    drawn = {display.large(digit, columns=80) for digit in range(10)}

    assert len(drawn) == 10
