"""One line about something that takes a while: on a terminal it is rewritten in place, elsewhere it is a line of its own only
when the state has changed."""

import shutil
import sys

from coin.console.speech import say, say_aside
from coin.console.tables import width


class WaitingLine:
    """The line; on standard error, because standard output is for the result. End it before anything else is printed."""

    def __init__(self) -> None:
        self._shown = ""
        self._state: object = None

    def show(self, ja: str, en: str, *, state: object) -> None:
        """Show a text; where it cannot be rewritten, only if `state` is another than before."""
        text = f"… {say(ja, en)}"
        if sys.stderr.isatty():
            text = _fitting(text, shutil.get_terminal_size().columns - 1)
            if text != self._shown:
                say_aside(f"\r\x1b[K{text}")
        elif state != self._state:
            say_aside(f"{text}\n")
        self._shown, self._state = text, state

    def end(self) -> None:
        """Leave the line as it is; what comes next begins below it."""
        if self._shown and sys.stderr.isatty():
            say_aside("\n")
        self._shown = ""


def _fitting(text: str, columns: int) -> str:
    """Cut a text to the width of the terminal: a line that wraps cannot be rewritten in place."""
    while width(text) > columns:
        text = text[:-1]
    return text
