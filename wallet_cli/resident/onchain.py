"""Verifies that a payment is on the chain, by asking a node and not the gateway.

Checks the transaction itself: the contract executed it, our signature is in its data, the amount moved, and the
authorization is used. It trusts the node.

Source:  Ethereum JSON-RPC; EIP-3009 (authorizationState); EIP-2098.
"""

from typing import Any

import httpx

from bandai_client import Authorization, Json, Town
from coin.core import keccak256
from coin.errors import CoinError, Unavailable
from coin.messages import checksum_address, nonce_word, to_64

TRANSFER_TOPIC = "0x" + keccak256(b"Transfer(address,address,uint256)").hex()
SETTLED_TOPIC = "0x" + keccak256(b"Settled(uint256,uint256,uint256,uint256,bytes32)").hex()
SKIPPED_TOPIC = "0x" + keccak256(b"Skipped(uint64,uint8,uint8)").hex()
_STATE_SELECTOR = keccak256(b"authorizationState(address,bytes32)")[:4]


def not_on_chain(ja: str, en: str) -> CoinError:
    """Return the error for a payment that is not on the chain."""
    return CoinError(f"チェーンで確認できません: {ja}", f"Not on the chain: {en}", code="not_on_chain")


class Node:
    """A node of the chain."""

    def __init__(self, url: str, client: httpx.Client | None = None) -> None:
        self._url = url
        self._client = client or httpx.Client(timeout=10)

    def call(self, method: str, *parameters: Any) -> Any:
        """Call a JSON-RPC method of the node.

        Raises:  Unavailable, if it does not answer; CoinError (node_refused), if it answers with an error.
        """
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        try:
            answer = self._client.post(self._url, json=body).json()
        except (httpx.TransportError, ValueError):
            raise Unavailable("ノードにつながりません。", "The node does not answer.") from None
        if not isinstance(answer, dict) or "result" not in answer:
            raise CoinError(
                "ノードがエラーを返しました。", "The node answered with an error.", code="node_refused"
            )
        return answer["result"]


def find_transaction(node: Node, town: Town, sequence: int) -> bytes:
    """Return the transaction that settled the record with this number of the journal.

    Raises:  CoinError (not_on_chain), if no batch of the contract has it yet; Unavailable.
    """
    contract = checksum_address(town.domain.verifying_contract)
    wanted = {"address": contract, "topics": [SETTLED_TOPIC], "fromBlock": "0x0", "toBlock": "latest"}
    for log in _logs({"logs": node.call("eth_getLogs", wanted)}):
        data = _bytes(log, "data")
        first, count = (int.from_bytes(data[at : at + 32], "big") for at in (0, 32))
        if first <= sequence < first + count:
            return _bytes(log, "transactionHash")
    raise not_on_chain(
        "まだ書き込まれていません。数分かかることがあります。", "no batch has it yet; it can take minutes"
    )


def verify(node: Node, town: Town, authorization: Authorization, sequence: int, transaction: bytes) -> int:
    """Verify that a transaction executed this payment.

    Returns: the number of its block.
    Raises:  CoinError (not_on_chain) saying what is missing; Unavailable.
    """
    name = "0x" + transaction.hex()
    receipt, sent = (
        node.call("eth_getTransactionReceipt", name),
        node.call("eth_getTransactionByHash", name),
    )
    if not isinstance(receipt, dict) or not isinstance(sent, dict):
        raise not_on_chain("取引がありません。", "the node knows no such transaction")
    _check_run(node, town, receipt)
    if to_64(authorization.signature) not in _bytes(sent, "input"):
        raise not_on_chain("取引にこの支払いの署名がありません。", "the signature is not in the transaction")
    _check_logs(town, receipt, authorization, sequence)
    if not _is_used(node, town, authorization):
        raise not_on_chain("支払い番号が使われていません。", "the nonce is not used")
    return _number(receipt, "blockNumber")


def _check_run(node: Node, town: Town, receipt: Json) -> None:
    if _number({"chainId": node.call("eth_chainId")}, "chainId") != town.domain.chain_id:
        raise not_on_chain("別のチェーンです。", "the node belongs to another chain")
    if receipt.get("status") != "0x1":
        raise not_on_chain("取引が失敗しています。", "the transaction failed")
    if str(receipt.get("to")).lower() != "0x" + town.domain.verifying_contract.hex():
        raise not_on_chain("別のコントラクトへの取引です。", "the transaction is for another contract")


def _check_logs(town: Town, receipt: Json, authorization: Authorization, sequence: int) -> None:
    contract = "0x" + town.domain.verifying_contract.hex()
    logs = [log for log in _logs(receipt) if str(log.get("address")).lower() == contract]
    topics = [TRANSFER_TOPIC, _topic(authorization.payer), _topic(authorization.payee)]
    moved = [_number(log, "data") for log in logs if log.get("topics") == topics]
    if authorization.amount_yen not in moved:
        raise not_on_chain("この金額の移動がありません。", "no transfer of this amount")
    if any(log.get("topics") == [SKIPPED_TOPIC, f"0x{sequence:064x}"] for log in logs):
        raise not_on_chain("この支払いは実行されませんでした。", "the record was skipped")


def _wrong(field: str) -> CoinError:
    return not_on_chain("ノードの応答が正しくありません。", f"the node's answer is not valid: {field}")


def _bytes(answer: Json, field: str) -> bytes:
    try:
        return bytes.fromhex(answer[field].removeprefix("0x"))
    except (KeyError, AttributeError, TypeError, ValueError):
        raise _wrong(field) from None


def _number(answer: Json, field: str) -> int:
    try:
        return int(answer[field], 16)
    except (KeyError, TypeError, ValueError):
        raise _wrong(field) from None


def _logs(receipt: Json) -> list[dict[str, Any]]:
    logs = receipt.get("logs")
    if not isinstance(logs, list) or not all(isinstance(log, dict) for log in logs):
        raise _wrong("logs")
    return logs


def _topic(address: bytes) -> str:
    return "0x" + (bytes(12) + address).hex()


def _is_used(node: Node, town: Town, authorization: Authorization) -> bool:
    data = _STATE_SELECTOR + bytes(12) + authorization.payer + nonce_word(authorization.nonce)
    call = {"to": checksum_address(town.domain.verifying_contract), "data": "0x" + data.hex()}
    return _number({"state": node.call("eth_call", call, "latest")}, "state") == 1
