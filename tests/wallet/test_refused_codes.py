"""`bandai-wallet pay` refuses a code that is not certainly the town's: which code, which exit number, and nothing moves."""

import os
import subprocess
import sys

import pytest
from test_commands import PASSWORD, STICKER, Resident

from coin.qr import picture
from coin.qr.tlv import crc


def sealed(body):
    return body + "6304" + crc(body + "6304")


BODY = STICKER[:-8]
WRONG = {
    "another system": (
        sealed(BODY.replace("ebf47177d283479f9d0a40b74d6c7399", "A000000677010111A000000677010111")),
        "qr_other_system",
    ),
    "a wrong checksum": (
        STICKER[:-4] + crc(STICKER),
        "qr_crc_wrong",
    ),
    "another currency": (
        sealed(BODY.replace("5303392", "5303840")),
        "qr_currency_wrong",
    ),
}


@pytest.fixture
def resident(line, tmp_path):
    resident = Resident(line, tmp_path / "wallet")
    resident.begin(coins=1_000)
    return resident


def pay(resident, code):
    """The command as a process of its own, as a person starts it."""
    environment = os.environ | {
        "LANG": "ja_JP.UTF-8",
        "LC_ALL": "ja_JP.UTF-8",
        "PYTHONUTF8": "1",
        "BANDAI_WALLET_HOME": str(resident.home),
        "BANDAI_WALLET_PASSWORD": PASSWORD,
    }
    command = [sys.executable, "-m", "wallet_cli.resident", "pay", code, "--amount", "300", "--yes"]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(("text", "code"), WRONG.values(), ids=WRONG)
def test_each_wrong_code_is_refused_as_what_it_is_and_pays_nothing(resident, tmp_path, text, code):
    photo = tmp_path / "photo.png"
    photo.write_bytes(picture.png(text))

    assert resident.refused("pay", photo, "--amount", "300", "--yes") == code
    assert resident.ask("balance")["balance"] == 1_000


def test_the_same_command_with_the_right_code_pays(resident, tmp_path):
    photo = tmp_path / "photo.png"
    photo.write_bytes(picture.png(STICKER))

    answer = pay(resident, str(photo))

    assert (answer.returncode, answer.stderr) == (0, "")
    assert "300" in answer.stdout
    assert resident.line.town.shop_balance(1) == 300


def test_a_sticker_that_was_pasted_over_shows_whom_it_pays_whatever_name_it_bears(resident):
    lying = sealed(BODY.replace("5904SHOP", "5904CAFE"))
    assert lying != STICKER

    shown = resident.run("pay", lying, "--amount", "300", typed="n\n")

    assert "商店1" in shown.stderr
    assert "300" in shown.stderr
    assert "CAFE" not in shown.output
    assert resident.ask("balance")["balance"] == 1_000
