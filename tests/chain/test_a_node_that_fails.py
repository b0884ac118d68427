"""Every failure of a node becomes one of two errors, and no error contains its URL, which may contain a credential."""

import json
import subprocess
import sys
import threading
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from coin.chain.contract import BandaiCoin
from coin.chain.rpc import NodeRefused, Rpc
from coin.chain.transactions import demand_chain
from coin.core import keccak256
from coin.errors import CoinError, InvalidInput, Unavailable

Said = tuple[int, bytes]
Answer = Callable[[Any], Said]


@contextmanager
def node(answer: Answer, *, header: bytes = b"", login: str = "clerk:open-sesame") -> Iterator[Rpc]:
    """A node on this machine that answers each request as told, reached by a URL with credentials in it."""

    wanted = f"Basic {b64encode(login.encode()).decode()}" if login else None

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            is_known = self.headers["Authorization"] == wanted
            status, body = answer(asked) if is_known else (401, b"")
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.flush_headers()
            self.wfile.write(header)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        url = f"http://{login}@127.0.0.1:{server.server_port}/v3/open-sesame"
        with Rpc(url, timeout_s=5.0) as rpc:
            yield rpc
        server.shutdown()


def text(body: Any, status: int = 200) -> Said:
    return status, json.dumps(body).encode()


def result(asked: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": asked["id"], "result": asked["params"]}


NO_ANSWER = {
    "not allowed": lambda _: text({"error": "no"}, 401),
    "a broken server": lambda asked: text(result(asked), 502),
    "another place": lambda _: (302, b"<html>"),
    "another place, with an answer": lambda asked: text(result(asked), 307),
    "no JSON": lambda _: (200, b"<html>"),
    "no text": lambda _: (200, b"\xff\xff"),
    "no object": lambda _: text("hello"),
    "a number without end": lambda _: (200, b'{"id": 0, "result": ' + b"9" * 5_000 + b"}"),
}


@pytest.mark.parametrize("answer", NO_ANSWER.values(), ids=NO_ANSWER)
def test_what_is_no_answer_is_unavailable_and_tells_no_url(answer: Answer) -> None:
    with node(answer) as rpc, pytest.raises(Unavailable) as failed:
        rpc.call("eth_chainId")

    assert told(failed.value) == []


def test_a_node_with_broken_headers_has_no_warning_that_tells_its_url(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with node(lambda asked: text(result(asked)), header=b"no colon\r\n") as rpc:
        answer = rpc.call("eth_call", 1)

    assert answer == [1]
    assert "sesame" not in caplog.text


@pytest.mark.parametrize("login", ["clerk:open-sesame", ""])
def test_a_node_gets_the_credential_of_its_url_and_no_other_of_the_machine(
    login: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "netrc"
    kept.write_text("machine 127.0.0.1 login clerk password another\n", "ascii")
    monkeypatch.setenv("NETRC", str(kept))

    with node(lambda asked: text(result(asked)), login=login) as rpc:
        assert rpc.call("eth_call", 1) == [1]


def test_a_node_that_is_away_is_unavailable_and_tells_no_url() -> None:
    with node(lambda asked: text(result(asked))) as rpc:
        pass  # it has gone

    with pytest.raises(Unavailable) as failed:
        rpc.call("eth_chainId")

    assert told(failed.value) == []


NESTED = """
import sys
from tests.chain.test_a_node_that_fails import node
from coin.errors import Unavailable
sys.setrecursionlimit(1_000)  # as it is before the tests' own libraries raise it
with node(lambda _: (200, b"[" * 100_000)) as rpc:
    try:
        rpc.call("eth_chainId")
    except Unavailable as error:
        print(error.code)
"""


def test_an_answer_that_is_nested_without_end_does_not_end_the_process(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NESTED], cwd=root, capture_output=True, text=True, check=False
    )

    assert done.stdout == "node_unavailable\n", done.stderr


def test_where_the_node_is_that_does_not_answer_is_said_in_both_languages() -> None:
    with (
        Rpc("http://clerk:open-sesame@127.0.0.1:1/v3/open-sesame") as rpc,
        pytest.raises(Unavailable) as failed,
    ):
        rpc.call("eth_chainId")

    assert failed.value.code == "node_unavailable"
    assert all("http://127.0.0.1:1 " in said for said in (failed.value.ja, failed.value.en))


def test_a_node_of_another_chain_is_refused_with_both_chains_and_its_place() -> None:
    with (
        node(lambda asked: text({"id": asked["id"], "result": "0x1"})) as rpc,
        pytest.raises(InvalidInput) as refused,
    ):
        demand_chain(rpc, 31_337)

    assert refused.value.code == "chain_differs"
    assert all(said in refused.value.en for said in (rpc.place, "chain 1,", "chain 31337"))
    assert told(refused.value) == []


def test_a_mistake_of_ours_is_no_failure_of_the_node() -> None:
    with node(lambda asked: text(result(asked))) as rpc:
        for ask in (lambda: rpc.call("eth_call", object()), lambda: rpc.batch([("eth_call", [object()])])):
            with pytest.raises(TypeError):
                ask()


@pytest.mark.parametrize("error", [{"code": "x", "message": 1}, {"code": None}, "no", None])
def test_a_refusal_in_no_form_is_a_refusal(error: object) -> None:
    with node(lambda asked: text({"id": asked["id"], "error": error})) as rpc, pytest.raises(NodeRefused):
        rpc.call("eth_chainId")


@pytest.mark.parametrize("url", ["http://open-sesame@[", "open-sesame", ""])
def test_a_node_at_no_url_is_unavailable(url: str) -> None:
    with Rpc(url) as rpc, pytest.raises(Unavailable) as failed:
        rpc.call("eth_chainId")

    assert told(failed.value) == []


def test_what_a_node_refuses_is_said_as_it_said_it_and_tells_no_url() -> None:
    error = {"code": -32000, "message": "nonce too low", "data": "0x1234"}

    with (
        node(lambda asked: text({"id": asked["id"], "error": error})) as rpc,
        pytest.raises(NodeRefused) as refused,
    ):
        rpc.call("eth_sendRawTransaction", "0x")

    assert (refused.value.rpc_code, refused.value.rpc_message, refused.value.data) == tuple(error.values())
    assert told(refused.value) == []


def test_answers_to_a_batch_stand_in_the_order_of_the_calls_however_they_come() -> None:
    with node(lambda asked: text([result(one) for one in reversed(asked)])) as rpc:
        answers = rpc.batch([("eth_call", [number]) for number in range(450)])

    assert answers == [[number] for number in range(450)]


SHORT = {
    "one missing": lambda asked: text([result(one) for one in asked[1:]]),
    "without ids": lambda asked: text([{"result": "0x"} for _ in asked]),
    "one of no id": lambda asked: text([*map(result, asked[1:]), {"id": None, "error": {"message": "no"}}]),
    "no objects": lambda asked: text(["0x" for _ in asked]),
    "one twice": lambda asked: text([*map(result, asked), result(asked[0])]),
    "one of no id too many": lambda asked: text([*map(result, asked), {"id": None, "result": "0x"}]),
}


@pytest.mark.filterwarnings("ignore:Received batch response with missing:RuntimeWarning")  # web3's
@pytest.mark.parametrize("answer", SHORT.values(), ids=SHORT)
def test_a_batch_that_is_not_answered_whole_is_unavailable(answer: Answer) -> None:
    with node(answer) as rpc, pytest.raises(Unavailable):
        rpc.batch([("eth_call", [number]) for number in range(3)])


HOLDER = b"\xa1" * 20
READS: dict[str, Callable[[BandaiCoin], object]] = {
    "a view": lambda contract: contract.is_nonce_used(HOLDER, bytes(32)),
    "many words": lambda contract: contract.accounts([HOLDER]),
    "a simulation": lambda contract: contract.simulate(b"", HOLDER),
}
NONE_OF_OURS = {
    "too short": "0x01",
    "a length without end": "0x" + (32).to_bytes(32, "big").hex() + "ff" * 32,
    "no hex": "0xzz",
    "null": None,
    "a number": 7,
    "a reason that there is not": "0x" + b"".join(n.to_bytes(32, "big") for n in (32, 2)).hex() + "ee" * 32,
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@pytest.mark.parametrize("said", NONE_OF_OURS.values(), ids=NONE_OF_OURS)
def test_an_answer_that_is_none_of_the_contracts_is_an_error_of_ours(
    read: Callable[[BandaiCoin], object], said: object
) -> None:
    def answer(asked: Any) -> Said:
        answers = [
            {"id": one["id"], "result": said} for one in (asked if isinstance(asked, list) else [asked])
        ]
        return text(answers if isinstance(asked, list) else answers[0])

    with node(answer) as rpc, pytest.raises(Unavailable) as failed:
        read(BandaiCoin(rpc, b"\xc0" * 20))

    assert failed.value.code == "contract_answer_wrong"


REFUSALS = {
    "0x" + keccak256(b"NotAllowed()")[:4].hex(): "NotAllowed",
    "0x" + keccak256(b"NotAllowed()")[:4].hex() + "1": "NotAllowed",
    "0x" + keccak256(b"Unheard()")[:4].hex(): "as the node says it",
    "0x1": "as the node says it",
    "0xzzzzzzzz": "as the node says it",
    "Reverted": "as the node says it",
}


@pytest.mark.parametrize(("data", "revert"), REFUSALS.items())
def test_a_simulation_that_reverts_names_the_contracts_error_or_says_what_the_node_said(
    data: str, revert: str
) -> None:
    error = {"code": 3, "message": "as the node says it", "data": data}

    with node(lambda asked: text({"id": asked["id"], "error": error})) as rpc:
        simulated = BandaiCoin(rpc, b"\xc0" * 20).simulate(b"", HOLDER)

    assert (simulated.revert, simulated.reasons) == (revert, ())


def test_a_node_that_takes_no_batches_refuses_by_its_own_words() -> None:
    with (
        node(lambda _: text({"id": None, "error": {"code": -1, "message": "no batches"}})) as rpc,
        pytest.raises(NodeRefused, match="no batches"),
    ):
        rpc.batch([("eth_call", [])])


def told(error: CoinError) -> list[str]:
    """Where an error, or one that stands behind it, says the secret of the URL."""
    chain = [error, error.__cause__, error.__context__]
    said = [str(item) for item in chain if item] + traceback.format_exception(error)
    return [line for line in said if "sesame" in line]
