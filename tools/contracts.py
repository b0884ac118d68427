"""Compiles the contracts and writes the artifact that ships with the package.

One settings file (contracts/solc.json) serves this, Hardhat, py-solc-x and forge. The artifact is committed; `python -m
tools.contracts --check` compiles and checks that it still matches the sources.
"""

import argparse
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools.node import find_node, node_environment

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = ROOT / "contracts"
ARTIFACT = ROOT / "coin" / "chain" / "artifact" / "BandaiCoin.json"
SOURCE = "contracts/BandaiCoin.sol"
OUTPUTS = [
    "abi",
    "evm.bytecode.object",
    "evm.deployedBytecode.object",
    "evm.deployedBytecode.immutableReferences",
]


def settings() -> dict[str, Any]:
    """Return the compiler settings that all tools share."""
    loaded: dict[str, Any] = json.loads((CONTRACTS / "solc.json").read_text())
    return loaded


def standard_input(runs: int | None = None) -> dict[str, Any]:
    """Return solc's standard JSON input for our sources; imports are resolved from node_modules.

    Shapes:  runs: another number of optimizer runs than that of the settings.
    """
    sources = {path.relative_to(ROOT).as_posix(): {"content": path.read_text()} for path in _source_files()}
    selection = {"outputSelection": {SOURCE: {"BandaiCoin": OUTPUTS}}}
    chosen = settings()
    chosen["optimizer"]["runs"] = runs or chosen["optimizer"]["runs"]
    return {"language": "Solidity", "sources": sources, "settings": chosen | selection}


def sources_hash() -> str:
    """Return the SHA-256 over settings and sources: with it a stale artifact is found without a compiler."""
    text = json.dumps(
        {
            path.relative_to(ROOT).as_posix(): path.read_text()
            for path in [CONTRACTS / "solc.json", *_source_files()]
        },
        sort_keys=True,
    )
    return hashlib.sha256(text.encode()).hexdigest()


def compile_artifact() -> dict[str, Any]:
    """Compile and return the artifact.

    Raises:  RuntimeError with the compiler's messages, if there is an error or a warning.
    """
    return artifact_of(compile_contract(), compiler_version())


def compile_contract(runs: int | None = None) -> dict[str, Any]:
    """Compile and return the contract's part of solc's output.

    Raises:  RuntimeError with the compiler's messages, if there is an error or a warning.
    """
    command = [str(find_node()), str(ROOT / "tools" / "solc.js"), "--standard-json"]
    command += ["--base-path", str(ROOT), "--include-path", str(ROOT / "node_modules")]
    done = subprocess.run(
        command,
        input=json.dumps(standard_input(runs)),
        capture_output=True,
        text=True,
        check=True,
        env=node_environment(),
    )
    output = json.loads(done.stdout)
    if output.get("errors"):
        raise RuntimeError("\n".join(error["formattedMessage"] for error in output["errors"]))
    contract: dict[str, Any] = output["contracts"][SOURCE]["BandaiCoin"]
    return contract


def artifact_of(contract: dict[str, Any], version: str) -> dict[str, Any]:
    """Return the artifact for one contract of solc's standard JSON output."""
    deployed = contract["evm"]["deployedBytecode"]
    return {
        "contractName": "BandaiCoin",
        "sourceName": SOURCE,
        "compiler": version,
        "settings": settings(),
        "sourcesHash": sources_hash(),
        "abi": contract["abi"],
        "bytecode": "0x" + contract["evm"]["bytecode"]["object"],
        "deployedBytecode": "0x" + deployed["object"],
        "immutableReferences": deployed["immutableReferences"],
    }


def compiler_version() -> str:
    """Return the version of the compiler that npm installed, as it names itself."""
    command = [str(find_node()), str(ROOT / "tools" / "solc.js"), "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=node_environment())
    return done.stdout.split("Version: ")[1].strip()


def render(artifact: dict[str, Any]) -> str:
    """Return the text of an artifact file."""
    return json.dumps(artifact, indent=1, sort_keys=True) + "\n"


def main() -> int:
    """Write the artifact, or with --check compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="compare with the committed artifact, write nothing"
    )
    arguments = parser.parse_args()
    text = render(compile_artifact())
    if arguments.check:
        is_same = ARTIFACT.is_file() and ARTIFACT.read_text() == text
        print(
            "the artifact is what the sources give"
            if is_same
            else "the artifact is stale: run make contracts"
        )
        return 0 if is_same else 1
    ARTIFACT.parent.mkdir(parents=True, exist_ok=True)
    ARTIFACT.write_text(text)
    size = len(json.loads(text)["deployedBytecode"]) // 2 - 1
    print(f"{ARTIFACT.relative_to(ROOT)}: {size} bytes of code")
    return 0


def _source_files() -> list[Path]:
    return sorted(
        path for path in CONTRACTS.rglob("*.sol") if "test" not in path.relative_to(CONTRACTS).parts
    )


if __name__ == "__main__":
    sys.exit(main())
