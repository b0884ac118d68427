"""The texts that wallet and till share: an amount, and the fingerprint of a town."""

from coin.console import say


def fingerprint_line(fingerprint: str) -> str:
    """Write a town's fingerprint, for a person to compare."""
    return say(
        f"町の指紋: {fingerprint}（お店のステッカーや町の紙と同じか、見くらべてください。違えば使わないでください）",
        f"The town's fingerprint: {fingerprint} (compare it with a sticker or a sheet of the town; do not go on if it differs)",
    )


def yen(amount_yen: int) -> str:
    """Return an amount as text for people."""
    return say(f"{amount_yen:,}円", f"{amount_yen:,} yen")
