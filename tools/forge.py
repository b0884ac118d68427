"""Starts forge with the settings of all tools (contracts/solc.json) and the compiler that npm installed.

python -m tools.forge test            runs contracts/test/
python -m tools.forge build --out X   writes the artifacts, for comparison
"""

import subprocess
import sys
from typing import Any

from tools.contracts import ROOT, settings
from tools.node import node_environment

FORGE = ROOT / "node_modules" / "@foundry-rs" / "forge-linux-amd64" / "bin" / "forge"


_VARIABLES = {
    "FOUNDRY_VIA_IR": ("viaIR",),
    "FOUNDRY_OPTIMIZER": ("optimizer", "enabled"),
    "FOUNDRY_OPTIMIZER_RUNS": ("optimizer", "runs"),
    "FOUNDRY_EVM_VERSION": ("evmVersion",),
    "FOUNDRY_BYTECODE_HASH": ("metadata", "bytecodeHash"),
    "FOUNDRY_CBOR_METADATA": ("metadata", "appendCBOR"),
}


def forge_environment() -> dict[str, str]:
    """Return the environment for forge to compile with contracts/solc.json and without a network."""
    values = {name: _setting(path) for name, path in _VARIABLES.items()}
    solc = str(ROOT / "tools" / "solc")
    return node_environment() | values | {"FOUNDRY_SOLC": solc, "FOUNDRY_OFFLINE": "true"}


def main() -> int:
    """Pass the arguments on to forge."""
    command = [str(FORGE), *sys.argv[1:], "--root", str(ROOT)]
    return subprocess.run(command, env=forge_environment(), check=False).returncode


def _setting(path: tuple[str, ...]) -> str:
    value: Any = settings()
    for name in path:
        value = value[name]
    return str(value).lower()


if __name__ == "__main__":
    sys.exit(main())
