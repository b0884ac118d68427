"""The group of the town's commands, and the end of each help."""

from coin.console.groups import commands, ending, program
from town_cli.commands.exits import EXITS_EN, EXITS_JA

__all__ = ["closing", "commands", "program"]


def closing(*examples: str) -> str:
    """Return the end of a command's help: examples that work as written, and the meaning of the exit codes."""
    return ending((EXITS_JA, EXITS_EN), *examples)
