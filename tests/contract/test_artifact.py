"""The artifact that ships is what the sources give, by every compiler front end, and it can be deployed anywhere."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import solcx

from coin.chain.artifact import artifact
from tests.patience import HANG_S
from tools.contract_size import EIP_170_BYTES, SPARE_BYTES, measure
from tools.contracts import SOURCE, compile_artifact, settings, sources_hash, standard_input
from tools.node import find_node, node_environment

EIP_3860_BYTES = 49_152


def code(contract: dict[str, Any]) -> tuple[str, str]:
    return contract["evm"]["bytecode"]["object"], contract["evm"]["deployedBytecode"]["object"]


SHIPPED = (artifact()["bytecode"][2:], artifact()["deployedBytecode"][2:])


def test_the_code_is_below_the_limits_of_a_contract() -> None:
    creation, deployed = (bytes.fromhex(text) for text in SHIPPED)

    assert 10_000 < len(deployed) < EIP_170_BYTES
    assert len(creation) < EIP_3860_BYTES


def test_the_artifact_was_made_from_these_sources_and_settings() -> None:
    assert artifact()["sourcesHash"] == sources_hash()
    assert artifact()["settings"] == settings()
    assert artifact()["compiler"].startswith("0.8.30+")


@pytest.mark.slow
def test_the_kinds_that_are_missing_still_fit() -> None:
    assert measure()["left"] >= SPARE_BYTES, "docs/adr/0027 says what gives"


@pytest.mark.slow
def test_our_compile_script_gives_the_artifact_to_the_byte() -> None:
    assert compile_artifact() == artifact()


@pytest.mark.slow
def test_py_solc_x_gives_the_same_bytecode(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANDAI_NODE", str(find_node()))

    output = solcx.compile_standard(
        standard_input(), solc_binary=str(root / "tools" / "solc"), base_path=str(root / "node_modules")
    )

    assert code(output["contracts"][SOURCE]["BandaiCoin"]) == SHIPPED


@pytest.mark.slow
def test_hardhat_gives_the_same_bytecode(root: Path) -> None:
    hardhat = root / "node_modules" / "hardhat" / "internal" / "cli" / "bootstrap.js"
    environment = {**node_environment(), "HARDHAT_DISABLE_TELEMETRY_PROMPT": "true", "CI": "1"}
    subprocess.run(
        [str(find_node()), str(hardhat), "compile", "--quiet"],
        cwd=root,
        env=environment,
        check=True,
        capture_output=True,
        timeout=HANG_S,
    )

    built = json.loads(
        (root / "out" / "hardhat" / "contracts" / "BandaiCoin.sol" / "BandaiCoin.json").read_text()
    )
    assert (built["bytecode"][2:], built["deployedBytecode"][2:]) == SHIPPED
    assert built["abi"] == artifact()["abi"]


def test_the_settings_are_those_that_other_networks_can_run() -> None:
    assert settings()["evmVersion"] == "prague"
    assert settings()["metadata"] == {"bytecodeHash": "none", "appendCBOR": False}


PUSH1, PUSH32 = 0x60, 0x7F
# Opcodes that are younger than Cancun, or that an ordinary contract has no need of.
FORBIDDEN = {
    0x1E: "CLZ (Osaka)",
    0xF2: "CALLCODE",
    0xF4: "DELEGATECALL",
    0xFF: "SELFDESTRUCT",
    0xF0: "CREATE",
    0xF5: "CREATE2",
}


def test_the_code_calls_no_other_code_and_no_opcode_younger_than_cancun() -> None:
    deployed = bytes.fromhex(SHIPPED[1])
    found = set()
    at = 0
    while at < len(deployed):
        opcode = deployed[at]
        found.add(opcode)
        at += 1 + (opcode - PUSH1 + 1 if PUSH1 <= opcode <= PUSH32 else 0)

    assert not found & set(FORBIDDEN)
    assert 0xF1 not in found, "CALL: the contract never calls out"
    assert 0xFA in found, "STATICCALL: ecrecover"
