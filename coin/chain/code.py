"""Checks that the code at an address is the one that ships with this package, apart from the values that the constructor
filled in.

Source:  Solidity, "immutableReferences" of the compiler's output: the positions of the constructor's values.
"""

from coin.chain.artifact import artifact
from coin.chain.interface import unhex
from coin.chain.rpc import Rpc


def has_our_code(rpc: Rpc, address: bytes) -> bool:
    """Return whether the code at the address is the artifact's.

    Raises:  Unavailable, if the node does not answer.
    """
    deployed = unhex(rpc.call("eth_getCode", "0x" + address.hex(), "latest"))
    return _without_immutables(deployed) == _without_immutables(unhex(artifact()["deployedBytecode"]))


def _without_immutables(code: bytes) -> bytes:
    blank = bytearray(code)
    for places in artifact()["immutableReferences"].values():
        for place in places:
            start, end = place["start"], place["start"] + place["length"]
            blank[start:end] = bytes(len(blank[start:end]))
    return bytes(blank)
