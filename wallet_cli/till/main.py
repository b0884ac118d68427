"""`bandai-till`: a shop's till on the command line. It opens a checkout, shows its code, and accepts a verified receipt.

It is a separate program from the wallet: a shop's device has a credential and never a key.
"""

# Importing a file adds its commands; --help lists them in this order.
from wallet_cli.till.commands import pairing, checkouts, watch, recent, today, gateway  # isort: skip
from wallet_cli.till.commands.group import app

__all__ = ["app", "checkouts", "gateway", "main", "pairing", "recent", "today", "watch"]


def main() -> None:
    """Run the command that was typed."""
    app()
