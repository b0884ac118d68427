"""Prints the size of the contract, and whether the missing record kinds will fit: one JSON line.

It does not make the artifact, which is compiled with contracts/solc.json. It compiles the same sources with the number of
optimizer runs to which the contract will change when the missing kinds no longer fit (docs/adr/0027).
"""

import json
import sys

from coin.chain.artifact import artifact
from tools.contracts import compile_contract

EIP_170_BYTES = 24_576
SPARE_BYTES = 1_000
COMPACT_RUNS = 1_000
# Measured: all twenty kinds and exit have 22,520 bytes with COMPACT_RUNS, the eleven of today 15,654. Lower this by the
# bytes of each kind that is added.
MISSING_BYTES = 22_520 - 15_654


def measure() -> dict[str, int]:
    """Return the sizes in bytes: the shipped contract, the compact one, and the bytes that are left then."""
    shipped = len(bytes.fromhex(artifact()["deployedBytecode"][2:]))
    compact = len(compile_contract(COMPACT_RUNS)["evm"]["deployedBytecode"]["object"]) // 2
    return {
        "ships": shipped,
        "headroom": EIP_170_BYTES - shipped,
        "compact": compact,
        "missing": MISSING_BYTES,
        "left": EIP_170_BYTES - compact - MISSING_BYTES,
    }


if __name__ == "__main__":
    sizes = measure()
    print(json.dumps(sizes))
    sys.exit(sizes["left"] < SPARE_BYTES)
