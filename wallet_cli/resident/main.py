"""`bandai-wallet`: a resident's wallet on the command line, a file for each subject.

Every command has an example in its help, `--json` for programs and a documented exit code. An error is one sentence,
Japanese or, in an English locale, English, with a stable code in brackets.
"""

# Importing a file adds its commands; --help lists them in this order.
from wallet_cli.resident.commands import keys, code, money, proofs, gateway  # isort: skip
from wallet_cli.resident.commands.group import app

__all__ = ["app", "code", "gateway", "keys", "main", "money", "proofs"]


def main() -> None:
    """Run the command that was typed."""
    app()
