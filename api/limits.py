"""How often one address and one credential may ask: token buckets, in this process's memory and bounded.

An address is refused before anything is read. It is that of the connection (uvicorn replaces it only for proxies that are
trusted); an IPv6 address counts with its /64, which is what one subscriber is given. A credential is refused when it has
proved itself, so that nobody can use up another's: a wallet is one however many sessions it opens. Signed payments are
counted by address, one for each authorization: refusing by a payer whose signature is unchecked would let anybody stop
anybody. Beyond `MOST` buckets the longest unused go: that forgives, and never refuses, the innocent. Each process counts
for itself.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import response_of
from coin.errors import TooManyRequests

MOST = 50_000
PAIRING_PATH = "/v1/tills/pairings"
_BURST_S = 5
_SUBSCRIBER_BYTES = 8  # of an IPv6 address: its /64


@dataclass(frozen=True)
class Limits:
    """Requests per second that are granted for long; five seconds' worth may come at once.

    A whole town may stand behind one address (the town hall, a hotel's network), hence its rate. A pairing code is
    short enough to type, so trying one has a rate of its own (`coin.registry.pairing` has the arithmetic).
    """

    per_address: int = 200
    per_credential: int = 20
    pairings_per_address: int = 1


class Buckets:
    """A bucket for each key: it holds at most `burst` and fills at `rate` a second."""

    def __init__(self, rate: int, now: Callable[[], float], most: int = MOST) -> None:
        self._rate, self._burst, self._now, self._most = rate, rate * _BURST_S, now, most
        self._left: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def take(self, key: bytes) -> float:
        """Take one from the key's bucket; returns 0, or the seconds after which there will be one."""
        left = self._present(key)
        is_granted = left >= 1
        self._put(key, left - is_granted)
        return 0.0 if is_granted else (1 - left) / self._rate

    def owe(self, key: bytes, more: int) -> None:
        """Take `more` from the key's bucket, and leave a debt where it holds less."""
        self._put(key, self._present(key) - more)

    def _present(self, key: bytes) -> float:
        left, since = self._left.pop(key, (float(self._burst), self._now()))
        return min(float(self._burst), left + (self._now() - since) * self._rate)

    def _put(self, key: bytes, left: float) -> None:
        self._left[key] = (left, self._now())
        if len(self._left) > self._most:
            self._left.popitem(last=False)


class Rates:
    """The buckets of one process: of addresses and of credentials."""

    def __init__(self, limits: Limits, now: Callable[[], float] = time.monotonic) -> None:
        self._addresses = Buckets(limits.per_address, now)
        self._pairings = Buckets(limits.pairings_per_address, now)
        self._credentials = Buckets(limits.per_credential, now)

    def demand_address(self, scope: Scope) -> None:
        """Count a request of the connection's address; raises TooManyRequests."""
        address = _address_of(scope)
        _demand(self._addresses.take(address))
        if scope["path"] == PAIRING_PATH:
            _demand(self._pairings.take(address))

    def count_more(self, scope: Scope, more: int) -> None:
        """Count what a request brought beyond itself; the next ones of its address wait for that."""
        self._addresses.owe(_address_of(scope), more)

    def demand_credential(self, credential: str) -> None:
        """Count a request of a credential that has proved itself; raises TooManyRequests."""
        _demand(self._credentials.take(credential.encode()))


def _demand(wait_s: float) -> None:
    if wait_s:
        raise TooManyRequests(math.ceil(wait_s))


def _address_of(scope: Scope) -> bytes:
    return _subscriber(scope["client"][0] if scope["client"] else "")


@lru_cache(maxsize=4096)
def _subscriber(host: str) -> bytes:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host.encode()
    if isinstance(address, IPv6Address):
        return (address.ipv4_mapped or address).packed[:_SUBSCRIBER_BYTES]
    return address.packed


class RateLimit:
    """Answers 429 with Retry-After to an address that asks too often, before anything else happens."""

    def __init__(self, app: ASGIApp, rates: Rates) -> None:
        self._app = app
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        try:
            if scope["type"] == "http":
                self._rates.demand_address(scope)
        except TooManyRequests as error:
            await response_of(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)
