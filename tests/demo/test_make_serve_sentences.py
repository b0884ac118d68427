"""What `make serve` says to wrong use: one sentence in the person's language, before anything is made."""

import re

import pytest

from demo import serve_command


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "ja_JP.UTF-8",
            "PORT は 1 から 65535 までの整数で書いてください（いま「abc」）。例: make serve PORT=8731",
        ),
        (
            "en_US.UTF-8",
            "PORT is a whole number from 1 to 65535 (not 'abc'), for example make serve PORT=8731.",
        ),
    ],
)
def test_a_port_that_is_none_is_told_with_an_example(language, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LC_ALL", language)

    serve_command.main(["--port=abc", "--folder", str(tmp_path / "serve")])

    assert capsys.readouterr().err == f"{sentence} [usage]\n"


@pytest.mark.parametrize("typed", ["abc", "0", "65536", "-1"])
def test_a_port_that_is_none_makes_nothing(typed, tmp_path, capsys):
    number = serve_command.main([f"--port={typed}", "--folder", str(tmp_path / "serve")])

    told = capsys.readouterr()
    assert number == 2
    assert re.findall("-?[0-9]+|abc", told.err) == ["1", "65535", typed, "8731"]
    assert told.err.endswith(" [usage]\n")
    assert list(tmp_path.iterdir()) == []


def test_a_word_that_is_none_is_wrong_use(capsys):
    assert serve_command.main(["--prot", "8731"]) == 2
    assert "[usage]" in capsys.readouterr().err


def test_a_port_in_full_width_is_taken():
    assert serve_command._read(["--port", "８７３１"]).port == 8_731
