"""One day of a shop: its payments with verified receipts, the sums, and the table for a spreadsheet."""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from itertools import groupby
from pathlib import Path

from bandai_client import ShopPayment, Till
from coin.clock import DAY_S, jst_datetime, jst_midnight_s
from coin.console import say
from coin.console.tables import Cell, table
from coin.errors import CoinError
from wallet_cli.common.files import open_new_private
from wallet_cli.till.sales import till_word

_FORMULA = tuple("=+-@\t\r")


@dataclass(frozen=True)
class Day:
    """The payments of one day in Japan, oldest first; `forged` have no receipt of the town and are no payments."""

    day: date
    payments: Sequence[ShopPayment]
    forged: int

    @property
    def total_yen(self) -> int:
        """The sum of the payments."""
        return sum(paid.receipt.amount_yen for paid in self.payments)

    @property
    def coins_yen(self) -> int:
        """How much of it was paid in coins."""
        return sum(paid.coins_yen for paid in self.payments)

    @property
    def points_yen(self) -> int:
        """How much of it was paid in points."""
        return sum(paid.points_yen for paid in self.payments)

    def by_till(self) -> list[tuple[str | None, int, int]]:
        """Return for each till its label, how many payments, and their sum; None: by the sticker."""
        ordered = sorted(self.payments, key=lambda paid: paid.till or "")
        groups = ((label, list(of_till)) for label, of_till in groupby(ordered, key=lambda paid: paid.till))
        return [
            (label, len(items), sum(paid.receipt.amount_yen for paid in items)) for label, items in groups
        ]


def read_day(till: Till, day: date) -> Day:
    """Return a day of a till's shop, each receipt verified."""
    start_ms = jst_midnight_s(day) * 1000
    found = [
        paid
        for paid in _back_to(till, start_ms)
        if start_ms <= paid.receipt.accepted_at_ms < start_ms + DAY_S * 1000
    ]
    genuine = [paid for paid in found if _is_genuine(till, paid)]
    return Day(day, genuine[::-1], len(found) - len(genuine))


def _back_to(till: Till, start_ms: int) -> Iterator[ShopPayment]:
    before, more = None, True
    while more:
        page, more = till.payments(before)
        yield from page
        before = page[-1].receipt.sequence if page else None
        more = more and before is not None and page[-1].receipt.accepted_at_ms >= start_ms


def _is_genuine(till: Till, paid: ShopPayment) -> bool:
    try:
        till.demand_genuine(paid)
    except CoinError as error:
        if error.code != "receipt_wrong":
            raise
        return False
    return True


def day_lines(day: Day) -> list[str]:
    """Write the list and the sums for people."""
    headers = [
        say(*pair)
        for pair in (
            ("時刻", "time"),
            ("金額", "yen"),
            ("レジ", "till"),
            ("番号", "number"),
            ("伝票", "reference"),
        )
    ]
    rows: list[list[Cell]] = [
        [
            f"{jst_datetime(paid.receipt.accepted_at_ms):%H:%M:%S}",
            paid.receipt.amount_yen,
            till_word(paid.till),
            str(paid.receipt.sequence),
            paid.reference or "",
        ]
        for paid in day.payments
    ]
    sums = [
        f"{till_word(label)}  " + say(f"{count} 件  {amount:,}円", f"{count}  {amount:,} yen")
        for label, count, amount in day.by_till()
    ]
    return [*(table(headers, rows) if rows else []), "", *sums, _sum_line(day)]


def _sum_line(day: Day) -> str:
    count, total = len(day.payments), day.total_yen
    return say(
        f"合計 {count} 件  {total:,}円（コイン {day.coins_yen:,}円、ポイント {day.points_yen:,}円）",
        f"total {count}  {total:,} yen (coins {day.coins_yen:,}, points {day.points_yen:,})",
    )


def write_csv(day: Day, path: Path) -> None:
    """Write the list to a new file for a spreadsheet, readable only by its owner: it can name people.

    Raises:  InvalidInput naming `csv`, if the file exists or cannot be written.
    """
    handle = open_new_private(path, field="csv")
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:  # Excel reads UTF-8 by its mark
        file.write(as_csv(day))


def as_csv(day: Day) -> str:
    """Return the list as CSV (RFC 4180), with a heading."""
    text = StringIO()
    lines = csv.writer(text)
    headers = [
        "日付",
        "時刻",
        "金額",
        "コイン",
        "ポイント",
        "レジ",
        "伝票",
        "番号",
        "お会計の番号",
        "支払いの番号",
    ]
    lines.writerow(headers)
    for paid in day.payments:
        receipt, at = paid.receipt, jst_datetime(paid.receipt.accepted_at_ms)
        texts = (paid.till or "ステッカー", paid.reference or "")
        amounts = (receipt.amount_yen, paid.coins_yen, paid.points_yen)
        ids = (receipt.sequence, receipt.checkout or "", "0x" + receipt.payment.hex())
        lines.writerow([f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}", *amounts, *map(_as_text, texts), *ids])
    return text.getvalue()


def _as_text(cell: str) -> str:
    """Return a text that a spreadsheet does not take for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
