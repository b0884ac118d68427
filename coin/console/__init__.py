"""What the commands of every program have in common, a file for each subject."""

from coin.console.asking import ask_secret, no_terminal
from coin.console.dates import written, written_in_both
from coin.console.groups import Commands, commands, ending
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
    "Commands",
    "ask_secret",
    "commands",
    "ending",
    "exit_number",
    "harmless",
    "is_english",
    "no_terminal",
    "refuse",
    "say",
    "whole_number",
    "written",
    "written_in_both",
]
