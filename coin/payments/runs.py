"""Cuts a list of authorizations into runs that one set-based function can decide exactly.

Within a run, authorizations of one payer may depend on each other only through the remaining value and the nonce window. So
a run ends before an authorization whose payer received value earlier in the run, or whose nonce or checkout is in the run
already, and before a send whose payer or payee is in the run already. Pure; knows no database.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sides:
    """Payer, payee, nonce and checkout: what the cut depends on."""

    payer: bytes
    payee: bytes
    nonce: bytes
    checkout: str | None


def run_length(waiting: Sequence[Sides], wallets: Set[bytes]) -> int:
    """Return the length of the next run; `wallets` are the payees that are wallets and not shops.

    Returns: at least 1, if the list is not empty.
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
