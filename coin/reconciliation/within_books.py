"""Compares the books with themselves: debits and credits, each balance and its journal, each channel's cash and its top-ups.

Verifies I-01 and I-11; I-13 as far as the channels' cash goes.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from coin.database.database import Conn
from coin.ledger.accounts import AccountClass
from coin.ledger.replay import replay
from coin.ledger.trial_balance import trial_balance
from coin.program import LotKind
from coin.reconciliation.figures import AccountLot, AccountName, Against, Field, Figure, Purse, Subject
from coin.reconciliation.reading import Key, rows


class CashRow(NamedTuple):
    """A channel's cash according to the balances, and according to its top-ups."""

    channel: str
    cash: Decimal
    slips: Decimal


def channels_cash(conn: Conn, key: Key) -> list[CashRow]:
    """Return the cash of each channel."""
    return list(rows(conn, CashRow, _CASH_AND_SLIPS, key))


def of_books(conn: Conn, municipality_code: str, cash: Sequence[CashRow]) -> Iterator[Figure]:
    """Yield every figure that is in the books twice."""
    trial = trial_balance(conn, municipality_code)
    yield Figure(Subject.TRIAL_BALANCE, None, Field.DEBITS, trial.debits, trial.credits, Against.CREDITS)
    for (kind, fund), amount in trial.differences.items():
        purse = Purse(LotKind(kind), fund)
        yield Figure(Subject.TRIAL_BALANCE, purse, Field.DEBITS_LESS_CREDITS, amount, 0, Against.CREDITS)
    for item in replay(conn, municipality_code):
        account = AccountName(AccountClass(item.account_class), item.reference)
        lot = AccountLot(account, LotKind(item.kind), item.expiry_s, item.fund)
        yield Figure(Subject.BALANCE, lot, Field.BALANCE, item.balance, item.replayed, Against.JOURNAL)
    for row in cash:
        sides = int(row.cash), int(row.slips), Against.TOP_UPS
        yield Figure(Subject.CASH, row.channel, Field.BALANCE, *sides)


_CASH_AND_SLIPS = """
SELECT a.reference AS channel,
       coalesce((SELECT sum(b.amount) FROM balance b WHERE b.municipality = a.municipality AND b.account = a.id), 0) AS cash,
       coalesce((SELECT sum(t.coins) FROM top_up t WHERE t.municipality = a.municipality AND t.channel = a.reference), 0) AS slips
FROM account a WHERE a.municipality = %(municipality)s AND a.class = 'cash' ORDER BY a.reference
"""
