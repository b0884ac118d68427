"""What the commands of every program have in common, a file for each subject.

What asks a person or builds commands needs typer and is imported from its own file (`asking`, `groups`).
"""

from coin.console.dates import written, written_in_both
from coin.console.speech import (
    DONE,
    EXIT_NUMBERS,
    INTERRUPTED,
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
