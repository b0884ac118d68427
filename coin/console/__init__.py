"""Code that the commands of every program share, a file for each subject.

Code that needs typer (asking a person, building commands) is imported from its own file (`asking`, `groups`).
"""

from coin.console.dates import written, written_in_both
from coin.console.speech import (
    DONE,
    EXIT_NUMBERS,
    INTERRUPTED,
    NOT_SHOWN,
    OTHER,
    WRONG_USE,
    exit_number,
    harmless,
    is_english,
    refuse,
    say,
)
from coin.console.typed import whole_number

__all__ = [
    "DONE",
    "EXIT_NUMBERS",
    "INTERRUPTED",
    "NOT_SHOWN",
    "OTHER",
    "WRONG_USE",
    "exit_number",
    "harmless",
    "is_english",
    "refuse",
    "say",
    "whole_number",
    "written",
    "written_in_both",
]
