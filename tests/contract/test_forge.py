"""forge compiles the same bytecode from the same settings, and its fuzzer finds no record that breaks the sums."""

import json
import subprocess
from pathlib import Path

from coin.chain.artifact import artifact
from tools.forge import FORGE, forge_environment


def forge(root: Path, *arguments: str) -> None:
    done = subprocess.run(
        [str(FORGE), *arguments],
        cwd=root,
        env=forge_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_forge_gives_the_same_bytecode(root: Path, tmp_path: Path) -> None:
    forge(
        root,
        "build",
        "--skip",
        "test",
        "--out",
        str(tmp_path / "out"),
        "--cache-path",
        str(tmp_path / "cache"),
    )

    built = json.loads((tmp_path / "out" / "BandaiCoin.sol" / "BandaiCoin.json").read_text())
    assert built["bytecode"]["object"] == artifact()["bytecode"]
    assert built["deployedBytecode"]["object"] == artifact()["deployedBytecode"]


def test_no_order_of_records_reverts_or_breaks_the_sums_and_packed_words_agree_with_plain_ones(
    root: Path,
) -> None:
    forge(root, "test")
