"""`bandai-wallet`: a resident's wallet on the command line, a file for each subject.

Every command explains itself with an example, has `--json` for programs and a documented exit code. What goes
wrong is one Japanese sentence (English where the locale is) and a stable code in brackets.
"""

# A file adds its commands when it is imported: in this order they stand in --help.
from wallet_cli.resident.commands import keys, money, proofs, gateway  # isort: skip
from wallet_cli.resident.commands.group import app

__all__ = ["app", "gateway", "keys", "main", "money", "proofs"]


def main() -> None:
    """Run the command that was typed."""
    app()
