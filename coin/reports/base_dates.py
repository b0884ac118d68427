"""Base dates (基準日): the unused balance that an issuer other than a municipality must report; above ten million yen it must
secure half.

Source:  資金決済法14条。
"""

from dataclasses import dataclass
from datetime import date

from coin.program import PartyKind

BASE_DATES = ((3, 31), (9, 30))
SECURED_ABOVE_YEN = 10_000_000


@dataclass(frozen=True, slots=True)
class BaseDate:
    """The figures of a base date; `to_secure_yen` is 0 if nothing has to be secured."""

    unused_yen: int
    to_secure_yen: int


def base_date(day: date, issuer: PartyKind, unused_yen: int) -> BaseDate | None:
    """Return the figures of that day; None, if it is not a base date."""
    if (day.month, day.day) not in BASE_DATES:
        return None
    is_secured = issuer is PartyKind.ASSOCIATION and unused_yen > SECURED_ABOVE_YEN
    return BaseDate(unused_yen, -(-unused_yen // 2) if is_secured else 0)
