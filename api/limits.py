"""How often one address and one token may ask: token buckets, in this process's memory and bounded.

Decides 429 before anything is read. An address is that of the connection (uvicorn replaces it only for proxies that are
trusted). A token's bucket stands under its hash; nobody can use up another's without knowing the token. Beyond `MOST`
buckets the longest unused go: that forgives, and never refuses, the innocent. Each process counts for itself.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import response_of
from coin.errors import TooManyRequests

MOST = 50_000
PAIRING_PATH = "/v1/tills/pairings"
_BURST_S = 5


@dataclass(frozen=True)
class Limits:
    """Requests per second that are granted for long; five seconds' worth may come at once.

    A whole town may stand behind one address (the town hall, a hotel's network), hence its rate. A pairing code is
    short enough to type, so trying one has a rate of its own (`coin.registry.pairing` has the arithmetic).
    """

    per_address: int = 200
    per_token: int = 20
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
        now = self._now()
        left, since = self._left.pop(key, (float(self._burst), now))
        left = min(float(self._burst), left + (now - since) * self._rate)
        is_granted = left >= 1
        self._left[key] = (left - is_granted, now)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        return 0.0 if is_granted else (1 - left) / self._rate


class RateLimit:
    """Answers 429 with Retry-After to who asks too often, by address and by token."""

    def __init__(self, app: ASGIApp, limits: Limits, *, now: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._addresses = Buckets(limits.per_address, now)
        self._tokens = Buckets(limits.per_token, now)
        self._pairings = Buckets(limits.pairings_per_address, now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        wait_s = self._wait_s(scope) if scope["type"] == "http" else 0.0
        if wait_s:
            await response_of(TooManyRequests(math.ceil(wait_s)))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _wait_s(self, scope: Scope) -> float:
        host = scope["client"][0] if scope["client"] else ""
        wait_s = self._addresses.take(host.encode())
        if not wait_s and scope["path"] == PAIRING_PATH:
            wait_s = self._pairings.take(host.encode())
        token = dict(scope["headers"]).get(b"authorization")
        return wait_s or (self._tokens.take(sha256(token).digest()) if token else 0.0)
