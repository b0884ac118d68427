"""Where a list of authorizations is cut, so that one set-based statement can decide each run exactly.

Inside a run the only thing that authorizations of one payer share is the value that is left and the window of
nonces. So a run ends before one whose payer received value earlier in it, whose nonce or checkout occurs in it
already, and before a send whose payer or payee occurs in it already. Pure; knows no store.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sides:
    """Who pays whom, with which nonce and for which checkout: all that the cut looks at."""

    payer: bytes
    payee: bytes
    nonce: bytes
    checkout: str | None


def run_length(waiting: Sequence[Sides], wallets: Set[bytes]) -> int:
    """Return how many of those that wait make the next run; `wallets` are the payees that are wallets, not shops.

    Returns: at least 1, if any waits.
    """
    nonces: set[tuple[bytes, bytes]] = set()
    checkouts: set[str] = set()
    payers: set[bytes] = set()
    receivers: set[bytes] = set()
    for count, item in enumerate(waiting):
        is_send = item.payee in wallets
        if (
            (item.payer, item.nonce) in nonces
            or item.checkout in checkouts
            or item.payer in receivers
            or (is_send and not {item.payer, item.payee}.isdisjoint(payers | receivers))
        ):
            return count
        nonces.add((item.payer, item.nonce))
        payers.add(item.payer)
        if item.checkout is not None:
            checkouts.add(item.checkout)
        if is_send:
            receivers.add(item.payee)
    return len(waiting)
