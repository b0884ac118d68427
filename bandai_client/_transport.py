"""Requests to one address and the answers as JSON objects, through httpx.

Decides when a request is retried (only if there was no answer, only as often as the caller allows, and only within one
patience), and refuses answers that are too large or have terminal control characters. Knows no town and no keys. No token or
secret is ever in a URL or an error.

Source:  RFC 9457, HTML Living Standard (server-sent events).
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx

from bandai_client._errors import answer_wrong, error_of
from bandai_client._patience import TooLong, end_s, within
from bandai_client._reading import Json
from coin.errors import Unavailable
from coin.parsing import parse_json

TIMEOUT_S = 10.0  # of one step; how long an answer may take is `patience_s`
MAX_ANSWER_BYTES = 8 * 1024 * 1024
EVENT_STREAM = "text/event-stream"
_STREAM_TIMEOUT = httpx.Timeout(TIMEOUT_S, read=40.0)  # the gateway sends something every 15 seconds
_BUSY = (502, 503, 504)


class Transport:
    """A pool of connections to one address. Threads may share it."""

    def __init__(self, client: httpx.Client, patience_s: float) -> None:
        self._client = client
        self._patience_s = patience_s

    @property
    def address(self) -> str:
        """The address without a user name or password."""
        base = self._client.base_url
        return f"{base.scheme}://{base.netloc.decode()}"

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def request(self, method: str, path: str, waits_s: Sequence[float], **request: Any) -> Json:
        """Send a request; retry after each of the pauses `waits_s` while there is no answer and patience is left.

        Raises:  the gateway's error; Unavailable.
        """
        until_s = end_s(self._patience_s)
        for wait_s in waits_s:
            try:
                return self._once(method, path, until_s, **request)
            except Unavailable:
                if time.monotonic() + wait_s >= until_s:
                    raise
                time.sleep(wait_s)
        return self._once(method, path, until_s, **request)

    def stream(self, path: str, token: str, last: int | None = None) -> Iterator[Json]:
        """Yield the data of each server-sent event, until the stream ends; `last` is the id of the event to go on after.
        There are no retries.

        Raises:  as `request`; CoinError (gateway_answer_wrong), if the answer is not a stream.
        """
        headers = _bearer(token) | {"Accept": EVENT_STREAM, "Accept-Encoding": "identity"}
        headers |= {} if last is None else {"Last-Event-ID": str(last)}
        try:
            with self._client.stream("GET", path, headers=headers, timeout=_STREAM_TIMEOUT) as response:
                kind = response.headers.get("Content-Type", "").partition(";")[0]
                if not response.is_success or kind != EVENT_STREAM:
                    _read(response, response.read())
                    raise answer_wrong("no event stream")
                yield from _events(response.iter_lines())
        except httpx.RequestError as error:
            raise self._silent(error) from None

    def _once(
        self,
        method: str,
        path: str,
        until_s: float,
        *,
        token: str | None = None,
        params: Mapping[str, str] | None = None,
        body: Json | None = None,
        key: str | None = None,
    ) -> Json:
        headers = {"Accept-Encoding": "identity"} | (_bearer(token) if token else {})
        headers |= {"Idempotency-Key": key} if key else {}
        request = self._client.build_request(method, path, params=params, json=body, headers=headers)
        try:
            response, content = within(until_s - time.monotonic(), lambda: self._exchange(request))
        except (httpx.TransportError, TooLong) as error:
            raise self._silent(error) from None
        return _read(response, content)

    def _exchange(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        response = self._client.send(request, stream=True)
        try:
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise answer_wrong("packed, which nobody asked for")  # unpacked it could fill the memory
            content = b""
            for part in response.iter_bytes():
                content += part
                if len(content) > MAX_ANSWER_BYTES:
                    raise answer_wrong("without an end")
            return response, content
        finally:
            response.close()

    def _silent(self, error: Exception) -> Unavailable:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return Unavailable(
                f"{self.address} の証明書を確かめられません。この端末の日付と時刻、URL を確かめてください。",
                f"The certificate of {self.address} cannot be verified; check this machine's date and time, and the URL.",
            )
        return Unavailable(
            f"サーバーにつながりません。通信と URL（{self.address}）を確かめて、しばらくしてからもう一度お試しください。",
            f"The gateway at {self.address} does not answer ({type(error).__name__}).",
        )


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _read(response: httpx.Response, content: bytes) -> Json:
    if response.status_code in _BUSY:
        raise Unavailable(
            "サーバーにつながりません。しばらくしてからもう一度お試しください。",
            f"The gateway does not answer (status {response.status_code}).",
        )
    answer = _object(content, f"status {response.status_code}")
    if response.is_success:
        return answer
    raise error_of(answer, response.status_code, response.headers.get("Retry-After"))


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
        answer = parse_json(text)
        is_plain = _is_plain(answer)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise answer_wrong(f"{where} without a JSON object")
    if not is_plain:
        raise answer_wrong(f"{where} with a control character")
    return answer


def _is_plain(value: object) -> bool:
    """Return whether every text is free of control characters, which could hide a name or an amount on a terminal."""
    if isinstance(value, dict):
        return all(_is_plain(part) for part in value.values())
    if isinstance(value, list):
        return all(_is_plain(part) for part in value)
    # Python's isprintable refuses the full-width space, which Japanese names contain.
    return not isinstance(value, str) or value.replace("\u3000", " ").isprintable()
