"""A payment counts as on the chain only if the node shows all of it: run, signed, moved and used up."""

import json

import httpx
import pytest

from bandai_client import Authorization, Key
from coin.errors import CoinError, Unavailable
from coin.messages import to_64
from tests.worlds.other_side import SHOP, TOWN, hexed
from wallet_cli.resident.onchain import (
    SETTLED_TOPIC,
    SKIPPED_TOPIC,
    TRANSFER_TOPIC,
    Node,
    find_transaction,
    verify,
)

PAYER = Key(bytes(31) + b"\x01")
TRANSACTION = b"\x77" * 32
CONTRACT = hexed(TOWN.domain.verifying_contract)
PAYMENT = Authorization(
    checkout=None,
    payer=PAYER.address,
    payee=SHOP.address,
    amount_yen=1250,
    valid_before_s=1_700_000_000,
    nonce=3,
    payment=b"\x01" * 32,
    signature=PAYER.sign(b"\x01" * 32),
)


def topic(address):
    return hexed(bytes(12) + address)


def transfer(**changes):
    log = {
        "address": CONTRACT,
        "topics": [TRANSFER_TOPIC, topic(PAYER.address), topic(SHOP.address)],
        "data": f"0x{1250:064x}",
    }
    return log | changes


def answers(**changes):
    receipt = {"status": "0x1", "to": CONTRACT, "blockNumber": "0x2a", "logs": [transfer()]}
    sent = {"input": hexed(b"settle" + to_64(PAYMENT.signature) + b"more")}
    return {
        "eth_getTransactionReceipt": receipt | changes.pop("receipt", {}),
        "eth_getTransactionByHash": sent,
        "eth_chainId": hex(TOWN.domain.chain_id),
        "eth_call": f"0x{1:064x}",
    } | changes


def node(said):
    def answer(request):
        body = json.loads(request.content)
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": 1, "result": said[body["method"]]})

    return Node("http://node.test", httpx.Client(transport=httpx.MockTransport(answer)))


def test_a_transaction_that_carries_the_payment_gives_its_block():
    assert verify(node(answers()), TOWN, PAYMENT, 9, TRANSACTION) == 42


@pytest.mark.parametrize(
    "lie",
    [
        {"eth_getTransactionReceipt": None},
        {"eth_getTransactionByHash": None},
        {"eth_getTransactionByHash": {"input": hexed(b"settle" + bytes(64))}},
        {"eth_chainId": "0x1"},
        {"eth_call": f"0x{0:064x}"},
        {"receipt": {"status": "0x0"}},
        {"receipt": {"to": "0x" + "12" * 20}},
        {"receipt": {"logs": []}},
        {"receipt": {"logs": [transfer(data=f"0x{1249:064x}")]}},
        {"receipt": {"logs": [transfer(address="0x" + "12" * 20)]}},
        {"receipt": {"logs": [transfer(topics=[TRANSFER_TOPIC, topic(SHOP.address), topic(PAYER.address)])]}},
        {
            "receipt": {
                "logs": [
                    transfer(),
                    {"address": CONTRACT, "topics": [SKIPPED_TOPIC, f"0x{9:064x}"], "data": "0x"},
                ]
            }
        },
    ],
)
def test_whatever_is_missing_the_payment_is_not_on_the_chain(lie):
    with pytest.raises(CoinError) as refusal:
        verify(node(answers(**lie)), TOWN, PAYMENT, 9, TRANSACTION)

    assert refusal.value.code == "not_on_chain"


def test_a_skip_of_another_record_does_not_matter():
    other = {"address": CONTRACT, "topics": [SKIPPED_TOPIC, f"0x{8:064x}"], "data": "0x"}
    said = answers(receipt={"logs": [other, transfer()]})

    assert verify(node(said), TOWN, PAYMENT, 9, TRANSACTION) == 42


def settled(first, count, transaction):
    data = b"".join(number.to_bytes(32, "big") for number in (first, count, 1)) + bytes(32)
    return {
        "address": CONTRACT,
        "topics": [SETTLED_TOPIC, "0x1"],
        "data": hexed(data),
        "transactionHash": hexed(transaction),
    }


def test_the_transaction_of_a_payment_is_found_by_its_number_without_the_gateway():
    logs = [settled(1, 8, b"\x01" * 32), settled(9, 2, TRANSACTION), settled(11, 5, b"\x02" * 32)]
    asked = node(answers(eth_getLogs=logs))

    assert {find_transaction(asked, TOWN, number) for number in (9, 10)} == {TRANSACTION}


@pytest.mark.parametrize(
    "said", [[], [settled(1, 8, TRANSACTION)], None, ["x"], [{}], [settled(9, 2, TRANSACTION) | {"data": 5}]]
)
def test_a_number_that_no_batch_has_is_not_on_the_chain(said):
    with pytest.raises(CoinError) as refusal:
        find_transaction(node(answers(eth_getLogs=said)), TOWN, 9)

    assert refusal.value.code == "not_on_chain"


@pytest.mark.parametrize(
    "answer", [{"eth_chainId": None}, {"eth_call": {}}, {"receipt": {"logs": [transfer(data=7)]}}]
)
def test_an_answer_of_another_kind_is_not_on_the_chain(answer):
    with pytest.raises(CoinError) as refusal:
        verify(node(answers(**answer)), TOWN, PAYMENT, 9, TRANSACTION)

    assert refusal.value.code == "not_on_chain"


def test_a_node_that_is_not_there_is_unavailable():
    def gone(request):
        raise httpx.ConnectError("no route")

    silent = Node("http://node.test", httpx.Client(transport=httpx.MockTransport(gone)))

    with pytest.raises(Unavailable):
        verify(silent, TOWN, PAYMENT, 9, TRANSACTION)
