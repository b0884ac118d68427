"""The fixed texts of every `--help` in the person's language: headings, usage, and the notes beside an option."""

from collections.abc import Sequence

import typer
from typer._click.formatting import HelpFormatter

from coin.console.speech import is_english, say

_FRAME = {
    "Options": "指定",
    "Arguments": "引数",
    "Commands": "命令",
    "Show this message and exit.": "この説明を表示します。",
}
_NOTES = {"required": "必須", "default: ": "省略時: ", "env var: ": "環境変数: "}


class _Help(HelpFormatter):
    """Help whose headings are in the person's language too."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or say("使い方: ", "Usage: "))

    def write_heading(self, heading: str) -> None:
        super().write_heading(say(_FRAME.get(heading, heading), heading))

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        framed = rows if is_english() else [(name, _framed(text)) for name, text in rows]
        super().write_dl(framed, col_max, col_spacing)


def _framed(text: str) -> str:
    if text in _FRAME:
        return _FRAME[text]
    body, bracket, notes = text.rpartition("[")
    for english, japanese in _NOTES.items():
        notes = notes.replace(english, japanese)
    return body + bracket + notes if bracket and text.endswith("]") else text


class FramedContext(typer.Context):
    """A command's context, with such help."""

    formatter_class = _Help
