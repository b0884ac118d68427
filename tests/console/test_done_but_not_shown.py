"""A command that has acted and cannot say so says it on standard error, under a number of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import pytest
import typer

from coin.console.deeds import done
from coin.console.groups import commands
from coin.console.output import answer, demand_showable, secret_first
from coin.console.speech import NOT_SHOWN, PIPE_CLOSED
from coin.errors import Unavailable
from tests.broken_output import ASCII, CLOSED, FULL, KINDS, LOSING, Ended, run_into

JA = {"LC_ALL": "ja_JP.UTF-8"}
JsonOption = Annotated[bool, typer.Option("--json")]
kept: list[str] = []
app = commands("a program for these tests")


@app.command()
def act(as_json: JsonOption = False) -> None:
    kept.append("act")
    done("取引 17: 5,000円をチャージしました。", "Operation 17: charged 5,000 yen.")
    answer("チャージしました。", "Charged.", {"sequence": 17}, as_json=as_json)


@app.command()
def look(as_json: JsonOption = False) -> None:
    answer("残高 5,000円", "Balance 5,000 yen", {"balance": 5_000}, as_json=as_json)


@app.command()
def fail_later() -> None:
    done("取引 18", "Operation 18")
    raise Unavailable("データベースが止まりました。", "The database has ended.")


@app.command()
def is_interrupted() -> None:
    done("取引 19", "Operation 19")
    raise KeyboardInterrupt


@app.command()
def is_broken() -> None:
    done("取引 20", "Operation 20")
    raise RuntimeError("nobody thought of this")


@app.command()
def make_secret() -> None:
    with secret_first(as_json=False) as show:
        demand_showable("ひみつ")
        show("ひみつ", "ひみつ", {})
        kept.append("secret")


@app.command()
def lose_secret() -> None:
    with secret_first(as_json=False) as show:
        show("ひみつ", "secret", {})
        raise Unavailable("データベースが止まりました。", "The database has ended.")


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    kept.clear()


def run(kind: str, *words: str) -> Ended:
    return run_into(kind, app, list(words), JA)


@pytest.mark.parametrize("kind", LOSING)
def test_what_was_done_is_named_and_nobody_is_told_to_do_it_again(kind: str) -> None:
    ended = run(kind, "act")

    assert ended.number == NOT_SHOWN
    assert "取引 17: 5,000円" in ended.told
    assert "もう一度実行しないでください。" in ended.told
    assert "[done_not_shown]" in ended.told
    assert "Traceback" not in ended.told
    assert kept == ["act"]


def test_a_program_reads_what_was_done_from_a_json_object() -> None:
    told = json.loads(run(FULL, "act", "--json").told)

    assert told["code"] == "done_not_shown"
    assert "Operation 17" in told["detail"]


def test_a_terminal_without_japanese_letters_gets_the_answer_in_english() -> None:
    ended = run(ASCII, "act")

    assert (ended.number, ended.shown) == (0, "Charged.\n")


def test_what_only_looks_is_not_done_but_lost_and_a_reader_may_go_away_quietly() -> None:
    full, closed = run(FULL, "look"), run(CLOSED, "look")

    assert (full.number, closed.number) == (3, PIPE_CLOSED)
    assert "[output_lost]" in full.told
    assert closed.told == ""


@pytest.mark.parametrize(
    ("command", "number"), [("fail-later", 18), ("is-interrupted", 19), ("is-broken", 20)]
)
def test_a_failure_after_the_deed_does_not_hide_it(command: str, number: int) -> None:
    ended = run(ASCII, command)

    assert ended.number == NOT_SHOWN
    assert f"Operation {number}" in ended.told
    assert ("Traceback" in ended.told) is (command == "is-broken")


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_that_cannot_be_shown_is_not_made(kind: str) -> None:
    ended = run(kind, "make-secret")

    assert ended.number in (3, PIPE_CLOSED)
    assert kept == []
    assert "done_not_shown" not in ended.told


def test_a_secret_whose_making_failed_after_it_was_shown_is_void() -> None:
    ended = run(ASCII, "lose-secret")

    assert (ended.number, ended.shown) == (7, "secret\n")
    assert "void" in ended.told


def test_a_command_that_ended_well_leaves_nothing_for_the_next() -> None:
    run(FULL, "act")

    assert run(ASCII, "look").number == 0


@pytest.mark.parametrize("kind", [FULL, CLOSED])
def test_the_process_itself_ends_with_that_number_and_without_a_last_complaint(
    tmp_path: Path, kind: str
) -> None:
    program = [sys.executable, "-c", "from town_cli.main import main; main()", "init", "rules.toml", "--demo"]
    reading, writing = os.pipe()
    os.close(reading)
    output = os.open("/dev/full", os.O_WRONLY) if kind == FULL else writing

    ended = subprocess.run(
        program, cwd=tmp_path, stdout=output, stderr=subprocess.PIPE, env={**os.environ, **JA}, check=False
    )

    assert ended.returncode == NOT_SHOWN
    assert "rules.toml" in ended.stderr.decode()
    assert "Exception ignored" not in ended.stderr.decode()
    assert (tmp_path / "rules.toml").exists()
