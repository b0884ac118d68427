"""Ends an expiry date: moves what holders have under it out of their accounts, coins to income, points back to their fund.

It is one set-based statement, because it may affect every holder of the town.
"""

from uuid import UUID

from coin.clock import fiscal_year
from coin.database.database import Conn
from coin.ledger.accounts import Account
from coin.ledger.journal_head import Head
from coin.records.journal_codes import JournalCode

_LINES = """
INSERT INTO journal (municipality, operation, line, fiscal_year, code, debit, credit, kind, expiry_s, fund, amount)
SELECT b.municipality, %(operation)s, row_number() OVER (ORDER BY b.account, b.kind, b.fund), %(year)s, %(journal_code)s, b.account,
       CASE WHEN b.kind = 'coin' THEN %(income)s ELSE expense.id END, b.kind, b.expiry_s, b.fund, b.amount
FROM balance b
LEFT JOIN account expense ON expense.municipality = b.municipality AND expense.class = 'point_expense'
                         AND expense.reference = b.fund AND b.kind = 'point'
WHERE b.municipality = %(municipality)s AND b.expiry_s = %(expiry_s)s AND b.amount > 0
"""

_DEBITS = """
UPDATE balance b SET amount = b.amount - j.amount FROM journal j
WHERE j.municipality = %(municipality)s AND j.operation = %(operation)s AND b.municipality = j.municipality
  AND b.account = j.debit AND b.kind = j.kind AND b.expiry_s = j.expiry_s AND b.fund = j.fund
"""

_CREDITS = """
INSERT INTO balance AS b (municipality, account, kind, expiry_s, fund, amount)
SELECT municipality, credit, kind, 0, fund, sum(amount) FROM journal
WHERE municipality = %(municipality)s AND operation = %(operation)s AND kind = 'coin' GROUP BY municipality, credit, kind, fund
ON CONFLICT (municipality, account, kind, expiry_s, fund) DO UPDATE SET amount = b.amount + excluded.amount
"""

_EXPENSES = """
UPDATE balance b SET amount = b.amount - given.amount
FROM (SELECT credit, fund, sum(amount)::bigint AS amount FROM journal
      WHERE municipality = %(municipality)s AND operation = %(operation)s AND kind = 'point' GROUP BY credit, fund) given
WHERE b.municipality = %(municipality)s AND b.account = given.credit AND b.kind = 'point' AND b.expiry_s = 0 AND b.fund = given.fund
"""


def expire_lots(connection: Conn, head: Head, operation: UUID, expiry_s: int, income: Account) -> int:
    """Post the end of a date under an operation that has its number already.

    Returns: the expired amount in yen.
    Keeps:   I-01, I-05.
    """
    parameters = {
        "municipality": head.municipality_code,
        "operation": operation,
        "year": fiscal_year(head.accepted_at_ms),
        "journal_code": JournalCode.EXPIRY,
        "income": income.id,
        "expiry_s": expiry_s,
    }
    for statement in (_LINES, _DEBITS, _CREDITS, _EXPENSES):
        connection.execute(statement, parameters)
    row = connection.execute(
        "SELECT coalesce(sum(amount), 0)::bigint AS total FROM journal WHERE municipality = %s AND operation = %s",
        [head.municipality_code, operation],
    ).fetchone()
    return row["total"] if row else 0
