"""The way to the gateway of one town: one connection pool for any number of wallets and tills.

Decides that a token goes to the pinned town only, which requests may be repeated (those that do no harm twice), and by which
clock to sign. Knows no keys.

Source: docs/architecture.md (the HTTP contract).
"""

import secrets
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx

from bandai_client._reading import Json, take
from bandai_client._town import Town, another_town
from bandai_client._transport import TIMEOUT_S, Transport
from coin.errors import InvalidInput

WAITS_S = (0.1, 0.4, 1.6)


def gateway_url(typed: str) -> str:
    """The address of a gateway that a person typed, as it is written everywhere: capitals of a keyboard that begins words
    with them are made small, and the slash that browsers put at the end is taken away.

    Raises: InvalidInput (gateway_url_malformed), also for one with a user's name, a question mark or a fragment.
    """
    try:
        url = httpx.URL(unicodedata.normalize("NFKC", typed).strip().rstrip("/"))
        is_one = url.scheme in ("http", "https") and bool(url.host)
        is_bare = not (url.userinfo or url.query or url.fragment)
    except httpx.InvalidURL:
        is_one = is_bare = False
    if not (is_one and is_bare):
        raise InvalidInput(  # what was typed may hold a password, and is not repeated
            "サーバーの URL ではありません（https://coin.example.jp のように書いてください）。",
            "This is no URL of a gateway (write it like https://coin.example.jp).",
            field="gateway",
            code="gateway_url_malformed",
        )
    return str(url).rstrip("/")


class Gateway:
    """A town's gateway. Safe to share between threads; close it, or use it in a `with`."""

    def __init__(
        self,
        url: str,
        *,
        client: httpx.Client | None = None,
        pinned: Town | None = None,
        now_ms: Callable[[], int] | None = None,
        waits_s: Sequence[float] = WAITS_S,
    ) -> None:
        """Prepare a connection; nothing is sent yet.

        `pinned` is the town as it was when the wallet was made: a gateway that says otherwise is refused.
        `now_ms` gives the time; without it the machine's, moved to the gateway's for a demo town.
        `waits_s` are the pauses before a silent gateway is asked again.
        """
        self._transport = Transport(client or httpx.Client(base_url=url, timeout=TIMEOUT_S))
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
        """The town this gateway serves, asked once.

        Raises: CoinError (town_changed), if it is not the pinned one.
        """
        return self._town or self.refresh()

    def refresh(self) -> Town:
        """Ask for the town and, in a demo, for its clock again."""
        answer = self.get("/v1/municipality")
        town = Town.read(answer)
        known = self._pinned or self._town
        if known is not None and town != known:
            raise another_town(known, town, self._transport.address)
        self._offset_ms = take(answer, "now_ms", int) - _machine_ms() if town.is_demo else 0
        self._town = town
        return town

    def demand_town(self) -> None:
        """See that the pinned town answers, before anything secret is sent. Raises: as `town`."""
        if self._town is None:
            self.refresh()

    def now_ms(self) -> int:
        """Give the time by which to sign: the machine's, or the demo's."""
        if self._now_ms is not None:
            return self._now_ms()
        self.demand_town()
        return _machine_ms() + self._offset_ms

    def get(self, path: str, *, token: str | None = None, params: Mapping[str, str] | None = None) -> Json:
        """Ask; repeated when the gateway does not answer. A token goes to the pinned town only, here and below.

        Raises: CoinError as the gateway meant it; CoinError (town_changed); Unavailable.
        """
        return self._send("GET", path, self._waits_s, token=token, params=params)

    def post(self, path: str, body: Json, *, token: str | None = None, repeatable: bool = True) -> Json:
        """Send; an Idempotency-Key of its own goes with every call, so that repeating it changes nothing.

        `repeatable` is false where a second arrival would be refused: a challenge is used up by the first.
        Raises: as `get`.
        """
        key = secrets.token_hex(16)
        waits_s = self._waits_s if repeatable else ()
        return self._send("POST", path, waits_s, token=token, body=body, key=key)

    def follow(self, path: str, *, token: str) -> Iterator[Json]:
        """Give the data of each server-sent event, until the gateway ends the stream. Nothing is repeated here.

        Raises: as `get`; CoinError (gateway_answer_wrong), if there is no stream.
        """
        self.demand_town()
        yield from self._transport.stream(path, token)

    def _send(self, method: str, path: str, waits_s: Sequence[float], **request: Any) -> Json:
        if request.get("token"):
            self.demand_town()
        return self._transport.request(method, path, waits_s, **request)


def _machine_ms() -> int:
    return time.time_ns() // 1_000_000
