"""The figures for the town's staff: issued, held, expired, and each shop with coins and points separate.

All are added up from the journal as it was at one moment, so that the figures of any past day can be computed: for a monthly
inspection, or for a base date (基準日, 資金決済法) with its unused balance of coins.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from coin.clock import jst_midnight_s
from coin.ledger.statements import MerchantTotal, held_by_date, merchant_statement
from coin.ledger.trial_balance import TrialBalance, trial_balance_at
from coin.records.journal_codes import JournalCode
from coin.registry.books import Books
from coin.registry.merchants import Merchant, all_merchants


@dataclass(frozen=True, slots=True)
class ShopFigures:
    """One shop since the first day; coins and points are added up only in `total`."""

    merchant: Merchant
    totals: tuple[MerchantTotal, ...]

    def received(self, kind: str) -> int:
        """Return what the shop received of one kind."""
        return sum(item.received for item in self.totals if item.kind == kind)

    @property
    def redeemed(self) -> int:
        """What was redeemed for a payout, both kinds."""
        return sum(item.redeemed for item in self.totals)

    @property
    def balance(self) -> int:
        """What the shop holds now, both kinds."""
        return sum(item.balance for item in self.totals)


@dataclass(frozen=True, slots=True)
class FundFigures:
    """A budget for points and how much of it was given; reversed points return to it, expired points do not."""

    id: str
    budget: int
    given: int


@dataclass(frozen=True, slots=True)
class CashFigures:
    """The cash taken at one channel: on the day itself, and since the first day."""

    channel: str
    day: int
    total: int


@dataclass(frozen=True)
class TownFigures:
    """All figures at the end of a day, or now, in yen since the first day. `held_by_date` is by expiry."""

    trial: TrialBalance
    held_by_date: dict[int, int]
    shops: tuple[ShopFigures, ...]
    cash: tuple[CashFigures, ...]
    funds: tuple[FundFigures, ...]
    expired_points: int
    wallets: int
    batches: int
    gas_used: int

    def sum_of(self, account_class: str, kind: str) -> int:
        """Return the total of all accounts of a class, of one kind."""
        return sum(
            row.amount for row in self.trial.rows if (row.account_class, row.kind) == (account_class, kind)
        )

    @property
    def unused_coins(self) -> int:
        """Coins that were paid for and not spent (未使用残高); points do not count, because they are given."""
        return self.sum_of("holder", "coin")

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "trial_balance": [[row.account_class, row.kind, row.fund, row.amount] for row in self.trial.rows],
            "held_by_date": {str(expiry_s): amount for expiry_s, amount in self.held_by_date.items()},
            "unused_coins": self.unused_coins,
            "expired_points": self.expired_points,
            "cash": {item.channel: item.total for item in self.cash},
            "cash_of_the_day": {item.channel: item.day for item in self.cash},
            "funds": [{"id": item.id, "budget": item.budget, "given": item.given} for item in self.funds],
            "merchants": [_shop_as_json(shop) for shop in self.shops],
            "wallets": self.wallets,
            "batches": self.batches,
            "gas_used": self.gas_used,
        }


def town_figures(books: Books, day: date) -> TownFigures:
    """Compute the figures at the end of a day in Japan; for today, as of now.

    Payments go on meanwhile, so all figures come from one snapshot. This must be the first statement of the transaction.
    """
    books.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    municipality_code = books.municipality_code
    until_ms = jst_midnight_s(day + timedelta(days=1)) * 1000
    key = {"municipality": municipality_code, "until_ms": until_ms, "day_ms": jst_midnight_s(day) * 1000}
    counts = books.connection.execute(_COUNTS, {**key, "expiry": JournalCode.EXPIRY}).fetchone() or {}
    shops = tuple(
        ShopFigures(
            shop,
            tuple(
                merchant_statement(
                    books.connection, municipality_code, shop.account, from_ms=0, until_ms=until_ms
                )
            ),
        )
        for shop in all_merchants(books)
    )
    return TownFigures(
        trial=trial_balance_at(books.connection, municipality_code, until_ms),
        held_by_date=held_by_date(books.connection, municipality_code, until_ms),
        shops=shops,
        cash=tuple(CashFigures(**row) for row in books.connection.execute(_CASH, key)),
        funds=tuple(
            FundFigures(**row)
            for row in books.connection.execute(_FUNDS, {**key, "reversal": JournalCode.REVERSAL})
        ),
        **counts,
    )


_COUNTS = """
SELECT (SELECT count(*) FROM wallet WHERE municipality = %(municipality)s AND registered_at_ms < %(until_ms)s) AS wallets,
       count(*) AS batches, coalesce(sum(gas_used), 0)::bigint AS gas_used,
       (SELECT coalesce(sum(j.amount), 0)::bigint
        FROM operation o JOIN journal j ON j.municipality = o.municipality AND j.operation = o.id
        WHERE o.municipality = %(municipality)s AND o.accepted_at_ms < %(until_ms)s AND j.code = %(expiry)s AND j.kind = 'point')
           AS expired_points
FROM batch WHERE municipality = %(municipality)s AND state = 'confirmed' AND confirmed_at_ms < %(until_ms)s
"""
_CASH = """
SELECT a.reference AS channel, coalesce(sum(m.amount) FILTER (WHERE m.at_ms >= %(day_ms)s), 0)::bigint AS day,
       coalesce(sum(m.amount), 0)::bigint AS total
FROM account a
LEFT JOIN (SELECT s.account, s.amount, o.accepted_at_ms AS at_ms
           FROM operation o JOIN journal j ON j.municipality = o.municipality AND j.operation = o.id
           CROSS JOIN LATERAL (VALUES (j.debit, j.amount), (j.credit, -j.amount)) s (account, amount)
           WHERE o.municipality = %(municipality)s AND o.accepted_at_ms < %(until_ms)s) m ON m.account = a.id
WHERE a.municipality = %(municipality)s AND a.class = 'cash' GROUP BY a.reference ORDER BY a.reference
"""
_FUNDS = """
SELECT f.id, f.budget,
       (SELECT coalesce(sum(CASE WHEN j.debit = a.id THEN j.amount WHEN j.code = %(reversal)s THEN -j.amount ELSE 0 END), 0)::bigint
        FROM account a JOIN journal j ON j.municipality = a.municipality AND a.id IN (j.debit, j.credit)
        JOIN operation o ON o.municipality = j.municipality AND o.id = j.operation
        WHERE a.municipality = f.municipality AND a.class = 'point_expense' AND a.reference = f.id
          AND o.accepted_at_ms < %(until_ms)s) AS given
FROM fund f WHERE f.municipality = %(municipality)s ORDER BY f.position
"""


def _shop_as_json(shop: ShopFigures) -> dict[str, object]:
    return {
        "number": shop.merchant.number,
        "name": shop.merchant.name,
        "totals": [
            {
                "kind": item.kind,
                "fund": item.fund,
                "received": item.received,
                "refunded": item.refunded,
                "redeemed": item.redeemed,
                "other": item.other,
            }
            for item in shop.totals
        ],
    }
