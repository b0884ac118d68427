"""On a chain that takes a price for gas, `deploy` says whom to pay how much, keeps the keys that it made, and goes on."""

import re
from pathlib import Path

import pytest
from office import Office

from coin.chain.anvil import Anvil, AnvilOptions
from coin.chain.rpc import Rpc
from coin.clock import move_clock_to
from coin.database.embedded import EmbeddedPostgres

NODE_TIME_S = 1_658_450_000


@pytest.mark.slow
def test_a_town_is_opened_by_the_same_command_after_its_account_was_paid(
    tmp_path: Path, example: Path
) -> None:
    office, clock = Office(tmp_path), tmp_path / "clock.json"
    move_clock_to(clock, (NODE_TIME_S + 60) * 1000)
    state = AnvilOptions(state=tmp_path / "chain.json", timestamp_s=NODE_TIME_S, is_free=False)
    try:
        with Anvil(state) as anvil, Rpc(anvil.url) as rpc:
            words = ("deploy", str(example / "program.toml"), "--node", anvil.url, "--clock", str(clock))
            poor = office.run(*words)
            keys = {path.name: path.read_bytes() for path in office.home.keyring.folder.iterdir()}
            early = office.run("doctor")
            other = office.run(*words[:3], "http://127.0.0.1:1", *words[4:])
            wrong = office.run(*words, passphrase="not these words")
            [account] = set(re.findall("0x[0-9a-fA-F]{40}", poor.stderr))
            rpc.call("anvil_setBalance", account, hex(10**18))
            opened = office.run(*words)
            settled = office.run("settle", "--now")
            again = office.run(*words)

            assert (poor.exit_code, "[account_unfunded]" in poor.stderr) == (7, True)
            assert (early.exit_code, "[town_unfinished]" in early.stderr) == (6, True)
            assert (other.exit_code, "[deploy_differs]" in other.stderr) == (8, True)
            assert (wrong.exit_code, "[passphrase_wrong]" in wrong.stderr) == (5, True)
            assert opened.exit_code == 0, opened.output
            assert settled.exit_code == 0, settled.output
            assert (again.exit_code, "[town_exists]" in again.stderr) == (8, True)
            assert {path.name: path.read_bytes() for path in office.home.keyring.folder.iterdir()} == keys
            assert office.run("reconcile").exit_code == 0
    finally:
        EmbeddedPostgres(office.home.data_folder).destroy()
