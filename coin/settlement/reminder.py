"""Says in the worker's log that an expiry date can be opened: two staff must sign, which no worker can do for them."""

import logging

from coin.clock import jst_date, last_day
from coin.registry.books import open_books
from coin.registry.calendar import waiting_dates
from coin.settlement.settler import Settler

_LOG = logging.getLogger("coin.settlement")


class Reminder:
    """Looks once a day, and names each date that waits for two staff."""

    def __init__(self) -> None:
        self._looked_on: object = None

    def remind(self, settler: Settler) -> int:
        """Return how many dates can be opened now; 0 if it looked today already.

        Raises:  Unavailable, if the database does not answer; the next call looks again.
        """
        now_ms = settler.clock.now_ms()
        if self._looked_on == jst_date(now_ms):
            return 0
        with open_books(settler.database, settler.municipality, settler.clock) as books:
            due = [date for date in waiting_dates(books) if date.can_be_opened(now_ms)]
        for waiting in due:
            day, first = last_day(waiting.date.ends_s), jst_date(waiting.date.first_s * 1000)
            _LOG.warning(
                "the date until %s is needed from %s: bandai-town dates open (two staff)", day, first
            )
        self._looked_on = jst_date(now_ms)
        return len(due)
