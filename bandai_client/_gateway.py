"""The way to the gateway: one connection pool for any number of wallets and tills.

Decides when a request is repeated (only when repeating cannot do harm) and turns an answer of RFC 9457 into the
error of `coin.errors` that the gateway meant. Knows no keys. No token or secret is ever in a URL or an error.

Source: docs/architecture.md (the HTTP contract), RFC 9457, HTML Living Standard (server-sent events).
"""

import json
import secrets
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from bandai_client._answers import Json, Town, answer_wrong, take
from bandai_client._identity import another_town
from coin.errors import (
    CoinError,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    Rejected,
    Rejection,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)

WAITS_S = (0.1, 0.4, 1.6)
TIMEOUT_S = 10.0
EVENT_STREAM = "text/event-stream"
_STREAM_TIMEOUT = httpx.Timeout(TIMEOUT_S, read=40.0)  # the gateway says something every 15 seconds
_BUSY = (502, 503, 504)
_BY_STATUS: Mapping[int, type[CoinError]] = {
    400: InvalidInput,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: InvalidInput,
    422: InvalidInput,
}
_REJECTIONS = {reason.code: reason for reason in Rejection}


@dataclass(frozen=True)
class Session:
    """A short token and when it ends, by the gateway's clock."""

    token: str
    expires_at_s: int

    @classmethod
    def read(cls, answer: Json) -> "Session":
        """Read the answer to an opened session."""
        return cls(take(answer, "token", str), take(answer, "expires_at", int))


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
        self._client = client or httpx.Client(base_url=url, timeout=TIMEOUT_S)
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
        self._client.close()

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
            raise another_town(known, town, self._address)
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
        return self._repeat("GET", path, self._waits_s, token=token, params=params)

    def post(self, path: str, body: Json, *, token: str | None = None, repeatable: bool = True) -> Json:
        """Send; an Idempotency-Key of its own goes with every call, so that repeating it changes nothing.

        `repeatable` is false where a second arrival would be refused: a challenge is used up by the first.
        Raises: as `get`.
        """
        key = secrets.token_hex(16)
        waits_s = self._waits_s if repeatable else ()
        return self._repeat("POST", path, waits_s, token=token, body=body, key=key)

    def follow(self, path: str, *, token: str) -> Iterator[Json]:
        """Give the data of each server-sent event, until the gateway ends the stream. Nothing is repeated here.

        Raises: as `get`; CoinError (gateway_answer_wrong), if there is no stream.
        """
        self.demand_town()
        headers = {"Authorization": f"Bearer {token}", "Accept": EVENT_STREAM}
        try:
            with self._client.stream("GET", path, headers=headers, timeout=_STREAM_TIMEOUT) as response:
                kind = response.headers.get("Content-Type", "").partition(";")[0]
                if not response.is_success or kind != EVENT_STREAM:
                    response.read()
                    _read(response)
                    raise answer_wrong("no event stream")
                yield from _events(response.iter_lines())
        except httpx.TransportError as error:
            raise self._silent(error) from None

    @property
    def _address(self) -> str:
        base = self._client.base_url
        return f"{base.scheme}://{base.netloc.decode()}"  # never the userinfo

    def _silent(self, error: httpx.TransportError) -> Unavailable:
        return Unavailable(
            f"サーバーにつながりません。通信と URL（{self._address}）を確かめて、しばらくしてからもう一度お試しください。",
            f"The gateway at {self._address} does not answer ({type(error).__name__}).",
        )

    def _repeat(self, method: str, path: str, waits_s: Sequence[float], **request: Any) -> Json:
        if request.get("token"):
            self.demand_town()
        for wait_s in waits_s:
            try:
                return self._once(method, path, **request)
            except Unavailable:
                time.sleep(wait_s)
        return self._once(method, path, **request)

    def _once(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        params: Mapping[str, str] | None = None,
        body: Json | None = None,
        key: str | None = None,
    ) -> Json:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        try:
            response = self._client.request(method, path, params=params, json=body, headers=headers)
        except httpx.TransportError as error:
            raise self._silent(error) from None
        return _read(response)


def _machine_ms() -> int:
    return time.time_ns() // 1_000_000


def _unavailable(about: str) -> Unavailable:
    return Unavailable(
        "サーバーにつながりません。しばらくしてからもう一度お試しください。",
        f"The gateway does not answer ({about}).",
    )


def _events(lines: Iterator[str]) -> Iterator[Json]:
    data: list[str] = []
    for line in lines:
        if line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and data:
            yield _object("\n".join(data), "an event")
            data = []


def _object(text: str | bytes, where: str) -> Json:
    try:
        answer = json.loads(text)
        is_plain = _is_plain(answer)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise answer_wrong(f"{where} without a JSON object")
    if not is_plain:
        raise answer_wrong(f"{where} with a control character")
    return answer


def _is_plain(value: object) -> bool:
    """Whether a terminal prints every text as it is: what moves the cursor could hide a name or an amount."""
    if isinstance(value, dict):
        return all(_is_plain(part) for part in value.values())
    if isinstance(value, list):
        return all(_is_plain(part) for part in value)
    # The full-width space of Japanese names is the one space that Python does not call printable.
    return not isinstance(value, str) or value.replace("\u3000", " ").isprintable()


def _read(response: httpx.Response) -> Json:
    if response.status_code in _BUSY:
        raise _unavailable(f"status {response.status_code}")
    answer = _object(response.content, f"status {response.status_code}")
    if response.is_success:
        return answer
    raise error_of(answer, response.status_code, response.headers.get("Retry-After"))


def error_of(problem: Json, status: int, retry_after: str | None = None) -> CoinError:
    """Give the error that a problem (RFC 9457), or a refused payment, stands for; its title is Japanese."""
    code = str(problem.get("code", "gateway_failed"))
    field = problem.get("field")
    field = field if isinstance(field, str) else None
    if code in _REJECTIONS:
        return Rejected(_REJECTIONS[code], field=field)
    if status == 429:
        return TooManyRequests(int(retry_after) if retry_after and retry_after.isdigit() else 1)
    kind = _BY_STATUS.get(status, CoinError)
    ja = str(problem.get("title") or f"サーバーでエラーが起きました（{status}）。")
    return kind(ja, str(problem.get("detail") or ja), field=field, code=code)
