"""What web3 makes of the artifact: the contract's reverts are known by name, and bytes are those of the specification."""

import subprocess
import sys
from pathlib import Path

import pytest

from coin.chain import interface
from coin.chain.events import Settled, Skipped, Transfer, decode_events, topic_of
from coin.chain.settled import data_of, find_data
from coin.core import keccak256
from coin.errors import Rejection, Unavailable

ROOT = Path(__file__).parents[2]
CONTRACT, PAYER, SHOP = b"\xc0" * 20, b"\xa1" * 20, b"\xb2" * 20


def word(value: int | bytes) -> bytes:
    return value.to_bytes(32, "big") if isinstance(value, int) else value.rjust(32, b"\0")


def test_a_call_is_its_selector_and_its_arguments() -> None:
    selector = keccak256(b"accountWords(address[])")[:4]

    made = interface.calldata("accountWords", [PAYER, SHOP])

    assert made == selector + word(32) + word(2) + word(PAYER) + word(SHOP)
    assert interface.answer_of("accountWords", word(32) + word(2) + word(7) + word(9)) == (7, 9)


DATA = b"\xda" * 33
CALL = interface.calldata("settle", 3, 40, 1_658_458_800, 2, DATA)


def test_the_order_of_a_settling_call_is_that_of_these_tests() -> None:
    assert CALL[-31:] == bytes(31)
    assert data_of(CALL) == find_data(CALL, keccak256(DATA)) == DATA


@pytest.mark.parametrize(
    "call",
    [
        CALL[:-31] + b"\x01" * 31,
        CALL[:-31],
        CALL[:4] + b"\xff" * 160 + CALL,
        CALL[:4] + CALL,
        b"\x12\x34\x56\x78" + word(64) + CALL + b"\x07",
    ],
    ids=["dirty padding", "no padding", "a false call before it", "a selector before it", "passed on"],
)
def test_the_data_of_a_strangers_call_are_found_however_it_is_filled_up(call: bytes) -> None:
    assert find_data(call, keccak256(DATA)) == DATA
    assert find_data(call, keccak256(b"others")) is None
    assert data_of(CALL) == DATA


REVERTS = (
    "WrongBatch(uint256,uint256)",
    "WrongSequence(uint256,uint256)",
    "WrongTime(uint256,uint256,uint256)",
    "TableNotAscending(uint256)",
    "UnknownKind(uint256,uint256)",
    "DataShort(uint256)",
    "DataSurplus(uint256)",
    "WrongPosition(uint256)",
    "NotApproved()",
    "OnlyThroughGateway()",
    "NotAllowed()",
    "SettlementPaused(uint256)",
)


@pytest.mark.parametrize("signature", REVERTS)
def test_a_revert_of_the_contract_is_known_by_its_name(signature: str) -> None:
    assert interface.error_name(keccak256(signature.encode())[:4] + bytes(96)) == signature.partition("(")[0]


@pytest.mark.parametrize("data", [b"", b"\x08", keccak256(b"Unheard()")[:4]])
def test_a_revert_of_others_has_no_name(data: bytes) -> None:
    assert interface.error_name(data) is None


def test_logs_are_read_as_values_and_those_of_others_are_passed_over() -> None:
    settled = Settled(3, 40, 2, 1_658_458_800, b"\xdd" * 32)
    skipped = Skipped(41, 4, Rejection.INSUFFICIENT_BALANCE)
    moved = Transfer(PAYER, SHOP, 1_250)
    logs = [
        log("Transfer(address,address,uint256)", [PAYER, SHOP], 1_250),
        log("Skipped(uint64,uint8,uint8)", [41], 4, Rejection.INSUFFICIENT_BALANCE.value),
        log("Paused(uint256)", [], 1),
        log("Settled(uint256,uint256,uint256,uint256,bytes32)", [3], 40, 2, 1_658_458_800, b"\xdd" * 32),
    ]
    others = [entry | {"address": "0x" + "99" * 20} for entry in logs]

    assert decode_events(others + logs, CONTRACT) == [moved, skipped, settled]
    assert decode_events(logs, CONTRACT, [Skipped]) == [skipped]
    assert topic_of(Skipped) == keccak256(b"Skipped(uint64,uint8,uint8)")


BROKEN = {
    "a topic missing": {"topics": ["0x" + topic_of(Skipped).hex()]},
    "data too short": {"data": "0x01"},
    "no hex": {"data": "0xzz"},
    "no data": {"data": None},
    "a reason that there is not": {"data": "0x" + (word(4) + word(250)).hex()},
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_a_log_that_the_contract_cannot_have_made_is_an_error_of_ours(change: dict[str, object]) -> None:
    entry = log("Skipped(uint64,uint8,uint8)", [41], 4, Rejection.INSUFFICIENT_BALANCE.value) | change

    with pytest.raises(Unavailable) as failed:
        decode_events([entry], CONTRACT)

    assert failed.value.code == "contract_answer_wrong"


def log(event: str, indexed: list[int | bytes], *data: int | bytes) -> dict[str, object]:
    topics = [keccak256(event.encode()), *map(word, indexed)]
    place = {"logIndex": "0x0", "transactionIndex": "0x0", "blockNumber": "0x1"}
    hashes = {"transactionHash": "0x" + "11" * 32, "blockHash": "0x" + "22" * 32}
    return {
        "address": "0x" + CONTRACT.hex(),
        "topics": ["0x" + topic.hex() for topic in topics],
        "data": "0x" + b"".join(map(word, data)).hex(),
        **place,
        **hashes,
    }


def test_commands_and_services_load_no_web3_before_they_ask_a_node() -> None:
    program = (
        "import sys, town_cli.main, api.app, coin.settlement.worker, coin.reconciliation.reconcile, coin.chain.deploy;"
        "print([name for name in ('web3', 'eth_account', 'eth_abi', 'requests') if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
