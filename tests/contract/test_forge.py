"""forge compiles the same bytecode from the same settings, and its fuzzer finds no history that breaks the contract."""

import json
import subprocess
from pathlib import Path

import pytest

from coin.chain.artifact import artifact
from tests.patience import HANG_S
from tools.forge import FORGE, forge_environment


@pytest.mark.slow
def test_no_order_of_signed_records_breaks_what_forge_compiles_and_that_is_what_ships(root: Path) -> None:
    environment = forge_environment()

    done = subprocess.run(
        [str(FORGE), "test"],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG_S,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    built = json.loads((root / "out" / "forge" / "BandaiCoin.sol" / "BandaiCoin.json").read_text())
    assert built["bytecode"]["object"] == artifact()["bytecode"]
    assert built["deployedBytecode"]["object"] == artifact()["deployedBytecode"]
