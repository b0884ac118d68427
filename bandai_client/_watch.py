"""Watches a shop's payments: tells each one once, in order, however often the connection is lost.

What was told last is a payment's number in the journal. Only a verified receipt moves it, so that a false answer cannot make
the watch skip a payment. Knows no file: the caller keeps the number over restarts.

Keeps:   each payment is told exactly once by a watch that goes on from where it stopped.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bandai_client._checkouts import ShopPayment
from bandai_client._errors import answer_wrong
from bandai_client._till import Till
from coin.errors import CoinError, TooManyRequests, Unauthorized, Unavailable

_AGAIN_S = 3.0
_FINAL = (
    "town_changed",
    "clock_wrong",
)  # a person has to look; anything else may pass, as a server that is restarted


@dataclass(frozen=True)
class Told:
    """A payment to be told; `is_genuine` is false if its receipt is not the town's: then it is no payment."""

    paid: ShopPayment
    is_genuine: bool


class Watch:
    """The payments of a till's shop after the one with the number `last`; None: after the last one that there is."""

    def __init__(self, till: Till, last: int | None, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._till = till
        self._last = last
        self._sleep = sleep
        self._refused: set[bytes] = set()

    def payments(self, lost: Callable[[], None]) -> Iterator[Told]:
        """Yield every payment, without an end; `lost` is called once whenever the gateway gives no answer, or none of use.

        Raises:  Unauthorized, if the till's credential is revoked; CoinError (town_changed, clock_wrong).
        """
        is_lost = False
        while True:
            try:
                yield from self._new(self._missed())
                is_lost = False
                yield from self._live()
            except CoinError as error:
                if _is_final(error):
                    raise
                if not is_lost:
                    lost()
                is_lost = True
            self._sleep(_AGAIN_S)

    def _live(self) -> Iterator[Told]:
        """Yield what happens until the stream ends. Where there is no stream, the next round asks again."""
        try:
            for paid in self._till.follow_payments(self._last or 0):
                yield from self._new([paid])
        except Unauthorized:
            self._till.open_session()  # the session has ended; a credential that is revoked is refused here
        except CoinError as error:
            if _is_final(error) or isinstance(error, Unavailable | TooManyRequests):
                raise

    def _missed(self) -> list[ShopPayment]:
        """Return what happened after the last one that was told, oldest first; a first watch begins now."""
        page, more = self._till.payments()
        if self._last is None:
            self._last = max((paid.receipt.sequence for paid in page if self._is_genuine(paid)), default=0)
            return []
        missed = self._later(page)
        while more and page and self._later(page) == page:
            before = page[-1].receipt.sequence
            page, more = self._till.payments(before)
            if page and page[0].receipt.sequence >= before:
                raise answer_wrong("payments")
            missed += self._later(page)
        return missed[::-1]

    def _later(self, page: list[ShopPayment]) -> list[ShopPayment]:
        return [paid for paid in page if paid.receipt.sequence > (self._last or 0)]

    def _new(self, found: list[ShopPayment]) -> Iterator[Told]:
        for paid in found:
            if paid.receipt.sequence <= (self._last or 0):
                continue
            if self._is_genuine(paid):
                self._last = paid.receipt.sequence
                yield Told(paid, is_genuine=True)
            elif paid.receipt.signature not in self._refused:
                self._refused.add(paid.receipt.signature)
                yield Told(paid, is_genuine=False)

    def _is_genuine(self, paid: ShopPayment) -> bool:
        try:
            self._till.demand_genuine(paid)
        except CoinError as error:
            if error.code != "receipt_wrong":
                raise
            return False
        return True


def _is_final(error: CoinError) -> bool:
    return isinstance(error, Unauthorized) or error.code in _FINAL
