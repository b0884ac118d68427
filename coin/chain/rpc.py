"""JSON-RPC over HTTP through web3's provider: single calls and batches, and the two kinds of failure.

Decides which failures are `Unavailable` (no answer: try again later, nothing was lost) and which are `NodeRefused` (the node
answered with an error, and will do so again). A question that cannot be written is a mistake of ours, and no failure of the
node. Knows no contract and keeps no state.
Source:  JSON-RPC 2.0; Ethereum execution APIs; web3.py 8.
"""

import logging
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from coin.errors import CoinError, Unavailable

if TYPE_CHECKING:
    from requests import PreparedRequest, Session
    from web3 import HTTPProvider
    from web3.types import RPCEndpoint

_BATCH = 200
# The errors of requests, of a URL that is none, and of a body that is no JSON or is nested without end.
_NO_ANSWER = (OSError, ValueError, RecursionError)
Call = tuple[str, list[Any]]


class NodeRefused(CoinError):
    """The node answered with an error: `rpc_code`, `rpc_message` and `data`."""

    code = "node_refused"

    def __init__(self, method: str, error: dict[str, Any]) -> None:
        number = error.get("code")
        self.rpc_code = number if isinstance(number, int) else 0
        self.rpc_message = str(error.get("message", ""))
        self.data = error.get("data")
        super().__init__(
            f"チェーンのノードが {method} を断りました（{self.rpc_message}）。",
            f"The node refused {method}: {self.rpc_message}",
        )


class Rpc:
    """A connection to one node. Not thread-safe."""

    def __init__(self, url: str, timeout_s: float = 30.0) -> None:
        self._url, self._timeout_s = url, timeout_s
        self._session, self._provider = _connection(url)

    @property
    def place(self) -> str:
        """Where the node is, without credentials: for messages."""
        return shown(self._url)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def __enter__(self) -> "Rpc":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(self, method: str, *params: Any) -> Any:
        """Call one method and return its result.

        Raises:  Unavailable, if the node does not answer; NodeRefused, if it answers with an error.
        """
        return self._result(
            method, self._ask(self._provider.encode_rpc_request(cast("RPCEndpoint", method), list(params)))
        )

    def batch(self, calls: Sequence[Call]) -> list[Any]:
        """Call many methods in few requests; return the results in the order of the calls.

        Raises:  as `call`, for the first refused call.
        """
        results: list[Any] = []
        for start in range(0, len(calls), _BATCH):
            results += self._batch(calls[start : start + _BATCH])
        return results

    def _batch(self, calls: Sequence[Call]) -> list[Any]:
        answers = self._ask(
            self._provider.encode_batch_rpc_request(cast("list[tuple[RPCEndpoint, Any]]", list(calls)))
        )
        if not isinstance(answers, list):  # batches unsupported or this one refused
            raise NodeRefused("batch", _error_of(answers))
        ids = {_id_of(answer) for answer in answers} - {None}
        if not len(ids) == len(answers) == len(calls):
            raise self._no_answer()
        in_order = sorted(answers, key=lambda answer: _id_of(answer) or 0)
        return [self._result(method, answer) for (method, _), answer in zip(calls, in_order, strict=True)]

    def _ask(self, question: bytes) -> Any:
        """Post a question, and return the JSON of the answer; a status from 300 on is no answer, whatever its body says."""
        headers = self._provider.get_request_headers()
        try:
            with self._session.post(
                self._url, question, headers=headers, timeout=self._timeout_s, allow_redirects=False
            ) as response:
                if response.status_code < 300:
                    return self._provider.decode_rpc_response(response.content)
        except _NO_ANSWER:
            pass
        raise self._no_answer()  # outside the handler: the error of requests contains the URL, which may contain a credential

    def _result(self, method: str, answer: Any) -> Any:
        if not isinstance(answer, dict):
            raise self._no_answer()
        if "error" in answer:
            raise NodeRefused(method, _error_of(answer))
        return answer.get("result")

    def _no_answer(self) -> Unavailable:
        return Unavailable(
            f"チェーンのノード {self.place} につながりません。動いているか、場所が合っているかを確かめてください。",
            f"The chain's node {self.place} does not answer: is it running, and is its address right?",
            code="node_unavailable",
        )


def shown(url: str) -> str:
    """Return scheme, host and port of a node's URL; a name, a password or a path may be its credential."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "?"
    return f"{parts.scheme}://{parts.hostname}{port}" if parts.hostname else "?"


def _connection(url: str) -> "tuple[Session, HTTPProvider]":
    """Return a session, and the provider that writes and reads its messages."""
    # web3 is slow to load, so it is loaded only when a node is used. One of its libraries (py_ecc) raises Python's limit of nesting
    # so far that an answer of a hundred thousand brackets ends the process.
    depth = sys.getrecursionlimit()
    from requests import Session
    from web3 import HTTPProvider

    sys.setrecursionlimit(depth)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings contain the URL
    session = Session()
    # Else requests would look for a credential in ~/.netrc, and prefer it to the URL's.
    session.auth = _login_in(url) or _as_it_is
    return session, HTTPProvider(url, session=session)


def _login_in(url: str) -> tuple[str, str] | None:
    from requests.utils import get_auth_from_url

    try:
        user, password = get_auth_from_url(url)
    except ValueError:  # no URL, which the first request says
        return None
    return (user, password) if user or password else None


def _as_it_is(request: "PreparedRequest") -> "PreparedRequest":
    return request


def _id_of(answer: Any) -> int | None:
    number = answer.get("id") if isinstance(answer, dict) else None
    return number if isinstance(number, int) else None


def _error_of(answer: Any) -> dict[str, Any]:
    error = answer.get("error") if isinstance(answer, dict) else None
    return error if isinstance(error, dict) else {"message": "no JSON-RPC answer"}
