"""What a watch tells a shop about one payment, once: with a bell if it is new and just happened, else as a line.

Keeps:   a payment is recorded as announced (and as taken, if it belongs to no till) before anybody sees it, so that goods are
         not handed over twice for it.
"""

from dataclasses import dataclass
from typing import Any

from bandai_client import Receipt, ShopPayment, Till, Told
from coin.clock import jst_date, jst_datetime
from coin.console import say, written
from coin.messages import checksum_address
from wallet_cli.common.wording import yen
from wallet_cli.till.display import ring, slip_lines
from wallet_cli.till.home import TillHome
from wallet_cli.till.sales import till_word

_LATE_MS = 600_000
"""Whoever paid so long ago has left the shop: no bell."""


@dataclass(frozen=True)
class Announcement:
    """A payment as it is announced; `rings`: it is genuine, just happened, and this till has not shown it before."""

    paid: ShopPayment
    is_genuine: bool
    rings: bool

    @property
    def receipt(self) -> Receipt:
        """The receipt, verified if `is_genuine`."""
        return self.paid.receipt

    def as_json(self) -> dict[str, Any]:
        """Return the JSON object for programs."""
        return payment_json(self.paid) | {"is_genuine": self.is_genuine, "rings": self.rings}

    def lines(self) -> list[str]:
        """Return the lines for people."""
        if not self.is_genuine:
            warning = "偽の受領証です。支払いではありません。品物を渡さず、町の窓口にお知らせください。"
            return [
                say(warning, "RECEIPT NOT REAL: this is no payment. Hand nothing over, and tell the town.")
            ]
        return [
            *(ring(self.receipt.amount_yen) if self.rings else []),
            self._line(),
            *slip_lines(self.paid.reference),
        ]

    def _line(self) -> str:
        at = jst_datetime(self.receipt.accepted_at_ms)
        day = "" if self.rings else f"{written(jst_date(self.receipt.accepted_at_ms))} "
        where, amount, number = till_word(self.paid.till), yen(self.receipt.amount_yen), self.receipt.sequence
        return say(
            f"支払い  {amount}  {day}{at:%H:%M:%S}  {where}  番号 {number}（受領証を確かめました）",
            f"PAID  {amount}  {day}{at:%H:%M:%S}  {where}  number {number} (receipt verified)",
        )


def announce(place: TillHome, till: Till, told: Told, *, now_ms: int) -> Announcement:
    """Record that a payment is announced now, and return what to show."""
    receipt = told.paid.receipt
    if not told.is_genuine:
        return Announcement(told.paid, is_genuine=False, rings=False)
    is_new = till.take_of_no_till(receipt) if receipt.till == "" else not place.book.has(receipt.payment)
    place.keep_announced(receipt.sequence)
    is_late = now_ms - receipt.accepted_at_ms > _LATE_MS
    return Announcement(told.paid, is_genuine=True, rings=is_new and not is_late)


def payment_json(paid: ShopPayment) -> dict[str, Any]:
    """Return a payment as a JSON object for programs."""
    receipt = paid.receipt
    return {
        "sequence": receipt.sequence,
        "at_ms": receipt.accepted_at_ms,
        "amount": receipt.amount_yen,
        "coins": paid.coins_yen,
        "points": paid.points_yen,
        "till": paid.till,
        "reference": paid.reference,
        "checkout": receipt.checkout,
        "payment": "0x" + receipt.payment.hex(),
        "merchant": checksum_address(receipt.merchant),
    }
