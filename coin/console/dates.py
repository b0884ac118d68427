"""Days and times as people write them. Programs get whole milliseconds, or ISO 8601 for a day."""

from datetime import date, datetime

from coin.console.speech import say


def written(when: date) -> str:
    """Return a day, or for a datetime also the minute: 2022年7月22日 10:05, in an English locale 2022-07-22 10:05."""
    return say(*written_in_both(when))


def written_in_both(when: date) -> tuple[str, str]:
    """Return the day or time in Japanese and in English, for a sentence in both languages."""
    time = f" {when:%H:%M}" if isinstance(when, datetime) else ""
    return f"{when.year}年{when.month}月{when.day}日{time}", f"{when:%Y-%m-%d}{time}"
