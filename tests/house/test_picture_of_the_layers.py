"""The picture of the layers is the one that the import rules give."""

from tools.layers import PICTURE, drawn, layers, sentence


def test_the_picture_is_what_the_command_draws_now() -> None:
    assert PICTURE.read_text("utf-8") == drawn(), "make layers"


def test_every_package_says_in_a_sentence_what_it_is() -> None:
    said = {package: sentence(package) for layer in layers() for package in layer}

    assert [package for package, words in said.items() if not 20 <= len(words) <= 160] == []
