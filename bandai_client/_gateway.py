"""The connection to the gateway of one town: one connection pool for any number of wallets and tills.

Decides that a token is sent only to the pinned town, which requests are retried (only idempotent ones), and by which clock
to sign. Knows no keys.

Source:  docs/integration.md; `/v1/docs` of a gateway.
"""

import ipaddress
import secrets
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import httpx

from bandai_client._errors import clock_wrong
from bandai_client._patience import PATIENCE_S, one_patience
from bandai_client._reading import Json, take
from bandai_client._town import Town, another_town
from bandai_client._transport import TIMEOUT_S, Transport
from coin.errors import InvalidInput

WAITS_S = (0.1, 0.4, 1.6)
MOST_WRONG_MS = 5 * 60 * 1000  # of this machine's clock; what it signs would be refused, or live too long


def gateway_url(typed: str) -> str:
    """Normalize the URL of a gateway that a person typed: the scheme and the host in lower case, without a slash at the end.

    Raises:  InvalidInput (gateway_url_malformed), also for a URL with a user name, a query or a fragment; as
             `demand_unread`.
    """
    try:
        url = httpx.URL(unicodedata.normalize("NFKC", typed).strip().rstrip("/"))
        is_one = url.scheme in ("http", "https") and bool(url.host)
        is_bare = not (url.userinfo or url.query or url.fragment)
    except httpx.InvalidURL:
        is_one = is_bare = False
    if not (is_one and is_bare):
        raise InvalidInput(  # what was typed may contain a password, so it is not repeated
            "サーバーの URL ではありません（https://coin.example.jp のように書いてください）。",
            "This is not the URL of a gateway (write it like https://coin.example.jp).",
            field="gateway",
            code="gateway_url_malformed",
        )
    demand_unread(url)
    return str(url).rstrip("/")


def demand_unread(url: httpx.URL) -> None:
    """Refuse a URL whose traffic others can read and change: http for a public name or address.

    Raises:  InvalidInput (gateway_insecure).
    """
    if url.scheme == "http" and not _is_private(url.host):
        raise InvalidInput(
            f"https:// で始まる URL を使ってください（{url.host} との通信を、途中でほかの人に読まれ、書き換えられます）。",
            f"Use a URL with https: others could read and change the traffic with {url.host}.",
            field="gateway",
            code="gateway_insecure",
        )


def _is_private(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_private or address.is_loopback


class Gateway:
    """A town's gateway. Threads may share it. Close it, or use it in a `with`."""

    def __init__(
        self,
        url: str,
        *,
        client: httpx.Client | None = None,
        pinned: Town | None = None,
        now_ms: Callable[[], int] | None = None,
        waits_s: Sequence[float] = WAITS_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Prepare a connection; nothing is sent yet.

        `pinned` is the town as it was when the wallet was made; a gateway of another town is refused. `now_ms` returns the
        time; by default the machine's clock, for a demo town shifted to the gateway's. `waits_s` are the pauses before each
        retry, and `patience_s` is the time after which an answer is given up, with all retries.
        Raises:  as `demand_unread`.
        """
        if client is None:
            demand_unread(httpx.URL(url))
        self._transport = Transport(client or httpx.Client(base_url=url, timeout=TIMEOUT_S), patience_s)
        self._patience_s = patience_s
        self._pinned = pinned
        self._town: Town | None = None
        self._offset_ms = 0
        self._now_ms = now_ms
        self._waits_s = waits_s

    def __enter__(self) -> "Gateway":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    @property
    def town(self) -> Town:
        """The town that this gateway serves; requested once.

        Raises:  CoinError (town_changed), if it is not the pinned town.
        """
        return self._town or self.refresh()

    def refresh(self) -> Town:
        """Request the town again and, in a demo, its clock.

        Raises:  CoinError (town_changed); CoinError (clock_wrong), if this machine's clock is not the town's.
        """
        answer = self.get("/v1/municipality")
        town = Town.read(answer)
        known = self._pinned or self._town
        if known is not None and town != known:
            raise another_town(known, town, self._transport.address)
        behind_ms = take(answer, "now_ms", int) - _machine_ms()
        if not town.is_demo and self._now_ms is None and abs(behind_ms) > MOST_WRONG_MS:
            raise clock_wrong(behind_ms)
        self._offset_ms = behind_ms if town.is_demo else 0
        self._town = town
        return town

    def demand_town(self) -> None:
        """Check that the pinned town answers, before a secret is sent. Raises: as `town`."""
        if self._town is None:
            self.refresh()

    def one_patience(self) -> AbstractContextManager[None]:
        """Let all requests within share the patience for one answer."""
        return one_patience(self._patience_s)

    def now_ms(self) -> int:
        """Return the time for signatures: the machine's, or the demo's."""
        if self._now_ms is not None:
            return self._now_ms()
        self.demand_town()
        return _machine_ms() + self._offset_ms

    def get(self, path: str, *, token: str | None = None, params: Mapping[str, str] | None = None) -> Json:
        """Send a GET request, with retries. A token is sent only to the pinned town, here and below.

        Raises:  the gateway's error; CoinError (town_changed); Unavailable.
        """
        return self._send("GET", path, self._waits_s, token=token, params=params)

    def post(self, path: str, body: Json, *, token: str | None = None, repeatable: bool = True) -> Json:
        """Send a POST request, with retries. Each call has its own Idempotency-Key, so that a retry changes nothing.

        `repeatable` is false if a retry would be refused, as where the first request uses up a challenge.
        Raises:  as `get`.
        """
        key = secrets.token_hex(16)
        waits_s = self._waits_s if repeatable else ()
        return self._send("POST", path, waits_s, token=token, body=body, key=key)

    def follow(self, path: str, *, token: str, last: int | None = None) -> Iterator[Json]:
        """Yield the data of each server-sent event, until the gateway ends the stream; `last` is the id of the event to go on
        after. There are no retries.

        Raises:  as `get`; CoinError (gateway_answer_wrong), if the answer is not a stream.
        """
        self.demand_town()
        yield from self._transport.stream(path, token, last)

    def _send(self, method: str, path: str, waits_s: Sequence[float], **request: Any) -> Json:
        if request.get("token"):
            self.demand_town()
        return self._transport.request(method, path, waits_s, **request)


def _machine_ms() -> int:
    return time.time_ns() // 1_000_000
