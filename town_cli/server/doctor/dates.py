"""The check of the calendar: the next expiry date is open before anything is issued under it."""

from coin.clock import DAY_S, jst_date, last_day
from coin.console import written_in_both
from coin.database.database import Conn
from coin.registry.books import Books
from coin.registry.calendar import WaitingDate, waiting_dates
from town_cli.server.doctor.finding import Finding, Question, Words
from town_cli.server.folder import OpenTown

DATES = Question("dates", "有効期限の用意", "expiry dates")
NOTICE_S = 30 * DAY_S
_OPEN = ("bandai-town dates open（職員2名）", "bandai-town dates open (two staff)")
_END = (
    "ワーカー（bandai-town serve）が期限を処理するのを待って、もう一度確かめてください",
    "let the worker (bandai-town serve) end that date, then look again",
)


def dates(connection: Conn, town: OpenTown) -> Finding:
    """Check that the next date is open a month before it is needed."""
    waiting = waiting_dates(Books(connection, town.municipality, town.clock))
    return _judged(waiting[0], town.clock.now_ms()) if waiting else DATES.ok("すべてあります", "all are open")


def _judged(next_date: WaitingDate, now_ms: int) -> Finding:
    date_ja, date_en = written_in_both(last_day(next_date.date.ends_s))
    needed_ja, needed_en = written_in_both(jst_date(next_date.date.first_s * 1000))
    named: Words = (
        f"{date_ja}までの期限（{needed_ja}から発行）",
        f"the one until {date_en} (issued from {needed_en})",
    )
    if now_ms < next_date.free_s * 1000:
        free_ja, free_en = written_in_both(jst_date(next_date.free_s * 1000))
        return DATES.ok(
            f"次は{named[0]}。{free_ja}から用意できます",
            f"next is {named[1]}; it can be opened from {free_en}",
        )
    if next_date.is_held:
        return DATES.problem(
            f"{named[0]}の枠に、期限の過ぎた残高が残っています",
            f"expired value is left in the lane of {named[1]}",
            cure=_END,
        )
    return DATES.judge(
        now_ms < (next_date.date.first_s - NOTICE_S) * 1000,
        well=(f"{named[0]}を用意できます: {_OPEN[0]}", f"{named[1]} can be opened: {_OPEN[1]}"),
        wrong=(f"{named[0]}がまだありません", f"{named[1]} is not open yet"),
        cure=_OPEN,
    )
