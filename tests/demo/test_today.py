"""The example of today is right on any date."""

from datetime import datetime
from pathlib import Path

import pytest

from coin.clock import JST
from coin.merchant_file import read_merchants
from coin.program import LotKind, load_program
from demo.today import write_example


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=JST).timestamp() * 1000)


@pytest.mark.parametrize(
    ("moment", "year"),
    [
        ("2026-11-26T12:00:00", 2026),
        ("2027-03-31T23:59:59", 2026),
        ("2027-04-01T00:00:00", 2027),
        ("2028-02-29T12:00:00", 2027),
        ("2031-01-01T00:00:00", 2030),
    ],
)
def test_its_rules_let_people_charge_at_the_moment_for_which_they_were_written(
    tmp_path: Path, moment: str, year: int
) -> None:
    program = load_program(write_example(tmp_path, ms(moment)))

    period = program.period
    assert period.fiscal_year == year
    assert period.starts_s * 1000 <= ms(moment) < period.ends_s * 1000
    assert program.expiry_s(LotKind.COIN, ms(moment)) * 1000 > ms(moment)
    assert program.municipality.is_demo


def test_its_shops_are_the_forty_invented_ones(tmp_path: Path) -> None:
    program = load_program(write_example(tmp_path, ms("2026-11-26T12:00:00")))

    assert len(read_merchants(tmp_path / "merchants.csv", program)) == 40


def test_a_later_year_replaces_an_earlier_one(tmp_path: Path) -> None:
    write_example(tmp_path, ms("2026-11-26T12:00:00"))
    later = write_example(tmp_path, ms("2027-11-26T12:00:00"))

    assert load_program(later).period.fiscal_year == 2027
