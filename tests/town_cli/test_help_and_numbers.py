"""Every command explains itself with an example that can be typed, and ends with numbers that mean the same everywhere."""

import json
import re
import shlex
from collections.abc import Iterator

import pytest
import typer
from typer.testing import CliRunner

from coin.console import DONE, EXIT_NUMBERS, NOT_SHOWN, OTHER, WRONG_USE
from tests.private_files import write_secret
from town_cli.commands import exits
from town_cli.main import app


def all_commands() -> Iterator[tuple[str, typer.core.TyperCommand]]:
    def walk(path: str, command: object) -> Iterator[tuple[str, typer.core.TyperCommand]]:
        for name, item in sorted(getattr(command, "commands", {}).items()):
            yield from walk(f"{path} {name}", item)
        if not hasattr(command, "commands"):
            yield path, command

    yield from walk("bandai-town", typer.main.get_command(app))


COMMANDS = dict(all_commands())


def examples(command: typer.core.TyperCommand) -> list[str]:
    return re.findall(r"^\s*(bandai-town .*)$", command.epilog or "", re.MULTILINE)


def run(words: list[str], language: str = "ja_JP.UTF-8") -> tuple[int, str, str]:
    result = CliRunner().invoke(app, words, env={"LC_ALL": language})
    return result.exit_code, result.stdout, result.stderr


def test_the_commands_are_those_that_a_town_hall_needs() -> None:
    assert {name.removeprefix("bandai-town ") for name in COMMANDS} >= {
        *("init", "doctor", "deploy", "migrate", "charge", "settle", "reconcile", "report", "serve"),
        *("approve-late", "adopt-foreign", "merchants import", "merchants sticker"),
        *("staff create", "tills create", "credentials list", "credentials revoke"),
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_an_example_that_its_own_parser_takes(name: str) -> None:
    command = COMMANDS[name]

    assert examples(command)
    for example in examples(command):
        words = shlex.split(example)
        assert example.startswith(name)
        command.make_context(name, words[len(name.split()) :])


@pytest.mark.parametrize("name", COMMANDS)
def test_each_help_shows_json_the_example_unbroken_and_every_exit_number(name: str) -> None:
    number, shown, _ = run([*name.split()[1:], "--help"])

    assert number == 0
    assert "--json" in shown
    assert all(f"  {example}\n" in shown for example in examples(COMMANDS[name]))
    assert exits.EXITS_JA in shown
    assert exits.EXITS_EN in shown


def test_the_frame_of_each_help_is_in_the_persons_language_too() -> None:
    for words in ([], ["charge"], ["tills", "create"]):
        japanese, english = run([*words, "--help"])[1], run([*words, "--help"], "en_US.UTF-8")[1]

        frame = ("Usage", "Options:", "Show this message and exit.", "required", "default:", "env var")
        assert [word for word in frame if word in japanese] == []
        assert english.startswith(frame[0])
        assert frame[2] in english


@pytest.mark.parametrize("name", COMMANDS)
def test_no_raw_name_stands_in_a_japanese_help(name: str) -> None:
    _, shown, _ = run([*name.split()[1:], "--help"])
    usage, *_ = shown.splitlines()
    arguments = [
        parameter.name for parameter in COMMANDS[name].params if parameter.param_type_name == "argument"
    ]
    columns = [line for line in shown.splitlines() if line.startswith("  ")]

    assert [
        raw
        for raw in ("OPTIONS", "ARGS", "COMMAND", *arguments)
        if f"[{raw}]" in usage or f"{{{raw}}}" in usage
    ] == []
    assert [raw for raw in arguments if any(line.startswith(f"  {raw} ") for line in columns)] == []
    assert [raw for raw in ("<str>", "<int", "<float", "<path>", "<list") if raw in shown] == []


def test_the_two_lists_of_exit_numbers_name_each_number_of_the_table_once() -> None:
    numbers = {DONE, exits.DIFFERENCES, WRONG_USE, OTHER, NOT_SHOWN}
    numbers |= {number for _, number in EXIT_NUMBERS}

    for text in (exits.EXITS_JA, exits.EXITS_EN):
        assert sorted(map(int, re.findall(r"\d+", text))) == sorted(numbers)


@pytest.mark.parametrize(
    ("words", "ja", "en"),
    [
        (["tills", "create"], "加盟店番号", "merchant"),
        (["charge", "0x1", "five", "--channel", "x"], "金額", "amount"),
        (["report", "--zip"], "--zip", "--zip"),
        (["chagre"], "chagre", "chagre"),
    ],
)
def test_wrong_use_is_one_sentence_in_the_language_of_the_locale(words: list[str], ja: str, en: str) -> None:
    japanese, english = run(words), run(words, "en_US.UTF-8")

    assert (japanese[0], english[0]) == (2, 2)
    assert (japanese[2].isascii(), english[2].isascii()) == (False, True)
    assert (ja in japanese[2], en in english[2].lower()) == (True, True)
    assert all(len(told[2].splitlines()) == 1 and "[usage]" in told[2] for told in (japanese, english))


def test_wrong_use_with_json_is_a_json_object() -> None:
    number, _, told = run(["tills", "create", "--json"])

    assert number == 2
    assert json.loads(told)["code"] == "usage"


def test_a_passphrase_file_that_is_not_there_is_named(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANDAI_PASSPHRASE_FILE", str(tmp_path / "nothing"))
    file = tmp_path / "program.toml"
    run(["init", str(file), "--demo"])

    number, _, told = run(["deploy", str(file), "--home", str(tmp_path / "town")])

    assert number == 3
    assert "[secret_file_unreadable]" in told
    assert not (tmp_path / "town").exists()


def test_no_town_begins_with_a_passphrase_that_is_soon_guessed(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = write_secret(tmp_path / "secret", "x\n")
    monkeypatch.setenv("BANDAI_PASSPHRASE_FILE", str(secret))
    file = tmp_path / "program.toml"
    run(["init", str(file), "--demo"])

    number, _, told = run(["deploy", str(file), "--home", str(tmp_path / "town")])

    assert number == 3
    assert "8" in told
    assert "[passphrase_short]" in told
    assert not (tmp_path / "town").exists()


@pytest.mark.parametrize("language", ["ja_JP.UTF-8", "en_US.UTF-8"])
@pytest.mark.parametrize("words", [[], ["--json"]])
def test_what_a_file_says_moves_no_cursor_when_it_is_refused(
    tmp_path, language: str, words: list[str]
) -> None:
    file = tmp_path / "rules\x1b[2J.toml"
    file.write_text("[municipality]\n'a\x9b2J\u202e' = 1\n", encoding="utf-8")

    number, _, told = run(["deploy", str(file), "--home", str(tmp_path / "town"), *words], language)

    assert number == 3
    assert all(letter.isprintable() for letter in told.replace("\n", "").replace("\u3000", ""))
    assert "u202e" in told


def test_a_fault_of_ours_is_told_in_full_and_never_with_the_number_of_differences(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr("town_cli.commands.report.Home", broken)

    number, _, told = run(["report"])

    assert number == OTHER
    assert "nobody thought of this" in told
