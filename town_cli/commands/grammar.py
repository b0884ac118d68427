"""How the town's commands are laid out, and what each help ends with."""

from coin.console.groups import commands, ending
from town_cli.commands.exits import EXITS_EN, EXITS_JA

__all__ = ["closing", "commands"]


def closing(*examples: str) -> str:
    """Return what every help ends with: examples that work as they stand, and what the exit numbers mean."""
    return ending((EXITS_JA, EXITS_EN), *examples)
