"""JSON-RPC over HTTP: single calls and batches, and the two ways in which a node can fail.

Decides what counts as no answer (`Unavailable`: try later, nothing was lost) and what as an answer that refuses
(`NodeRefused`: the node understood, and will refuse again). Knows nothing of contracts and keeps no state.
Source: JSON-RPC 2.0; Ethereum execution APIs.
"""

import itertools
from collections.abc import Sequence
from typing import Any

import httpx

from coin.errors import CoinError, Unavailable

_BATCH = 200
Call = tuple[str, list[Any]]


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
        self._client = httpx.Client(timeout=timeout_s)
        self._url = url
        self._ids = itertools.count(1)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def __enter__(self) -> "Rpc":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(self, method: str, *params: Any) -> Any:
        """Call one method and return its result.

        Raises:  Unavailable, if the node does not answer; NodeRefused, if it answers with an error.
        """
        return _result(method, self._post(self._request(method, list(params))))

    def batch(self, calls: Sequence[Call]) -> list[Any]:
        """Call many methods in few requests; results stand in the order of the calls.

        Raises:  as `call`, for the first call that was refused.
        """
        results: list[Any] = []
        for start in range(0, len(calls), _BATCH):
            results += self._batch(calls[start : start + _BATCH])
        return results

    def _batch(self, calls: Sequence[Call]) -> list[Any]:
        requests = [self._request(method, params) for method, params in calls]
        answers = self._post(requests)
        if not isinstance(answers, list):  # a node that takes no batch, or refuses this one as a whole
            raise NodeRefused("batch", _error_of(answers))
        by_id = {answer.get("id"): answer for answer in answers}
        return [_result(request["method"], by_id.get(request["id"])) for request in requests]

    def _request(self, method: str, params: list[Any]) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}

    def _post(self, body: Any) -> Any:
        try:
            answer = self._client.post(self._url, json=body)
            answer.raise_for_status()
            return answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise _no_answer() from error


def _no_answer() -> Unavailable:
    # the URL stays out of the message: it can carry a credential
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
