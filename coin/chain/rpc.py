"""JSON-RPC over HTTP by web3's provider: single calls and batches, and the two ways in which a node can fail.

Decides what counts as no answer (`Unavailable`: try later, nothing was lost) and what as an answer that refuses
(`NodeRefused`: the node understood, and will refuse again). Knows nothing of contracts and keeps no state.
Source:  JSON-RPC 2.0; Ethereum execution APIs; web3.py 8.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from coin.errors import CoinError, Unavailable

if TYPE_CHECKING:
    from requests import Session
    from web3 import HTTPProvider

_BATCH = 200
# What requests raises (an OSError), and what reading raises where the body is no answer of JSON-RPC.
_NO_ANSWER = (OSError, ValueError, LookupError, TypeError, AttributeError)
Call = tuple[str, list[Any]]
T = TypeVar("T")


class NodeRefused(CoinError):
    """The node answered with an error of its own; `rpc_code`, `rpc_message` and `data` are what it said."""

    code = "node_refused"

    def __init__(self, method: str, error: dict[str, Any]) -> None:
        self.rpc_code = int(error.get("code", 0))
        self.rpc_message = str(error.get("message", ""))
        self.data = error.get("data")
        super().__init__(
            f"チェーンのノードが {method} を断りました({self.rpc_message})。",
            f"The node refused {method}: {self.rpc_message}",
        )


class Rpc:
    """A connection to one node. Not for several threads at once."""

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
        """Call many methods in few requests; results stand in the order of the calls.

        Raises:  as `call`, for the first call that was refused.
        """
        results: list[Any] = []
        for start in range(0, len(calls), _BATCH):
            results += self._batch(calls[start : start + _BATCH])
        return results

    def _batch(self, calls: Sequence[Call]) -> list[Any]:
        answers = _asked(self._provider.make_batch_request, list(calls))
        if not isinstance(answers, list):  # a node that takes no batch, or refuses this one as a whole
            raise NodeRefused("batch", _error_of(answers))
        ids = {_id_of(answer) for answer in answers} - {None}
        if not len(ids) == len(answers) == len(calls):
            raise _no_answer()  # web3 sorts by the ids, and where one is missing it does not
        return [_result(method, answer) for (method, _), answer in zip(calls, answers, strict=True)]


def _connection(url: str, timeout_s: float) -> "tuple[Session, HTTPProvider]":
    """Return a provider that answers or fails once: whoever asks decides whether to ask again."""
    # web3 takes long to load: only who asks a node pays for it.
    from requests import Session
    from web3 import HTTPProvider

    session = Session()
    wanted = {"timeout": timeout_s, "allow_redirects": False}
    return session, HTTPProvider(url, wanted, session=session, exception_retry_configuration=None)


def _asked(ask: Callable[..., T], *arguments: Any) -> T:
    try:
        return ask(*arguments)
    except _NO_ANSWER:
        pass
    raise _no_answer()  # outside of the handler: the error of requests names the URL, which can carry a credential


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
