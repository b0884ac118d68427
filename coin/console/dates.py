"""Days and moments as people write them. What programs read stays whole milliseconds, or ISO 8601 for a day."""

from datetime import date, datetime

from coin.console.speech import is_english


def written(when: date, *, in_english: bool | None = None) -> str:
    """A day, or of a datetime the minute: 2022年7月22日 10:05, in English 2022-07-22 10:05.

    `in_english` is for a sentence whose language is settled; without it the locale's.
    """
    english = is_english() if in_english is None else in_english
    day = f"{when:%Y-%m-%d}" if english else f"{when.year}年{when.month}月{when.day}日"
    return f"{day} {when:%H:%M}" if isinstance(when, datetime) else day
