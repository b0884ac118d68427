"""Each command of `bandai-wallet` and `bandai-till` explains itself, and its errors are in the person's language."""

import json
import re
import shlex

import pytest
import typer
from typer.testing import CliRunner

from coin.console import EXIT_NUMBERS, NOT_SHOWN, OTHER
from wallet_cli.common.commands.options import EXITS
from wallet_cli.resident import main
from wallet_cli.till import main as till_main

PROGRAMS = {"bandai-wallet": main.app, "bandai-till": till_main.app}
COMMANDS = {
    f"{program} {name}": command
    for program, app in PROGRAMS.items()
    for name, command in typer.main.get_command(app).commands.items()
}


def run(name, *words, language="ja_JP.UTF-8"):
    program, *command = name.split()
    return CliRunner().invoke(PROGRAMS[program], [*command, *words], env={"LC_ALL": language})


def test_the_commands_are_those_that_a_resident_and_a_cashier_need():
    assert set(COMMANDS) >= {
        *(f"bandai-wallet {name}" for name in ("create", "restore", "register", "balance", "pay")),
        *(f"bandai-wallet {name}" for name in ("history", "receipt", "verify", "address", "gateway")),
        *(
            f"bandai-till {name}"
            for name in ("pair", "new", "wait", "cancel", "watch", "recent", "today", "gateway")
        ),
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_each_help_has_an_example_that_its_own_parser_takes_json_and_the_exit_numbers(name):
    shown = run(name, "--help").stdout
    examples = re.findall(rf"^    ({name}.*)$", shown, re.MULTILINE)

    assert examples
    for example in examples:
        COMMANDS[name].make_context(name, shlex.split(example)[2:])
    assert "--json" in shown
    assert all(line in shown for line in EXITS)


def test_the_exit_numbers_are_those_of_the_table():
    numbers = {0, 1, 2, OTHER, NOT_SHOWN, *(number for _, number in EXIT_NUMBERS)}

    for line in EXITS:
        assert sorted(map(int, re.findall(r"\d+", line))) == sorted(numbers)


@pytest.mark.parametrize(
    ("words", "ja", "en"),
    [
        (["bandai-till new"], "金額", "amount"),
        (["bandai-till new", "five"], "金額", "amount"),
        (["bandai-wallet balance", "--zip"], "--zip", "--zip"),
        (["bandai-wallet blance"], "blance", "blance"),
    ],
)
def test_wrong_use_is_one_sentence_in_the_language_of_the_locale(words, ja, en):
    japanese, english = run(*words), run(*words, language="en_US.UTF-8")

    assert (japanese.exit_code, english.exit_code) == (2, 2)
    assert (japanese.stderr.isascii(), english.stderr.isascii()) == (False, True)
    assert (ja in japanese.stderr, en in english.stderr.lower()) == (True, True)
    assert all(
        len(told.stderr.splitlines()) == 1 and "[usage]" in told.stderr for told in (japanese, english)
    )


def test_an_error_with_json_is_a_json_object(tmp_path):
    told = run("bandai-till recent", "--home", str(tmp_path), "--json")

    assert told.exit_code == 6
    assert json.loads(told.stderr)["code"] == "till_missing"
