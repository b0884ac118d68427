"""Says what the contract weighs, and whether the kinds that it does not carry out yet fit beside it: one JSON line.

Decides nothing about the artifact: what ships is compiled with contracts/solc.json. Here the same sources are compiled
with the number of runs that the contract changes to when the missing kinds no longer fit (docs/adr/0027).
"""

import json
import sys

from coin.chain.artifact import artifact
from tools.contracts import compile_contract

EIP_170_BYTES = 24_576
SPARE_BYTES = 1_000
COMPACT_RUNS = 1_000
# Measured: all twenty kinds and exit have 22,520 bytes with COMPACT_RUNS, the eleven of today 15,654. Whoever lands one
# of them lowers this by what it added.
MISSING_BYTES = 22_520 - 15_654


def measure() -> dict[str, int]:
    """Return the sizes in bytes: what ships, what the sources give when compact, and what is then left over."""
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
