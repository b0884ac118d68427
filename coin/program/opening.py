"""The rules against the day on which a town opens with them, before any key is made.

Later the same file is read although some of its dates have passed; so this is asked of a new town only.
"""

from coin.clock import jst_date, last_day
from coin.program.lines import KeyLines
from coin.program.rules import Program
from coin.program.table import Problems


def demand_dates_to_come(program: Program, now_ms: int, *, file_name: str) -> None:
    """Refuse rules with a date that is over: it could not be opened.

    Raises:  InvalidFile (`expiry_passed`), with every such line.
    """
    problems = Problems(file_name, KeyLines(program.text()))
    today = jst_date(now_ms)
    for index, rule in enumerate(program.expiry):
        day = last_day(rule.ends_s)
        problems.require(
            now_ms < rule.ends_s * 1000,
            ("expiry", index, "ends_at"),
            "expiry_passed",
            f"この期限（{day:%Y年%-m月%-d日}まで）は過ぎています（今日は {today:%Y年%-m月%-d日}）。"
            "この [[expiry]] を消すか、日時を直してください。",
            f"this date (until {day}) is over (today is {today}); delete this [[expiry]] or correct it.",
        )
    problems.raise_if_any()
