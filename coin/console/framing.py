"""The fixed texts of every `--help` in the person's language: headings, usage, and the notes beside an option."""

from collections.abc import Sequence

import typer
from typer._click.formatting import HelpFormatter

from coin.console import words
from coin.console.speech import is_english, say
from coin.console.tables import width, wrapped

_FRAME = {
    "Options": "指定",
    "Arguments": "引数",
    "Commands": "命令",
    "Show this message and exit.": "この説明を表示します。",
}
_NOTES = {"required": "必須", "default: ": "省略時: ", "env var: ": "環境変数: "}


_NAMED = (
    "Options",
    "Arguments",
)  # their tables have raw names; the table of commands has what a person types
_GAP = 2


class _Help(HelpFormatter):
    """Help whose headings and names are in the person's language too, in columns of a terminal."""

    _heading = ""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        said = args if is_english() else words.usage(args)
        super().write_usage(prog, said, prefix or say("使い方: ", "Usage: "))

    def write_heading(self, heading: str) -> None:
        self._heading = heading
        super().write_heading(say(_FRAME.get(heading, heading), heading))

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = _GAP) -> None:
        if is_english():
            super().write_dl(rows, col_max, col_spacing)
            return
        is_named = self._heading in _NAMED
        said = [(words.name_and_type(name) if is_named else name, _framed(text)) for name, text in rows]
        first = min(max((width(name) for name, _ in said), default=0), col_max) + col_spacing
        for name, text in said:
            self._write_row(name, text, first)

    def _write_row(self, name: str, text: str, first: int) -> None:
        """Write a name and its text, in which a Japanese letter takes two columns."""
        margin = " " * self.current_indent
        lines = wrapped(text, max(self.width - self.current_indent - first, 20))
        space = first - width(name)
        beside = lines[0] if space >= _GAP and lines else ""
        self.write(f"{margin}{name}{' ' * max(space, 0)}{beside}".rstrip() + "\n")
        for line in lines[1:] if beside else lines:
            self.write(f"{margin}{' ' * first}{line}\n")


def _framed(text: str) -> str:
    if text in _FRAME:
        return _FRAME[text]
    body, bracket, notes = text.rpartition("[")
    for english, japanese in _NOTES.items():
        notes = notes.replace(english, japanese)
    return body + bracket + words.limits(notes) if bracket and text.endswith("]") else text


class FramedContext(typer.Context):
    """A command's context, with such help."""

    formatter_class = _Help
