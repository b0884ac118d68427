"""On the last days of March and September the unused coins count by law."""

from datetime import date

import pytest

from coin.program import PartyKind
from coin.reports.base_dates import BaseDate, base_date


@pytest.mark.parametrize(
    ("issuer", "unused_yen", "to_secure_yen"),
    [
        (PartyKind.ASSOCIATION, 10_000_000, 0),
        (PartyKind.ASSOCIATION, 10_000_001, 5_000_001),
        (PartyKind.TOWN, 10_000_001, 0),
    ],
)
def test_half_is_secured_by_an_association_above_ten_million_rounded_up(
    issuer: PartyKind, unused_yen: int, to_secure_yen: int
) -> None:
    assert base_date(date(2023, 3, 31), issuer, unused_yen) == BaseDate(unused_yen, to_secure_yen)


@pytest.mark.parametrize("day", [date(2022, 9, 29), date(2022, 12, 31), date(2023, 4, 1)])
def test_other_days_are_no_base_dates(day: date) -> None:
    assert base_date(day, PartyKind.ASSOCIATION, 20_000_000) is None
