"""`bandai-till`: a shop's till on the command line. It asks for an amount, shows the code, and believes a verified receipt.

A command of its own and no part of the wallet's: a shop's device holds a credential and never a key.
"""

# A file adds its commands when it is imported: in this order they stand in --help.
from wallet_cli.till.commands import pairing, checkouts, recent, gateway  # isort: skip
from wallet_cli.till.commands.group import app

__all__ = ["app", "checkouts", "gateway", "main", "pairing", "recent"]


def main() -> None:
    """Run the command that was typed."""
    app()
