"""A nonce window in the form of the chain: a base, and a map of the used nonces from the base on.

Pure. The map is text of 0 and 1; character i is base + i. Source: docs/formats.md §1.
"""

from coin.errors import Rejection


def window_refusal(base: int, used: str, nonce: int) -> Rejection | None:
    """Return why a nonce cannot be used, or None."""
    if nonce < base:
        return Rejection.NONCE_USED
    if nonce >= base + len(used):
        return Rejection.NONCE_OUT_OF_WINDOW
    return Rejection.NONCE_USED if used[nonce - base] == "1" else None


def window_after(base: int, used: str, nonce: int) -> tuple[int, str]:
    """Return base and map after a nonce is used: the base moves past all leading used nonces."""
    place = nonce - base
    marked = used[:place] + "1" + used[place + 1 :]
    rest = marked.lstrip("1")
    moved = len(marked) - len(rest)
    return base + moved, rest + "0" * moved
