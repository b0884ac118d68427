"""Nothing moves value beside the journal: every ERC-20 and EIP-3009 function that would do so reverts with OnlyThroughGateway, for everybody."""

from typing import Any

import pytest
from eth_tester.exceptions import TransactionFailed

from coin import messages
from tests.worlds.contract import Town, hexed, revert_hex
from tests.worlds.people import address_of
from tests.worlds.signing import sign

SIGNATURE_KINDS = ("uint8,bytes32,bytes32", "bytes")
AUTHORIZATION = "address,address,uint256,uint256,uint256,bytes32"
DOORS = [
    "transfer(address,uint256)",
    "approve(address,uint256)",
    "transferFrom(address,address,uint256)",
    *(
        f"{name}WithAuthorization({AUTHORIZATION},{kind})"
        for name in ("transfer", "receive")
        for kind in SIGNATURE_KINDS
    ),
    *(f"cancelAuthorization(address,bytes32,{kind})" for kind in SIGNATURE_KINDS),
]


def arguments(town: Town, door: str) -> list[Any]:
    """Arguments that would be good if the door were open: a real signature of a payer with value."""
    message = messages.TransferWithAuthorization(
        address_of("aoi"), address_of("bakery"), 1, valid_after_s=0, valid_before_s=1 << 40, nonce=bytes(32)
    )
    signature = sign(town.domain, message, "aoi")
    parts = [signature] if door.endswith("bytes)") else [signature[64], signature[:32], signature[32:64]]
    if "With" in door:
        return [hexed("aoi"), hexed("bakery"), 1, 0, 1 << 40, bytes(32), *parts]
    if door.startswith("cancel"):
        return [hexed("aoi"), bytes(32), *parts]
    return [hexed("aoi"), hexed("bakery"), 1][3 - door.count(",") - 1 :]


@pytest.mark.parametrize("sender", ["outsider", "settler", "pauser"])
@pytest.mark.parametrize("door", DOORS)
def test_every_door_is_shut(town: Town, door: str, sender: str) -> None:
    function = town.contract.get_function_by_signature(door)(*arguments(town, door))

    with pytest.raises(TransactionFailed) as caught:
        function.call({"from": hexed(sender), "gas": 1_000_000})

    assert town.web3.keccak(text="OnlyThroughGateway()")[:4].hex() in revert_hex(caught.value)


def test_no_function_that_writes_is_without_a_test_here_or_in_the_powers(town: Town) -> None:
    writing = {
        f"{entry['name']}({','.join(argument['type'] for argument in entry['inputs'])})"
        for entry in town.contract.abi
        if entry["type"] == "function" and entry["stateMutability"] in ("nonpayable", "payable")
    }
    batch = "uint256,uint256,uint256,uint256,bytes"
    powers = {
        f"settle({batch})",
        f"settleLate({batch},bytes)",
        "pause()",
        "appoint(address,address,uint256,bytes)",
    }

    assert writing == powers
    pure = {entry["name"] for entry in town.contract.abi if entry.get("stateMutability") == "pure"}
    assert {door.partition("(")[0] for door in DOORS} <= pure
