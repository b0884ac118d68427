"""What people type who are new to the commands: an amount as their keyboard writes it, a place that cannot be used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coin.console import whole_number
from coin.console.places import unusable_place
from wallet_cli.resident import main
from wallet_cli.till import main as till_main


def run(app, *words, **environment):
    settings = {"LC_ALL": "ja_JP.UTF-8", "BANDAI_WALLET_PASSWORD": "a good password", **environment}
    return CliRunner().invoke(app, list(words), env=settings)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1250", 1_250),
        ("1,250", 1_250),
        ("１２５０", 1_250),
        ("１，２５０円", 1_250),
        ("¥1250", 1_250),
        ("1250 円", 1_250),
        ("1,234,567", 1_234_567),
    ],
)
def test_an_amount_is_what_was_meant(typed, meant):
    assert whole_number(1)(typed) == meant


@pytest.mark.parametrize("typed", ["", "0", "-5", "1,25", "12,50", "1250.5", "1e3", "千円", "1 250"])
def test_what_could_be_two_amounts_is_none(typed):
    with pytest.raises(ValueError, match="whole number"):
        whole_number(1)(typed)


def test_a_till_takes_an_amount_in_full_width(tmp_path):
    told = run(till_main.app, "new", "１，２５０円", "--home", str(tmp_path))

    assert "[till_missing]" in told.stderr


@pytest.mark.parametrize(
    ("app", "words", "named"),
    [
        (till_main.app, ["new", "1.5"], ["金額", "1"]),
        (till_main.app, ["new", "-5"], ["-5"]),
        (till_main.app, ["recent", "--minutes", "90"], ["--minutes", "1", "60"]),
        (
            main.app,
            ["create", "--gateway", "https://x", "--words", "latin"],
            ["--words", "japanese", "english"],
        ),
        (main.app, ["create"], ["--gateway"]),
        (main.app, ["blance"], ["blance"]),
    ],
)
def test_wrong_use_names_the_word_that_was_wrong_and_what_is_wanted(app, words, named):
    told = run(app, *words)

    assert told.exit_code == 2
    assert "[usage]" in told.stderr
    assert [word for word in named if word not in told.stderr] == []


def test_a_place_that_cannot_be_used_is_a_sentence_and_no_traceback(tmp_path, line):
    """A file where the folder should be: what a read-only folder meets is the same."""
    place = tmp_path / "a file"
    place.touch()

    told = run(main.app, "create", "--gateway", line.url, "--home", str(place))

    assert told.exit_code == 3
    assert str(place) in told.stderr
    assert "[place_unusable]" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_full_disk_is_a_place_that_cannot_be_used_though_it_names_no_file():
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(OSError, match="No space left") as met:
        full.write(b"x")

    told = unusable_place(met.value)

    assert told is not None
    assert told.code == "place_unusable"


@pytest.mark.slow  # starts Python
def test_a_password_is_not_asked_where_nobody_can_be_asked(tmp_path):
    bare = {name: value for name, value in os.environ.items() if not name.startswith("BANDAI_")}
    told = subprocess.run(
        [
            Path(sys.executable).with_name("bandai-wallet"),
            "create",
            "--gateway",
            "http://127.0.0.1:9",
            "--home",
            tmp_path,
        ],
        env={**bare, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,  # no terminal
    )

    assert told.returncode == 3
    assert "BANDAI_WALLET_PASSWORD_FILE" in told.stderr
    assert "[terminal_missing]" in told.stderr
    assert "Warning" not in told.stderr
