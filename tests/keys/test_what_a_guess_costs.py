"""Whoever guesses the passphrase of a town's key pays a hundred megabytes of scrypt for each guess, whatever command wrote it."""

import json
import os
from pathlib import Path

from typer.testing import CliRunner

from coin.keystore import COST_LOG2
from coin.signatory import Signatory
from tests.private_files import write_secret
from town_cli.main import app
from town_cli.server.folder import Home
from town_cli.server.parts import Places

OLD, NEW = "three words here", "four other words here"


def cost(home: Home) -> int:
    kdf = json.loads(home.keyring.keystore("staff-2").read_text(encoding="utf-8"))["kdf"]
    assert kdf["name"] == "scrypt"
    return int(kdf["cost_log2"])


def test_a_new_key_and_one_whose_passphrase_was_changed_have_the_full_cost(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.create(b"", Places("http://127.0.0.1:1"))
    secrets = {"BANDAI_HOME": str(tmp_path)}
    for name, text in (("PASSPHRASE", OLD), ("NEW_PASSPHRASE", NEW)):
        secrets[f"BANDAI_{name}_FILE"] = str(write_secret(tmp_path / name, text))

    home.keyring.write("staff-2", {"staff-2": bytes(31) + b"\x01"}, OLD)
    written = cost(home)
    changed = CliRunner().invoke(app, ["keys", "passphrase", "staff-2"], env={**os.environ, **secrets})

    assert changed.exit_code == 0, changed.output
    assert home.keyring.key("staff-2", NEW).address == Signatory(bytes(31) + b"\x01").address
    assert written == cost(home) == COST_LOG2 >= 17
