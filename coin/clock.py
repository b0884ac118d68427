"""The town's time: Asia/Tokyo, from an injected clock; no other module reads the machine's clock.

Days, fiscal years and expiries end at 00:00 +09:00, exclusively. Japan has had no summer time since 1952, so a
fixed offset is exact for every date the ledger can hold. Moments are milliseconds (`_ms`) when they order
operations, and seconds (`_s`) where they are expiries; both count from 1970-01-01T00:00Z.
"""

import json
import os
import re
import tempfile
import time
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Protocol

from coin.errors import Forbidden, InvalidInput
from coin.parsing import parse_json, read_file

JST = timezone(timedelta(hours=9), "JST")
JST_OFFSET_S = 32_400
CLOCK_TOLERANCE_MS = 5_000  # allowed difference between the clocks of two machines
DAY_S = 86_400
FISCAL_YEAR_FIRST_MONTH = 4

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_DATE_TEXT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Clock(Protocol):
    """A source of the present time."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00Z."""
        ...


class SystemClock:
    """The machine's clock; the only one a real town uses."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00Z, from the machine."""
        return time.time_ns() // 1_000_000


class StandingClock:
    """A clock that stands still until it is set, for tests and replays."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        """Return the time it was last set to."""
        return self._now_ms

    def set_ms(self, now_ms: int) -> None:
        """Set the time; it may go back, as a machine's clock can."""
        self._now_ms = now_ms

    def advance_ms(self, by_ms: int) -> None:
        """Advance the time by `by_ms`."""
        self._now_ms += by_ms


class FileClock:
    """The machine's clock moved by an offset in a file, so that all processes of a demo share one time.

    The file is JSON, `{"offset_ms": 123}`. It is read again whenever it is replaced; a call costs one stat. Use `open_clock`
    to make one: it refuses a clock file outside a demo.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._offset_ms = 0
        self.offset_ms()

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00Z, moved by the file's offset.

        Raises:  InvalidInput (`clock_file_invalid`), if the file is missing or malformed.
        """
        return SystemClock().now_ms() + self.offset_ms()

    def offset_ms(self) -> int:
        """Return the offset in the file now.

        Raises:  InvalidInput (`clock_file_invalid`), as `now_ms`.
        """
        mark = self._mark()
        if mark != self._seen:
            self._offset_ms = _read_offset_ms(self._path)
            self._seen = mark
        return self._offset_ms

    def _mark(self) -> tuple[int, int, int]:
        try:
            stat = self._path.stat()
        except OSError as error:
            raise _bad_clock_file(self._path) from error
        return stat.st_mtime_ns, stat.st_size, stat.st_ino


def open_clock(path: Path | None, *, is_demo: bool) -> Clock:
    """Return the machine's clock or, for a municipality that is marked as a demo, the clock of the file `path`.

    Raises:  Forbidden (`demo_clock_refused`), if a file is given and the municipality is not a demo.
    """
    if path is None:
        return SystemClock()
    if not is_demo:
        raise Forbidden(
            "動かせる時計はデモの自治体だけで使えます。",
            "A clock file is only for a municipality that is marked as a demo.",
            code="demo_clock_refused",
        )
    return FileClock(path)


def write_clock_offset(path: Path, offset_ms: int) -> None:
    """Write an offset to a clock file atomically."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"offset_ms": offset_ms}, file)
    Path(temporary).replace(path)


def move_clock_to(path: Path, now_ms: int) -> None:
    """Set a clock file so that its time is `now_ms` now and continues from there."""
    write_clock_offset(path, now_ms - SystemClock().now_ms())


def jst_datetime(at_ms: int) -> datetime:
    """Return the moment as a date and time in Japan."""
    return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at_ms)).astimezone(JST)


def jst_date(at_ms: int) -> date:
    """Return the day in Japan of the moment."""
    return date.fromordinal(_EPOCH_DAY + jst_day(at_ms // 1000))


def jst_day(at_s: int) -> int:
    """Return the number of the day in Japan, counted from 1970-01-01, as the contract computes it."""
    return (at_s + JST_OFFSET_S) // DAY_S


def jst_midnight_s(day: date) -> int:
    """Return the second at which `day` begins in Japan; value with this expiry can be spent until the end of the day
    before."""
    return (day.toordinal() - _EPOCH_DAY) * DAY_S - JST_OFFSET_S


def last_day(expiry_s: int) -> date:
    """Return the last day on which value of that expiry can be spent: the expiry itself is 00:00 of the day after."""
    return jst_date((expiry_s - 1) * 1000)


def is_jst_midnight(at_s: int) -> bool:
    """Return whether the second is 00:00 in Japan, as every expiry must be."""
    return (at_s + JST_OFFSET_S) % DAY_S == 0


def fiscal_year(at_ms: int) -> int:
    """Return the fiscal year (April to March) of the moment, by the calendar year in which it begins."""
    day = jst_date(at_ms)
    return day.year if day.month >= FISCAL_YEAR_FIRST_MONTH else day.year - 1


def fiscal_year_start_s(year: int) -> int:
    """Return the second at which a fiscal year begins; it ends where the next one begins."""
    return jst_midnight_s(date(year, FISCAL_YEAR_FIRST_MONTH, 1))


def parse_jst_date(text: str, *, field: str = "date") -> date:
    """Read a day written as YYYY-MM-DD, and nothing else.

    Raises:  InvalidInput (`date_malformed`), if it is written differently or does not exist.
    """
    try:
        if _DATE_TEXT.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise InvalidInput(
        "日付は 2022-07-22 のように書いてください。",
        "A date is written like 2022-07-22.",
        field=field,
        code="date_malformed",
    )


def _read_offset_ms(path: Path) -> int:
    try:
        content = parse_json(read_file(path))
    except (OSError, ValueError) as error:
        raise _bad_clock_file(path) from error
    offset_ms = content.get("offset_ms") if isinstance(content, dict) and len(content) == 1 else None
    if type(offset_ms) is not int:
        raise _bad_clock_file(path)
    return offset_ms


def _bad_clock_file(path: Path) -> InvalidInput:
    return InvalidInput(
        f"時計ファイル {path.name} を読めません。",
        f'The clock file {path.name} is missing or is not like {{"offset_ms": 0}}.',
        field="clock",
        code="clock_file_invalid",
    )
