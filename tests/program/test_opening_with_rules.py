"""Rules that are taken can be opened: a date that is over is refused by its line before anything is made."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from coin.clock import jst_midnight_s, move_clock_to, parse_jst_date
from coin.errors import InvalidFile
from coin.program import Program, demand_dates_to_come, load_program
from town_cli.main import app

FILES = Path(__file__).parent / "files"
FIVE_LOTS, DATE_PASSED = FILES / "rules-five-lots.toml", FILES / "rules-date-passed.toml"


def ms(day: str) -> int:
    return jst_midnight_s(parse_jst_date(day)) * 1000


def lines_refused(program: Program, now_ms: int) -> list[int]:
    with pytest.raises(InvalidFile) as refused:
        demand_dates_to_come(program, now_ms, file_name="program.toml")
    assert {problem.code for problem in refused.value.problems} == {"expiry_passed"}
    return [problem.line for problem in refused.value.problems]


def test_five_lots_are_taken_and_can_be_opened_in_april() -> None:
    program = load_program(FIVE_LOTS)

    assert len(program.dates()) == 5
    demand_dates_to_come(program, ms("2026-04-10"), file_name="program.toml")


def test_the_dates_stand_in_the_order_in_which_they_are_needed() -> None:
    dates = load_program(FIVE_LOTS).dates()

    assert [(date.first_s * 1000, date.ends_s * 1000) for date in dates] == [
        (ms("2026-04-01"), ms("2026-08-01")),
        (ms("2026-06-01"), ms("2026-10-01")),
        (ms("2026-08-01"), ms("2026-12-01")),
        (ms("2026-10-01"), ms("2027-02-01")),
        (ms("2026-12-01"), ms("2027-04-01")),
    ]
    assert [date.is_wanted(ms("2026-09-15")) for date in dates] == [False, False, True, True, True]


@pytest.mark.parametrize(("day", "count"), [("2026-10-01", 2), ("2026-11-20", 2), ("2027-04-01", 4)])
def test_each_line_of_a_date_that_is_over_is_named(day: str, count: int) -> None:
    lines = DATE_PASSED.read_text("utf-8").splitlines()
    ends = [number for number, line in enumerate(lines, 1) if line.startswith("ends_at")][
        1:
    ]  # after [period]
    over = [number for number in ends if parse_jst_date(lines[number - 1][10:20]) <= parse_jst_date(day)]

    found = lines_refused(load_program(DATE_PASSED), ms(day))

    assert found == over
    assert len(found) == count


def test_a_date_is_not_over_on_its_last_day() -> None:
    demand_dates_to_come(load_program(DATE_PASSED), ms("2026-09-30"), file_name="program.toml")


def deploy(program: Path, folder: Path, day: str) -> Result:
    move_clock_to(folder / "clock.json", ms(day))
    words = ["deploy", str(program), "--clock", str(folder / "clock.json"), "--home", str(folder / "town")]
    return CliRunner().invoke(app, words, env={"LC_ALL": "ja_JP.UTF-8"})


def test_deploy_names_the_line_and_the_date_and_makes_nothing(tmp_path: Path) -> None:
    done = deploy(DATE_PASSED, tmp_path, "2026-11-20")

    assert done.exit_code == 3
    assert "2026年9月30日" in done.stderr
    assert f"{DATE_PASSED.name} 34行目" in done.stderr
    assert not (tmp_path / "town").exists()


def test_deploy_names_a_letter_of_the_town_that_no_sheet_can_show(tmp_path: Path) -> None:
    rules = tmp_path / "program.toml"
    rules.write_text(FIVE_LOTS.read_text("utf-8").replace('"平日 8:30', '"🕗平日 8:30'), "utf-8")

    done = deploy(rules, tmp_path, "2026-04-10")

    assert done.exit_code == 3
    assert "[letter_missing]" in done.stderr
    assert not (tmp_path / "town").exists()
