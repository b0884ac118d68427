"""How reconciliation names days: as dates, and as bare numbers where somebody wrote one that no calendar has."""

from coin.clock import DAY_S, jst_date, last_day


def shown_last_day(expiry_s: int) -> str:
    """The last day of use of value with that expiry; '-' for value that does not expire."""
    if not expiry_s:
        return "-"
    try:
        return last_day(expiry_s).isoformat()
    except (OverflowError, ValueError):
        return f"expiry {expiry_s}"


def shown_day(day: int) -> str:
    """A day that is counted from 1970-01-01 in Japan."""
    try:
        return jst_date(day * DAY_S * 1000).isoformat()
    except (OverflowError, ValueError):
        return f"day {day}"
