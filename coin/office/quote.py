"""Quotes a charge at a counter, before anybody signs it."""

from coin.clock import jst_date, last_day
from coin.console import written_in_both
from coin.errors import InvalidInput
from coin.operations.top_up import Quote, quote
from coin.program.rules import Period
from coin.registry.books import Books


def quote_now(books: Books, coins: int) -> Quote:
    """Return the coins, their bonus and the ends of both.

    Raises:  InvalidInput (`period_closed`), if today is outside the period; Rejected as `quote`.
    """
    now_ms = books.now_ms()
    _demand_open(books.municipality.program.period, now_ms)
    return quote(books, now_ms, coins)


def _demand_open(period: Period, now_ms: int) -> None:
    if not period.contains(now_ms):
        first_ja, first_en = written_in_both(jst_date(period.starts_s * 1000))
        last_ja, last_en = written_in_both(last_day(period.ends_s))
        raise InvalidInput(
            f"チャージできるのは{first_ja}から{last_ja}までです。",
            f"Charging is open from {first_en} until {last_en}.",
            field="period",
            code="period_closed",
        )
