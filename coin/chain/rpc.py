"""JSON-RPC over HTTP through web3's provider: single calls and batches, and the two kinds of failure.

Decides which failures are `Unavailable` (no answer: try again later, nothing was lost) and which are `NodeRefused` (the node
answered with an error, and will do so again). Knows no contract and keeps no state.
Source:  JSON-RPC 2.0; Ethereum execution APIs; web3.py 8.
"""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from coin.errors import CoinError, Unavailable

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session
    from web3 import HTTPProvider

_BATCH = 200
# The errors of requests (an OSError), and of parsing a body that is not a JSON-RPC answer.
_NO_ANSWER = (OSError, ValueError, LookupError, TypeError, AttributeError)
Call = tuple[str, list[Any]]
T = TypeVar("T")


class NodeRefused(CoinError):
    """The node answered with an error: `rpc_code`, `rpc_message` and `data`."""

    code = "node_refused"

    def __init__(self, method: str, error: dict[str, Any]) -> None:
        self.rpc_code = int(error.get("code", 0))
        self.rpc_message = str(error.get("message", ""))
        self.data = error.get("data")
        super().__init__(
            f"チェーンのノードが {method} を断りました（{self.rpc_message}）。",
            f"The node refused {method}: {self.rpc_message}",
        )


class Rpc:
    """A connection to one node. Not thread-safe."""

    def __init__(self, url: str, timeout_s: float = 30.0) -> None:
        self._session, self._provider = _connection(url, timeout_s)

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
        return _result(method, _asked(self._provider.make_request, method, list(params)))

    def batch(self, calls: Sequence[Call]) -> list[Any]:
        """Call many methods in few requests; return the results in the order of the calls.

        Raises:  as `call`, for the first refused call.
        """
        results: list[Any] = []
        for start in range(0, len(calls), _BATCH):
            results += self._batch(calls[start : start + _BATCH])
        return results

    def _batch(self, calls: Sequence[Call]) -> list[Any]:
        answers = _asked(self._provider.make_batch_request, list(calls))
        if not isinstance(answers, list):  # batches unsupported or this one refused
            raise NodeRefused("batch", _error_of(answers))
        ids = {_id_of(answer) for answer in answers} - {None}
        if not len(ids) == len(answers) == len(calls):
            raise _no_answer()  # web3 sorts by id, but not if one is missing
        return [_result(method, answer) for (method, _), answer in zip(calls, answers, strict=True)]


def _connection(url: str, timeout_s: float) -> "tuple[Session, HTTPProvider]":
    """Return a provider without retries: the caller decides whether to retry."""
    # web3 is slow to load, so it is loaded only when a node is used.
    from requests import Session
    from web3 import HTTPProvider

    logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings contain the URL
    session = Session()
    session.hooks["response"].append(_refuse_redirect)
    # Else requests would look for a credential in ~/.netrc, and prefer it to the URL's.
    session.auth = _login_in(url) or _as_it_is
    wanted = {"timeout": timeout_s, "allow_redirects": False}
    return session, HTTPProvider(url, wanted, session=session, exception_retry_configuration=None)


def _login_in(url: str) -> tuple[str, str] | None:
    from requests.utils import get_auth_from_url

    try:
        user, password = get_auth_from_url(url)
    except ValueError:  # no URL, which the first request says
        return None
    return (user, password) if user or password else None


def _as_it_is(request: "PreparedRequest") -> "PreparedRequest":
    return request


def _refuse_redirect(response: "Response", **_: object) -> None:
    """Refuse what points to another place, whatever its body says; web3 refuses the statuses from 400 on."""
    if response.status_code >= 300:
        response.close()
        raise OSError("no answer of the node")


def _asked(ask: Callable[..., T], *arguments: Any) -> T:
    try:
        return ask(*arguments)
    except _NO_ANSWER:
        pass
    raise _no_answer()  # outside the handler: the error of requests contains the URL, which may contain a credential


def _id_of(answer: Any) -> int | None:
    number = answer.get("id") if isinstance(answer, dict) else None
    return number if isinstance(number, int) else None


def _no_answer() -> Unavailable:
    return Unavailable("チェーンのノードにつながりません。", "The chain's node does not answer.")


def _error_of(answer: Any) -> dict[str, Any]:
    error = answer.get("error") if isinstance(answer, dict) else None
    return error if isinstance(error, dict) else {"message": "no JSON-RPC answer"}


def _result(method: str, answer: Any) -> Any:
    if not isinstance(answer, dict):
        raise _no_answer()
    if "error" in answer:
        raise NodeRefused(method, _error_of(answer))
    return answer.get("result")
