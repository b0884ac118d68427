"""The text of an amount, for wallet and till."""

from coin.console import say


def yen(amount_yen: int) -> str:
    """Return an amount as text for people."""
    return say(f"{amount_yen:,}円", f"{amount_yen:,} yen")
