"""A day is written in one way by every command: as a Japanese reads it, in English as ISO 8601."""

from datetime import date

import pytest

from coin.clock import jst_datetime
from coin.console import written, written_in_both
from wallet_cli.resident.wording import last_day

MOMENT_MS = 1_658_451_900_000  # 2022-07-22 10:05 in Japan


@pytest.mark.parametrize(
    ("locale", "day", "moment", "last"),
    [
        ("ja_JP.UTF-8", "2022年7月2日", "2022年7月22日 10:05", "2022年7月2日まで"),
        ("en_US.UTF-8", "2022-07-02", "2022-07-22 10:05", "until 2022-07-02"),
    ],
)
def test_a_day_and_a_moment_are_written_as_the_locale_reads_them(monkeypatch, locale, day, moment, last):
    monkeypatch.setenv("LC_ALL", locale)

    assert written(date(2022, 7, 2)) == day
    assert written(jst_datetime(MOMENT_MS)) == moment
    assert last_day(1_656_774_000) == last  # 2022-07-03 00:00 in Japan


def test_a_sentence_in_both_languages_has_its_day_in_both():
    assert written_in_both(date(2022, 7, 2)) == ("2022年7月2日", "2022-07-02")
