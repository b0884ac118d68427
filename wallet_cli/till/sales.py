"""A shop's recent checkouts for the cashier. Only a genuine receipt counts as a payment, whatever the gateway says."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from bandai_client import Recent, Till, Town, verify_receipt
from coin.clock import jst_date, jst_datetime
from coin.console import say, written
from coin.errors import CoinError
from wallet_cli.till.home import TillHome


@dataclass(frozen=True)
class Sale:
    """A checkout with the result of the check. `is_taken`: this till has shown the payment; None, if it is for another till
    to show."""

    checkout: str
    amount_yen: int
    till: str | None
    at_ms: int
    status: str
    payment: bytes | None = None
    is_taken: bool | None = None
    reference: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the JSON object for programs; an unpaid checkout has no payment."""
        known = {
            "checkout": self.checkout,
            "amount": self.amount_yen,
            "till": self.till,
            "at_ms": self.at_ms,
            "status": self.status,
            "reference": self.reference,
        }
        if self.payment is None:
            return known
        return known | {"is_taken": self.is_taken, "payment": "0x" + self.payment.hex()}


def judge(town: Town, place: TillHome, item: Recent) -> Sale:
    """Verify the receipt of a paid checkout, and look up whether this till has taken it."""
    checkout = item.checkout
    sale = Sale(
        checkout.id,
        checkout.amount_yen,
        item.till,
        item.opened_at_ms,
        checkout.status,
        reference=checkout.reference,
    )
    if checkout.status != "paid":
        return sale
    try:
        receipt = checkout.receipt()
        verify_receipt(town, receipt)
        Till.demand_for(checkout, receipt)
    except CoinError:
        return replace(sale, status="receipt_wrong")
    # Each till takes its own payments; this one may also take payments by the sticker.
    is_ours = receipt.till in ("", place.paired().till)
    is_taken = place.book.has(receipt.payment) if is_ours else None
    return replace(sale, at_ms=receipt.accepted_at_ms, payment=receipt.payment, is_taken=is_taken)


def sale_lines(sales: Iterable[Sale]) -> Iterator[str]:
    """Yield a line for each sale, under a heading with its date: a shop that closes after midnight has two dates."""
    for day, of_day in groupby(sales, key=lambda sale: written(jst_date(sale.at_ms))):
        yield day
        for sale in of_day:
            yield (
                f"{jst_datetime(sale.at_ms):%H:%M:%S}  {sale.amount_yen:>9,}  {_word(sale)}  "
                f"{till_word(sale.till)}  {sale.checkout}{'  ' + sale.reference if sale.reference else ''}"
            )


def till_word(label: str | None) -> str:
    """Write which till took a payment; None: it was paid by the sticker."""
    return label or say("ステッカー", "sticker")


def _word(sale: Sale) -> str:
    if sale.status == "paid":
        return say("未確認　", "NOT TAKEN") if sale.is_taken is False else say("支払い済", "paid     ")
    words = {
        "open": say("お待ち　", "open     "),
        "expired": say("時間切れ", "expired  "),
        "cancelled": say("取り消し", "cancelled"),
        "receipt_wrong": say("偽の受領証！", "RECEIPT NOT REAL"),
    }
    return words.get(sale.status, sale.status)
