"""The figures that the town's staff look at: issued, held, expired, and each shop with coins and points apart."""

from dataclasses import dataclass
from typing import Any

from coin.clock import Clock
from coin.database.database import Conn
from coin.ledger.statements import MerchantTotal, held_by_date, merchant_statement
from coin.ledger.trial_balance import TrialBalance, trial_balance
from coin.registry.merchants import Merchant, all_merchants
from coin.registry.municipality import Municipality


@dataclass(frozen=True)
class TownFigures:
    """Everything at one moment; yen."""

    trial: TrialBalance
    held_by_date: dict[int, int]
    shops: tuple[tuple[Merchant, tuple[MerchantTotal, ...]], ...]
    batches: int
    gas_used: int

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "trial_balance": [[row.account_class, row.kind, row.fund, row.amount] for row in self.trial.rows],
            "held_by_date": {str(expiry_s): amount for expiry_s, amount in self.held_by_date.items()},
            "merchants": [
                {
                    "number": shop.number,
                    "name": shop.name,
                    "totals": [
                        {
                            "kind": item.kind,
                            "fund": item.fund,
                            "received": item.received,
                            "redeemed": item.redeemed,
                        }
                        for item in totals
                    ],
                }
                for shop, totals in self.shops
            ],
            "batches": self.batches,
            "gas_used": self.gas_used,
        }

    def as_text(self, *, english: bool) -> str:
        """For people."""
        title = "Trial balance" if english else "試算表"
        lines = [title]
        lines += [
            f"  {row.account_class:<15} {row.kind:<6} {row.fund:<20} {row.amount:>14,}"
            for row in self.trial.rows
        ]
        lines.append("Merchants (received / redeemed)" if english else "加盟店(受取 / 換金済)")
        for shop, totals in self.shops:
            for item in totals:
                name = shop.name_romaji if english else shop.name
                lines.append(
                    f"  {shop.number:06d} {item.kind:<6} {item.received:>10,} {item.redeemed:>10,}  {name}"
                )
        return "\n".join(lines)


def town_figures(connection: Conn, municipality: Municipality, clock: Clock) -> TownFigures:
    """Add everything up, in the connection's transaction."""
    code, until_ms = municipality.code, clock.now_ms() + 1
    row = connection.execute(
        """SELECT count(*) AS batches, coalesce(sum(gas_used), 0)::bigint AS gas_used FROM batch
           WHERE municipality = %s AND state = 'confirmed'""",
        [code],
    ).fetchone()
    shops = tuple(
        (shop, tuple(merchant_statement(connection, code, shop.account, from_ms=0, until_ms=until_ms)))
        for shop in all_merchants(connection, municipality)
    )
    return TownFigures(
        trial=trial_balance(connection, code),
        held_by_date=held_by_date(connection, code),
        shops=shops,
        batches=row["batches"] if row else 0,
        gas_used=row["gas_used"] if row else 0,
    )
