"""What a command waits for stands in one line: rewritten on a terminal, and elsewhere written only when it has changed."""

import io
import sys

import pytest

from coin.console.waiting import WaitingLine


class Screen(io.StringIO):
    """Standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    monkeypatch.setenv("COLUMNS", "40")


def shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, texts: list[tuple[str, int]]) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    line = WaitingLine()
    for text, state in texts:
        line.show(text, text, state=state)
    line.end()
    return stream.getvalue()


def test_on_a_terminal_it_stays_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown(monkeypatch, Screen(), [("残り 2 束", 2), ("残り 2 束", 2), ("残り 1 束", 1)])

    assert said == "\r\x1b[K… 残り 2 束\r\x1b[K… 残り 1 束\n"


def test_it_never_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown(monkeypatch, Screen(), [("長" * 60, 1)])

    assert said.count("長") == 18


def test_elsewhere_a_line_comes_only_with_a_new_state(monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown(monkeypatch, io.StringIO(), [("ブロック 1", 2), ("ブロック 2", 2), ("ブロック 3", 1)])

    assert said == "… ブロック 1\n… ブロック 3\n"
