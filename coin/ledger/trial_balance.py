"""The trial balance: debits and credits, which must be equal. Verifies I-01."""

from dataclasses import dataclass

from coin.database.database import Conn


@dataclass(frozen=True, slots=True)
class TrialRow:
    """The total of all accounts of one class, kind and fund, on the class's normal side."""

    account_class: str
    is_debit: bool
    kind: str
    fund: str
    amount: int


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Rows by class; in correct books debits and credits are equal, also for each kind and fund."""

    rows: tuple[TrialRow, ...]

    @property
    def debits(self) -> int:
        """The sum of the debit side."""
        return sum(row.amount for row in self.rows if row.is_debit)

    @property
    def credits(self) -> int:
        """The sum of the credit side."""
        return sum(row.amount for row in self.rows if not row.is_debit)

    @property
    def differences(self) -> dict[tuple[str, str], int]:
        """Debits less credits for each kind and fund; zeros are left out."""
        sums: dict[tuple[str, str], int] = {}
        for row in self.rows:
            key = row.kind, row.fund
            sums[key] = sums.get(key, 0) + (row.amount if row.is_debit else -row.amount)
        return {key: amount for key, amount in sums.items() if amount}


def trial_balance(connection: Conn, municipality_code: str) -> TrialBalance:
    """Add up every balance by class, kind and fund."""
    rows = connection.execute(
        """SELECT a.class AS account_class, a.side = 'D' AS is_debit, b.kind, b.fund, sum(b.amount) AS amount
           FROM balance b JOIN account a ON a.municipality = b.municipality AND a.id = b.account
           WHERE b.municipality = %s GROUP BY 1, 2, 3, 4 ORDER BY 1, 3, 4""",
        [municipality_code],
    )
    return TrialBalance(tuple(TrialRow(**{**row, "amount": int(row["amount"])}) for row in rows))


def trial_balance_at(connection: Conn, municipality_code: str, until_ms: int) -> TrialBalance:
    """Add up the journal as it was just before a moment, by class, kind and fund."""
    rows = connection.execute(
        """WITH sides AS (
               SELECT s.account, j.kind, j.fund, s.amount FROM operation o
               JOIN journal j ON j.municipality = o.municipality AND j.operation = o.id
               CROSS JOIN LATERAL (VALUES (j.debit, j.amount), (j.credit, -j.amount)) s (account, amount)
               WHERE o.municipality = %(municipality)s AND o.accepted_at_ms < %(until_ms)s)
           SELECT a.class AS account_class, a.side = 'D' AS is_debit, s.kind, s.fund,
                  sum(CASE WHEN a.side = 'D' THEN s.amount ELSE -s.amount END)::bigint AS amount
           FROM sides s JOIN account a ON a.municipality = %(municipality)s AND a.id = s.account
           GROUP BY 1, 2, 3, 4 ORDER BY 1, 3, 4""",
        {"municipality": municipality_code, "until_ms": until_ms},
    )
    return TrialBalance(tuple(TrialRow(**row) for row in rows))
