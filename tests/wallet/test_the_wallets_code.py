"""`bandai-wallet code` shows what a counter scans or types."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from coin.qr.photo import codes_in
from coin.qr.wallet_code import WalletRange, read
from tests.worlds.real_line import Line
from wallet_cli.resident import main

TOWN = "074071"


@pytest.fixture
def home(line: Line, tmp_path: Path) -> Path:
    made = run(tmp_path / "wallet", "create", "--gateway", line.url)
    assert made.exit_code == 0, made.output
    return tmp_path / "wallet"


def run(home: Path, *words: str) -> Result:
    environment = {**os.environ, "BANDAI_WALLET_HOME": str(home), "BANDAI_WALLET_PASSWORD": "a good password"}
    return CliRunner().invoke(main.app, list(words), env=environment)


def test_the_screen_the_picture_and_the_program_name_the_same_wallet(home: Path, tmp_path: Path) -> None:
    [address] = json.loads(run(home, "address", "--json").stdout).values()
    told = json.loads(run(home, "code", "--json", "--save", str(tmp_path / "code.png")).stdout)
    shown = run(home, "code").stdout
    [scanned] = codes_in((tmp_path / "code.png").read_bytes())

    wallet = bytes.fromhex(address[2:])
    typed = read(told["code"], TOWN)
    assert told["address"].lower() == address.lower()
    assert told["code"] in shown
    assert scanned == told["qr"]
    assert read(scanned, TOWN) == WalletRange(wallet, wallet)
    assert typed.first <= wallet <= typed.last


def test_a_key_that_is_not_there_and_a_place_that_cannot_be_written_are_named(home: Path) -> None:
    other = run(home, "code", "--key", "other")
    nowhere = run(home, "code", "--save", "/proc/code.png")

    assert (other.exit_code, "[key_unknown]" in other.stderr) == (6, True)
    assert (nowhere.exit_code, "/proc/code.png" in nowhere.stderr) == (3, True)
