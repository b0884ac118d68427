"""Who restores a wallet sees what they type, word by word as on the sheet, and is told which one is wrong."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.problems import response_of
from coin.errors import Unauthorized
from tests.patience import HANG_S
from tests.served import serving
from wallet_cli.resident import main
from wallet_cli.resident.keystore import Keystore
from wallet_cli.resident.recovery import WordList, key_from_words, new_recovery_words

PASSWORD = "磐梯山の宝 2022"


@pytest.fixture
def words():
    return new_recovery_words(WordList.JAPANESE).split()


def restore(line, home, *typed):
    settings = {"LC_ALL": "ja_JP.UTF-8", "BANDAI_WALLET_PASSWORD": PASSWORD, "BANDAI_WALLET_WORDS": None}
    command = ["restore", "--gateway", line.url, "--home", str(home)]
    return CliRunner().invoke(main.app, command, input="".join(f"{one}\n" for one in typed), env=settings)


def named(done):
    """The places that it named, in their order: where it asked, and where it found a word that is in no list."""
    return [int(place) for place in re.findall(r"(?:^|: ?)(\d+)", done.stderr, re.MULTILINE)]


def test_the_words_are_asked_one_by_one_after_a_warning(line, tmp_path, words):
    done = restore(line, tmp_path / "wallet", *words)

    warning, asked = done.stderr.split("\n", 1)
    assert str(key_from_words(" ".join(words))) in done.stdout
    assert warning
    assert asked.startswith("1")
    assert named(done) == list(range(1, 13))


def test_a_word_that_is_in_no_list_is_asked_again_at_once_and_the_others_are_kept(line, tmp_path, words):
    done = restore(line, tmp_path / "wallet", " ".join(words[:4]), "あいこくしよん", *words[4:])

    assert done.exit_code == 0
    assert named(done) == [1, 5, 5, *range(5, 13)]


def test_words_in_another_order_make_no_wallet(line, tmp_path):
    right = ["あいこくしん"] * 11 + ["あおぞら"]

    done = restore(line, tmp_path / "wallet", " ".join(reversed(right)))

    assert done.exit_code == 3
    assert "[recovery_words_wrong]" in done.stderr
    assert not (tmp_path / "wallet").exists()


def test_what_cannot_be_restored_into_is_said_before_a_word_is_typed(line, tmp_path, words):
    restore(line, tmp_path / "wallet", *words)

    done = restore(line, tmp_path / "wallet", *words)

    assert done.exit_code == 8
    assert named(done) == []


def test_a_gateway_that_calls_the_password_wrong_is_not_believed(tmp_path, words):
    keystore = tmp_path / "wallet" / "keys.json"
    Keystore.create(keystore, PASSWORD)
    before = keystore.read_bytes()
    command = ["restore", "--home", str(keystore.parent), "--yes"]
    with serving(
        response_of(Unauthorized("違います。", "Wrong.", code="passphrase_wrong")), lifespan="off"
    ) as url:
        done = CliRunner().invoke(
            main.app,
            [*command, "--gateway", url],
            env={"BANDAI_WALLET_PASSWORD": PASSWORD, "LC_ALL": "C.UTF-8"},
        )

    assert (done.exit_code, "[passphrase_wrong]" in done.stderr) == (5, True)
    assert [file.read_bytes() for file in keystore.parent.glob("keys*.json")] == [before]


def test_where_nobody_can_be_asked_the_file_is_named(line, tmp_path):
    done = restore(line, tmp_path / "wallet")

    assert (done.exit_code, "[terminal_missing]" in done.stderr) == (3, True)
    assert "BANDAI_WALLET_WORDS_FILE" in done.stderr


@pytest.mark.slow  # starts Python at a terminal
def test_a_terminal_shows_the_words_as_they_are_typed(line, tmp_path, words):
    ours, theirs = pty.openpty()
    bare = {name: value for name, value in os.environ.items() if not name.startswith("BANDAI_")}
    process = subprocess.Popen(
        [
            Path(sys.executable).with_name("bandai-wallet"),
            *("restore", "--gateway", line.url, "--home", tmp_path / "wallet"),
        ],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=bare | {"LC_ALL": "C.UTF-8", "BANDAI_WALLET_PASSWORD": PASSWORD},
    )
    os.close(theirs)
    seen, ends = b"", time.monotonic() + HANG_S
    for word in words:
        while b":" not in seen and time.monotonic() < ends:
            if select.select([ours], [], [], 1)[0]:
                seen += os.read(ours, 4096)
        os.write(ours, f"{word}\n".encode())
        seen = b""
    address = str(key_from_words(" ".join(words))).encode()
    while time.monotonic() < ends and address not in seen:
        if select.select([ours], [], [], 1)[0]:
            seen += os.read(ours, 4096)

    assert process.wait(timeout=HANG_S) == 0
    os.close(ours)
    assert words[-1].encode() in seen
