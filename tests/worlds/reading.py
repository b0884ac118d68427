"""What tests look at in a town's books, below the code that they test."""

from dataclasses import dataclass

from coin.database.database import Database
from coin.registry.municipality import Municipality
from tests.worlds.people import Who, address_of

_ALL = {
    "balance": "municipality, account, kind, expiry_s, fund",
    "journal_head": "municipality",
    "wallet": "address",
    "daily_use": "caller, deed",
    "signer": "address",
    "signer_usage": "signer, day",
    "fund": "id",
    "period": "municipality",
    "expiry_date": "expiry_s",
    "merchant": "number",
    "checkout": "id",
    "operation": "id",
    "journal": "operation, line",
    "chain_effect": "sequence",
    "payment": "id",
    "random_nonce": "payer, nonce",
    "retired_merchant_address": "address",
    "top_up": "digest",
    "audit": "id",
}


@dataclass
class Readable:
    """The books of one municipality, open to any query."""

    database: Database
    municipality: Municipality

    @property
    def code(self) -> str:
        """The municipality's code."""
        return self.municipality.code

    def rows(self, query: str, *values: object) -> list[dict[str, object]]:
        """Run any statement; rows, if it has some."""
        with self.database.transaction() as connection:
            cursor = connection.execute(query.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def balance(self, who: Who) -> int:
        """Return all that a wallet holds, whatever its date."""
        [row] = self.rows(
            """SELECT coalesce(sum(amount), 0)::bigint AS amount FROM balance b JOIN wallet w ON w.account = b.account
               WHERE w.address = %s""",
            address_of(who),
        )
        return int(str(row["amount"]))

    def lots(self, who: Who) -> list[tuple[str, int, str, int]]:
        """Return what a wallet holds by lot, those with nothing left out."""
        rows = self.rows(
            """SELECT b.kind, b.expiry_s, b.fund, b.amount FROM balance b JOIN wallet w ON w.account = b.account
               WHERE w.address = %s AND b.amount > 0 ORDER BY b.expiry_s, b.kind, b.fund""",
            address_of(who),
        )
        return [
            (str(r["kind"]), int(str(r["expiry_s"])), str(r["fund"]), int(str(r["amount"]))) for r in rows
        ]

    def shop_balance(self, number: int) -> int:
        """Return all that a shop holds."""
        [row] = self.rows(
            """SELECT coalesce(sum(amount), 0)::bigint AS amount FROM balance b JOIN merchant m ON m.account = b.account
               WHERE m.number = %s""",
            number,
        )
        return int(str(row["amount"]))

    def everything(self) -> dict[str, list[dict[str, object]]]:
        """Return all that may not change when something is refused."""
        return {table: self.rows(f"SELECT * FROM {table} ORDER BY {order}") for table, order in _ALL.items()}

    def next_nonce(self, who: Who) -> int:
        """Return the lowest free nonce of somebody with a role; 0 for whoever has none."""
        rows = self.rows(
            """SELECT nonce_base + position(B'0' IN nonce_map) - 1 AS nonce FROM signer
               WHERE municipality = %s AND address = %s""",
            self.code,
            address_of(who),
        )
        return int(str(rows[0]["nonce"])) if rows else 0
