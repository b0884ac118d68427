"""The middleware around every route. It refuses an ambiguous request (one that two parsers could read differently), limits
the size of a body and requires JSON, adds security headers to every answer, and hides the text of unexpected errors.

It is plain ASGI, so that it costs a payment only microseconds.
"""

import asyncio
import logging
import traceback
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import InternalError, response_of
from api.validation import body_malformed, demand_plain_json
from coin.errors import CoinError, InvalidInput, InvariantBroken

MAX_BODY_BYTES = 65_536
BODY_LIFE_S = 10.0
_HAS_BODY = ("POST", "PUT", "PATCH")
_ONCE = (b"authorization", b"content-length", b"content-type", b"host", b"idempotency-key")
_USUAL_HEADERS = {
    # Balances and receipts must not be cached, and no browser may sniff, frame or run an answer.
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_log = logging.getLogger("bandai.api")


class AnswerHeaders:
    """Adds the default headers to every answer that has none of its own; the outermost middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _USUAL_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class Guard:
    """Limits bodies, refuses other content types, and answers an unexpected error without its text."""

    def __init__(
        self, app: ASGIApp, *, stop: Callable[[], None] | None = None, body_life_s: float = BODY_LIFE_S
    ) -> None:
        self._app = app
        self._stop = stop
        self._body_life_s = body_life_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":  # GET without its body, which the server leaves out (RFC 9110 §9.3.2)
            scope = {**scope, "method": "GET"}
        try:
            _demand_one_reading(scope)
            bounded = await self._bounded(scope, receive) if scope["method"] in _HAS_BODY else receive
        except CoinError as error:
            await response_of(error)(scope, receive, send)
            return
        await self._run(scope, bounded, send)

    async def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length[:20]) > MAX_BODY_BYTES:
            raise _too_large()
        try:
            async with asyncio.timeout(self._body_life_s):
                body = await _read(receive)
        except TimeoutError:
            raise _too_slow() from None
        if body:
            _demand_json(headers.get(b"content-type", b""), body)
        return _replay(body, receive)

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except InvariantBroken:
            # Not handled here: the process stops. The answer only tells the caller so.
            if self._stop is not None:
                self._stop()
            raise
        except Exception as error:
            log_unforeseen(error)
            if started:
                raise
            await response_of(InternalError())(scope, receive, send)


def log_unforeseen(error: Exception) -> None:
    """Log where an error was raised, never its text: a database's error quotes the refused row."""
    places = " < ".join(
        f"{f.filename}:{f.lineno}" for f in reversed(traceback.extract_tb(error.__traceback__))
    )
    _log.error("unforeseen %s at %s", type(error).__name__, places)


def _demand_one_reading(scope: Scope) -> None:
    # With two such headers a proxy may use the first and we the second: a caller could be rate limited under one name and
    # served under another.
    names = [name for name, _ in scope["headers"]]
    if b"transfer-encoding" in names and b"content-length" in names:
        raise InvalidInput(  # RFC 9112 §6.1: close the connection too, since another parser may see the body end elsewhere
            "本文の長さが2通りに書かれています。",
            "The body has both a Content-Length and chunks; only one is allowed.",
            field="transfer-encoding",
            code="framing_ambiguous",
        )
    for name in _ONCE:
        if names.count(name) > 1:
            raise InvalidInput(
                "同じヘッダーが2回あります。",
                "A header that may occur once occurred twice.",
                field=name.decode(),
                code="header_repeated",
            )


def _demand_json(content_type: bytes, body: bytes) -> None:
    if content_type.split(b";")[0].strip().lower() != b"application/json":
        raise InvalidInput(
            "本文は application/json で送ってください。",
            "The body must be application/json.",
            field="Content-Type",
            code="content_type_unsupported",
        )
    if not _is_utf8(body):
        raise body_malformed()
    demand_plain_json(body)


def _is_utf8(body: bytes) -> bool:
    # Python's JSON parser also accepts UTF-16 and UTF-32; any such text has a zero byte or is not UTF-8 (RFC 8259 §8.1).
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in body


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break
        part = message.get("body", b"")
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise _too_large()
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    unread: bytes | None = body

    async def again() -> Message:
        nonlocal unread
        if unread is None:
            return await receive()
        message, unread = {"type": "http.request", "body": unread, "more_body": False}, None
        return message

    return again


def _too_large() -> InvalidInput:
    return InvalidInput(
        f"本文は {MAX_BODY_BYTES} バイトまでです。",
        f"The body may have at most {MAX_BODY_BYTES} bytes.",
        code="body_too_large",
    )


def _too_slow() -> InvalidInput:
    return InvalidInput(
        f"本文が {BODY_LIFE_S:.0f} 秒以内に届きませんでした。",
        f"The body did not arrive within {BODY_LIFE_S:.0f} s.",
        code="body_too_slow",
    )
