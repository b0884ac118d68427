"""`bandai-town init` gives a town a rules file that loads as it is and explains every key."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from coin.program import load_program
from town_cli.main import app


def init(*words: str) -> Result:
    return CliRunner().invoke(app, ["init", *words], env={"LC_ALL": "ja_JP.UTF-8"})


def test_the_file_loads_with_the_towns_own_number_for_the_year_that_was_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "program.toml"

    done = init(str(file), "--year", "2031", "--json")

    file.write_text(file.read_text("utf-8").replace("0242-00-0000", "0242-74-1211"), "utf-8")
    program = load_program(file)
    assert json.loads(done.stdout) == {"file": str(file), "fiscal_year": 2031}
    assert (program.period.fiscal_year, program.municipality.name_ja) == (2031, "磐梯町")
    assert not program.municipality.is_demo


def test_without_a_year_it_is_this_fiscal_year_and_another_town_stands_in_it(tmp_path: Path) -> None:
    file = tmp_path / "program.toml"
    words = (
        "--code",
        "074233",
        "--name",
        "柳津町",
        "--name-en",
        "Yanaizu Town",
        "--romaji",
        "YANAIZU",
        "--demo",
    )

    done = init(str(file), *words)

    assert done.exit_code == 0, done.stderr
    municipality = load_program(file).municipality
    assert (municipality.code, municipality.name_ja, municipality.is_demo) == ("074233", "柳津町", True)


def test_every_table_is_explained_in_japanese(tmp_path: Path) -> None:
    file = tmp_path / "program.toml"
    init(str(file))
    text = file.read_text("utf-8")

    for name in tomllib.loads(text):
        table = re.search(rf"^\[+{name}\]+.*\n.*", text, re.MULTILINE)
        assert table, name
        assert re.search(r"[ぁ-んァ-ヶ一-龠]", table[0]), name


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "program.toml"
    file.write_text("ours", encoding="utf-8")

    done = init(str(file))

    assert done.exit_code == 8
    assert "file_exists" in done.stderr
    assert file.read_text("utf-8") == "ours"


@pytest.mark.parametrize(
    ("words", "named", "code"),
    [
        (("--code", "074072"), "--code", "option_invalid"),
        (("--code", "123"), "--code", "option_invalid"),
        (("--romaji", "A NAME THAT IS TOO LONG"), "--romaji: 15", "option_invalid"),
        (("--name", ""), "--name", "option_invalid"),
        (("--name", 'a"\nis_demo = true'), "", "invalid_input"),
    ],
)
def test_what_cannot_stand_in_the_file_is_named_and_nothing_is_written(
    tmp_path: Path, words: tuple[str, str], named: str, code: str
) -> None:
    file = tmp_path / "program.toml"

    done = init(str(file), *words)

    assert done.exit_code == 3
    assert done.stderr.startswith(named)
    assert f"[{code}]" in done.stderr
    assert "program.toml" not in done.stderr
    assert not file.exists()


def test_a_year_that_is_none_is_wrong_use(tmp_path: Path) -> None:
    done = init(str(tmp_path / "program.toml"), "--year", "12")

    assert done.exit_code == 2
    assert list(tmp_path.iterdir()) == []
