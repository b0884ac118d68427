"""A shop's last checkouts as a cashier needs them: a receipt that is not real is no payment, whatever the gateway says."""

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
    """A checkout, judged. `is_taken` says whether this till's screen has shown the payment; None, if another till does."""

    checkout: str
    amount_yen: int
    till: str | None
    at_ms: int
    status: str
    payment: bytes | None = None
    is_taken: bool | None = None

    def as_json(self) -> dict[str, Any]:
        """Write it for programs; a checkout that is not paid has no payment."""
        known = {
            "checkout": self.checkout,
            "amount": self.amount_yen,
            "till": self.till,
            "at_ms": self.at_ms,
            "status": self.status,
        }
        if self.payment is None:
            return known
        return known | {"is_taken": self.is_taken, "payment": "0x" + self.payment.hex()}


def judge(town: Town, place: TillHome, item: Recent) -> Sale:
    """Verify the receipt of a paid checkout, and look whether this till has taken it."""
    checkout = item.checkout
    sale = Sale(checkout.id, checkout.amount_yen, item.till, item.opened_at_ms, checkout.status)
    if checkout.status != "paid":
        return sale
    try:
        receipt = checkout.receipt()
        verify_receipt(town, receipt)
        Till.demand_for(checkout, receipt)
    except CoinError:
        return replace(sale, status="receipt_wrong")
    # Another till takes its own; this one may take what was paid by the sticker.
    is_ours = receipt.till in ("", place.paired().till)
    is_taken = place.book.has(receipt.payment) if is_ours else None
    return replace(sale, at_ms=receipt.accepted_at_ms, payment=receipt.payment, is_taken=is_taken)


def sale_lines(sales: Iterable[Sale]) -> Iterator[str]:
    """A line for each under the day on which it was: a shop that closes after midnight has two."""
    for day, of_day in groupby(sales, key=lambda sale: written(jst_date(sale.at_ms))):
        yield day
        for sale in of_day:
            yield (
                f"{jst_datetime(sale.at_ms):%H:%M:%S}  {sale.amount_yen:>9,}  {_word(sale)}  "
                f"{sale.till or say('ステッカー', 'sticker')}  {sale.checkout}"
            )


def _word(sale: Sale) -> str:
    if sale.status == "paid":
        return say("未確認　", "NOT TAKEN") if sale.is_taken is False else say("支払い済", "paid     ")
    words = {
        "open": say("お待ち　", "open     "),
        "expired": say("時間切れ", "expired  "),
        "receipt_wrong": say("偽の受領証！", "RECEIPT NOT REAL"),
    }
    return words.get(sale.status, sale.status)
