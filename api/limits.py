"""Rate limits for each address and each credential: token buckets in this process's memory, limited in number.

An address is checked before the request is read. It is the address of the connection (uvicorn replaces it only for trusted
proxies); an IPv6 address counts as its /64, which one subscriber gets. A credential is counted only after it was verified,
so that nobody can use up another caller's limit; all sessions of a wallet count together. Signed payments are counted by
address, one for each authorization: a limit by payer, before the signature is checked, would let anybody block anybody.
Beyond `MOST` buckets the least recently used are dropped, which can only loosen a limit. Each process counts for itself.
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
REGISTRATION_PATH = "/v1/wallets"
_BURST_S = 5
_SUBSCRIBER_BYTES = 8  # of an IPv6 address: its /64


@dataclass(frozen=True)
class Limits:
    """Sustained requests per second; a burst may be five seconds' worth, of registrations `registrations_at_once`.

    Many people may share one address (the town hall, a hotel), so its rate is high. A pairing code is short, so guessing one
    has its own rate (`coin.registry.pairing` has the arithmetic). A wallet that is registered stands in the books for months,
    used or not: an event in the town hall may bring 300 from one address, and after that one every half a minute.
    """

    per_address: int = 200
    per_credential: int = 20
    pairings_per_address: int = 1
    registrations_per_address: float = 1 / 30
    registrations_at_once: int = 300


class Buckets:
    """A token bucket for each key: it holds at most `burst` tokens and refills at `rate` a second."""

    def __init__(
        self, rate: float, now: Callable[[], float], most: int = MOST, burst: float | None = None
    ) -> None:
        self._rate, self._burst, self._now, self._most = rate, burst or rate * _BURST_S, now, most
        self._left: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def take(self, key: bytes) -> float:
        """Take one token from the key's bucket; return 0, or the seconds until there is one."""
        left = self._present(key)
        is_granted = left >= 1
        self._put(key, left - is_granted)
        return 0.0 if is_granted else (1 - left) / self._rate

    def owe(self, key: bytes, more: int) -> None:
        """Take `more` tokens from the key's bucket; the bucket may go below zero."""
        self._put(key, self._present(key) - more)

    def _present(self, key: bytes) -> float:
        left, since = self._left.pop(key, (float(self._burst), self._now()))
        return min(float(self._burst), left + (self._now() - since) * self._rate)

    def _put(self, key: bytes, left: float) -> None:
        self._left[key] = (left, self._now())
        if len(self._left) > self._most:
            self._left.popitem(last=False)


class Rates:
    """The rate limits of one process: by address and by credential."""

    def __init__(self, limits: Limits, now: Callable[[], float] = time.monotonic) -> None:
        self._addresses = Buckets(limits.per_address, now)
        self._pairings = Buckets(limits.pairings_per_address, now)
        self._registrations = Buckets(
            limits.registrations_per_address, now, burst=limits.registrations_at_once
        )
        self._credentials = Buckets(limits.per_credential, now)

    def demand_address(self, scope: Scope) -> None:
        """Count one request of the connection's address. Raises: TooManyRequests."""
        address = _address_of(scope)
        _demand(self._addresses.take(address))
        if scope["path"] == PAIRING_PATH:
            _demand(self._pairings.take(address))
        if scope["path"] == REGISTRATION_PATH and scope["method"] == "POST":
            _demand(self._registrations.take(address))

    def count_more(self, scope: Scope, more: int) -> None:
        """Count the further authorizations of a request; they delay the next requests of its address."""
        self._addresses.owe(_address_of(scope), more)

    def demand_credential(self, credential: str) -> None:
        """Count one request of a verified credential. Raises: TooManyRequests."""
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
    """Middleware that answers 429 with Retry-After to an address over its rate limit, before anything else happens."""

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
