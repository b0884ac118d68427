"""The recovery words are on a sheet that an old person can read and keep, and in no file that others can read."""

import json
import re
import stat

import pypdfium2
import pytest
from typer.testing import CliRunner

from coin.errors import InvalidInput
from wallet_cli.resident import main
from wallet_cli.resident.recovery import WordList, key_from_words, new_recovery_words
from wallet_cli.resident.sheet import Sheet

ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


@pytest.mark.parametrize("language", WordList)
def test_a_page_shows_the_words_in_their_order_in_large_type(language, tmp_path):
    words = new_recovery_words(language).split()
    file = tmp_path / "words.pdf"

    places = "0242-74-1234", "https://coin.example.jp", "7Q4M-V0XH-2KTB-9ZRC"
    Sheet("磐梯町", ADDRESS, " ".join(words), *places).write(file)

    document = pypdfium2.PdfDocument(file)
    text = document[0].get_textpage().get_text_range()
    positions = [text.index(word, text.index(f"{number}")) for number, word in enumerate(words, 1)]
    assert len(document) == 1
    assert positions == sorted(positions)
    assert all(
        part in text for part in (ADDRESS, "0242-74-1234", "https://coin.example.jp", "7Q4M-V0XH-2KTB-9ZRC")
    )
    edge = 10 * 72 / 25.4
    boxes = [item.get_bounds() for item in document[0].get_objects()]
    assert min(min(left, bottom) for left, bottom, _, _ in boxes) >= edge  # an office printer leaves it white
    assert max(top for *_, top in boxes) <= document[0].get_height() - edge
    assert min(heights(document[0], words)) >= 18  # of 842 points; the capital letters of a newspaper have 7


def heights(page, words):
    textpage = page.get_textpage()
    for word in words:
        index, _ = textpage.search(word).get_next()
        _, bottom, _, top = textpage.get_charbox(index, loose=True)
        yield top - bottom


@pytest.mark.parametrize("name", ["words.pdf", "words.txt"])
def test_only_its_owner_can_read_the_sheet_and_the_screen_shows_no_word(line, tmp_path, name):
    file = tmp_path / name
    environment = {
        "BANDAI_WALLET_HOME": str(tmp_path / "wallet"),
        "BANDAI_WALLET_PASSWORD": "磐梯山の宝 2022",
    }
    arguments = ["create", "--gateway", line.url, "--sheet", str(file)]

    made = CliRunner().invoke(main.app, [*arguments, "--json"], env=environment)

    assert made.exit_code == 0, made.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert set(json.loads(made.stdout)) == {"address", "sheet", "fingerprint"}
    if name.endswith(".txt"):
        words = re.findall(r"^ +\d+\. +(\S+)$", file.read_text("utf-8"), re.MULTILINE)
        assert str(key_from_words(" ".join(words))) == json.loads(made.stdout)["address"]


def test_a_sheet_never_replaces_a_file_and_its_words_show_in_no_text(tmp_path):
    file = tmp_path / "words.pdf"
    file.write_text("something of mine")
    sheet = Sheet("磐梯町", ADDRESS, "zebra " * 12)

    for place in (file, tmp_path / "no" / "where.pdf"):
        with pytest.raises(InvalidInput) as refusal:
            sheet.write(place)
        assert refusal.value.field == "sheet"

    assert file.read_text() == "something of mine"
    assert "zebra" not in repr(sheet)


@pytest.mark.parametrize("short", ["1", "1234567"])
def test_a_password_that_is_too_short_makes_no_sheet_and_no_wallet(line, tmp_path, short):
    environment = {"BANDAI_WALLET_HOME": str(tmp_path / "wallet"), "BANDAI_WALLET_PASSWORD": short}
    arguments = ["create", "--gateway", line.url, "--sheet", str(tmp_path / "words.pdf")]

    refused = CliRunner().invoke(main.app, arguments, env=environment)

    assert refused.exit_code == 3
    assert not (tmp_path / "words.pdf").exists()
    assert not (tmp_path / "wallet" / "keys.json").exists()
