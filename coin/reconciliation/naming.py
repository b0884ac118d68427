"""How reconciliation names what it compares: a figure's place, days as dates, and bare numbers where no calendar has such a day."""

from typing import Any

from coin.clock import DAY_S, jst_date, last_day

Row = tuple[str, Any, Any]  # a figure's place, what the books say, what the chain or the record says
MISSING = "missing"


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


def plain(value: Any) -> Any:
    """Bytes as hex, anything else as it is."""
    return "0x" + value.hex() if isinstance(value, bytes) else value
