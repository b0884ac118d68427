"""How wallet and till write an amount."""

from coin.console import say


def yen(amount_yen: int) -> str:
    """Write an amount for people."""
    return say(f"{amount_yen:,}円", f"{amount_yen:,} yen")
