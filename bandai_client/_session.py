"""Requests in somebody's name: a session is opened when there is none, before it ends, and once after a refusal."""

from collections.abc import Callable, Iterator, Mapping

from bandai_client._answers import Json
from bandai_client._gateway import Gateway, Session
from coin.errors import Unauthorized

MARGIN_S = 30


class Sessions:
    """The gateway as one caller sees it; `opener` proves who that is."""

    def __init__(self, gateway: Gateway, opener: Callable[[], Session]) -> None:
        self._gateway = gateway
        self._opener = opener
        self._session: Session | None = None

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Json:
        """Ask as `Gateway.get`, with the session's token."""
        return self._with_token(lambda token: self._gateway.get(path, token=token, params=params))

    def post(self, path: str, body: Json) -> Json:
        """Send as `Gateway.post`, with the session's token."""
        return self._with_token(lambda token: self._gateway.post(path, body, token=token))

    def follow(self, path: str) -> Iterator[Json]:
        """Follow as `Gateway.follow`, with the session's token."""
        return self._gateway.follow(path, token=self._current().token)

    def open(self) -> Session:
        """Open a new session now.

        Raises: Unauthorized, if the caller is not known or revoked.
        """
        self._session = self._opener()
        return self._session

    def _with_token(self, request: Callable[[str], Json]) -> Json:
        try:
            return request(self._current().token)
        except Unauthorized:
            # The gateway may end a session before its time; a second refusal is meant.
            return request(self.open().token)

    def _current(self) -> Session:
        now_s = self._gateway.now_ms() // 1000
        if self._session is None or now_s >= self._session.expires_at_s - MARGIN_S:
            return self.open()
        return self._session
