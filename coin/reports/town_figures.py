"""The figures that the town's staff look at: issued, held, expired, and each shop with coins and points apart."""

from dataclasses import dataclass
from typing import Any

from coin.clock import Clock
from coin.database.database import Conn
from coin.ledger.statements import MerchantTotal, held_by_date, merchant_statement
from coin.ledger.trial_balance import TrialBalance, trial_balance
from coin.registry.merchants import Merchant, all_merchants
from coin.registry.municipality import Municipality


@dataclass(frozen=True, slots=True)
class ShopFigures:
    """One shop since the first day; coins and points are never added up but where it says `total`."""

    merchant: Merchant
    totals: tuple[MerchantTotal, ...]

    def received(self, kind: str) -> int:
        """What came in of one kind."""
        return sum(item.received for item in self.totals if item.kind == kind)

    @property
    def redeemed(self) -> int:
        """What was redeemed for a payout, both kinds."""
        return sum(item.redeemed for item in self.totals)

    @property
    def balance(self) -> int:
        """What is not redeemed yet, both kinds."""
        return sum(item.balance for item in self.totals)


@dataclass(frozen=True, slots=True)
class FundFigures:
    """A budget for points and how much of it has been given."""

    id: str
    budget: int
    given: int


@dataclass(frozen=True)
class TownFigures:
    """Everything at one moment; yen. `cash` is by channel, `held_by_date` by expiry."""

    trial: TrialBalance
    held_by_date: dict[int, int]
    shops: tuple[ShopFigures, ...]
    cash: dict[str, int]
    funds: tuple[FundFigures, ...]
    wallets: int
    batches: int
    gas_used: int

    def sum_of(self, account_class: str, kind: str) -> int:
        """What stands on all accounts of a class, of one kind."""
        return sum(
            row.amount for row in self.trial.rows if (row.account_class, row.kind) == (account_class, kind)
        )

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "trial_balance": [[row.account_class, row.kind, row.fund, row.amount] for row in self.trial.rows],
            "held_by_date": {str(expiry_s): amount for expiry_s, amount in self.held_by_date.items()},
            "cash": self.cash,
            "funds": [{"id": item.id, "budget": item.budget, "given": item.given} for item in self.funds],
            "merchants": [_shop_as_json(shop) for shop in self.shops],
            "wallets": self.wallets,
            "batches": self.batches,
            "gas_used": self.gas_used,
        }


def town_figures(connection: Conn, municipality: Municipality, clock: Clock) -> TownFigures:
    """Add everything up, in the connection's transaction."""
    code, until_ms = municipality.code, clock.now_ms() + 1
    row = connection.execute(_COUNTS, {"code": code}).fetchone() or {}
    shops = tuple(
        ShopFigures(
            shop, tuple(merchant_statement(connection, code, shop.account, from_ms=0, until_ms=until_ms))
        )
        for shop in all_merchants(connection, municipality)
    )
    return TownFigures(
        trial=trial_balance(connection, code),
        held_by_date=held_by_date(connection, code),
        shops=shops,
        cash={item["channel"]: item["cash"] for item in connection.execute(_CASH, [code])},
        funds=tuple(FundFigures(**item) for item in connection.execute(_FUNDS, [code])),
        **row,
    )


_COUNTS = """
SELECT count(*) AS batches, coalesce(sum(gas_used), 0)::bigint AS gas_used,
       (SELECT count(*) FROM wallet WHERE municipality = %(code)s) AS wallets
FROM batch WHERE municipality = %(code)s AND state = 'confirmed'
"""
_CASH = """
SELECT a.reference AS channel, coalesce(sum(b.amount), 0)::bigint AS cash
FROM account a LEFT JOIN balance b ON b.municipality = a.municipality AND b.account = a.id
WHERE a.municipality = %s AND a.class = 'cash' GROUP BY a.reference ORDER BY a.reference
"""
_FUNDS = "SELECT id, budget, spent AS given FROM fund WHERE municipality = %s ORDER BY position"


def _shop_as_json(shop: ShopFigures) -> dict[str, Any]:
    return {
        "number": shop.merchant.number,
        "name": shop.merchant.name,
        "totals": [
            {"kind": item.kind, "fund": item.fund, "received": item.received, "redeemed": item.redeemed}
            for item in shop.totals
        ],
    }
