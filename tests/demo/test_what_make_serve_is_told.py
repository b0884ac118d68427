"""What `make serve` says to wrong use: one sentence in the person's language, before anything is made."""

import pytest

from demo import serve_command


@pytest.mark.parametrize("typed", ["abc", "0", "65536", "-1"])
def test_a_port_that_is_none_is_one_sentence_with_an_example(typed, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")

    number = serve_command.main([f"--port={typed}", "--folder", str(tmp_path / "serve")])

    told = capsys.readouterr()
    assert number == 2
    assert told.err.splitlines() == [
        f"PORT は 1 から 65535 までの整数で書いてください（いま「{typed}」）。例: make serve PORT=8731 [usage]"
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_word_that_is_none_is_a_sentence_too(monkeypatch, capsys):
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")

    assert serve_command.main(["--prot", "8731"]) == 2
    assert capsys.readouterr().err.startswith("使い方が違います。")


def test_a_port_in_full_width_is_taken():
    assert serve_command._read(["--port", "８７３１"]).port == 8_731
