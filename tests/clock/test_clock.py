"""Time is Japan's, ends are exclusive at 00:00 +09:00, and a moved clock is for demos only."""

import json
import os
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coin.clock import (
    FileClock,
    StandingClock,
    SystemClock,
    fiscal_year,
    fiscal_year_start_s,
    is_jst_midnight,
    jst_date,
    jst_datetime,
    jst_day,
    jst_midnight_s,
    move_clock_to,
    open_clock,
    parse_jst_date,
    write_clock_offset,
)
from coin.errors import Forbidden, InvalidInput

TOKYO = ZoneInfo("Asia/Tokyo")
MOMENTS_MS = st.integers(0, 4_102_444_800_000)
DAYS = st.dates(date(1970, 1, 2), date(2199, 12, 31))


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@given(MOMENTS_MS)
def test_days_in_japan_equal_the_time_zone_database(at_ms: int) -> None:
    there = datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(TOKYO)

    assert jst_date(at_ms) == there.date()
    assert jst_datetime(at_ms).replace(microsecond=0).isoformat() == there.isoformat()


@given(DAYS)
def test_a_day_begins_at_its_midnight_and_not_a_millisecond_before(day: date) -> None:
    start_s = jst_midnight_s(day)

    assert is_jst_midnight(start_s)
    assert not is_jst_midnight(start_s + 1)
    assert jst_date(start_s * 1000) == day
    assert jst_date(start_s * 1000 - 1) < day
    assert jst_day(start_s) == jst_day(start_s - 1) + 1


@given(MOMENTS_MS)
def test_the_number_of_a_day_is_the_contracts(at_ms: int) -> None:
    assert jst_day(at_ms // 1000) == (at_ms // 1000 + 32_400) // 86_400


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2023-03-31T23:59:59.999+09:00", 2022),
        ("2023-04-01T00:00:00.000+09:00", 2023),
        ("2023-03-31T15:00:00.000+00:00", 2023),
        ("2022-07-22T06:30:00.000+09:00", 2022),
    ],
)
def test_a_fiscal_year_runs_from_april_to_march(text: str, year: int) -> None:
    assert fiscal_year(ms(text)) == year


def test_a_fiscal_year_ends_where_the_next_begins() -> None:
    assert fiscal_year_start_s(2023) == jst_midnight_s(date(2023, 4, 1))
    assert fiscal_year(fiscal_year_start_s(2023) * 1000 - 1) == 2022


@given(DAYS)
def test_a_written_day_is_read_back(day: date) -> None:
    assert parse_jst_date(day.isoformat()) == day


@pytest.mark.parametrize(
    "text",
    [
        "2022-7-22",
        "20220722",
        "2022-02-30",
        "2022-07-22T00:00",
        " 2022-07-22",
        "２０２２-07-22",
        "2022-W29-5",
        "",
    ],
)
def test_a_day_written_otherwise_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_jst_date(text, field="from")

    assert (refused.value.code, refused.value.field) == ("date_malformed", "from")


def test_a_standing_clock_moves_only_when_told() -> None:
    clock = StandingClock(1_000)

    clock.advance_ms(5)

    assert clock.now_ms() == 1_005
    clock.set_ms(3)
    assert clock.now_ms() == 3


def test_every_reader_of_a_clock_file_sees_a_new_offset_at_once(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    write_clock_offset(path, 0)
    clocks = [FileClock(path), FileClock(path)]
    assert [clock.offset_ms() for clock in clocks] == [0, 0]

    for offset_ms in (7, 8, -9, 10):
        write_clock_offset(path, offset_ms)

        assert [clock.offset_ms() for clock in clocks] == [offset_ms, offset_ms]


def test_an_offset_replaced_within_one_tick_of_the_file_system_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    write_clock_offset(path, 7)
    os.utime(path, ns=(1, 1))
    clock = FileClock(path)

    write_clock_offset(path, 8)
    os.utime(path, ns=(1, 1))

    assert clock.offset_ms() == 8


def test_a_moved_clock_says_the_moment_it_was_moved_to_and_runs_on(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    start_ms = ms("2022-07-22T00:00:00+09:00")

    move_clock_to(path, start_ms)
    first_ms, second_ms = FileClock(path).now_ms(), FileClock(path).now_ms()

    assert start_ms <= first_ms <= second_ms < start_ms + 60_000


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"offset_ms": 1.5}', '{"offset_ms": true}', '{"offset_ms": 1, "x": 2}', "\udcff"],
)
def test_a_clock_file_that_is_something_else_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))

    with pytest.raises(InvalidInput) as refused:
        FileClock(path)

    assert refused.value.code == "clock_file_invalid"


def test_a_clock_file_that_vanishes_is_refused_and_never_falls_back_to_the_machine(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    write_clock_offset(path, 5)
    clock = FileClock(path)
    path.unlink()

    with pytest.raises(InvalidInput):
        clock.now_ms()


def test_a_clock_file_is_refused_outside_a_demo(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    path.write_text(json.dumps({"offset_ms": 0}))

    with pytest.raises(Forbidden) as refused:
        open_clock(path, is_demo=False)

    assert refused.value.code == "demo_clock_refused"
    assert isinstance(open_clock(path, is_demo=True), FileClock)
    assert isinstance(open_clock(None, is_demo=False), SystemClock)
