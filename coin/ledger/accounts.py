"""The chart of accounts: the classes, and the normal side of each.

An account is named by its class and a reference (a wallet's address at registration, a merchant's number, a
channel, a fund). The ledger knows nothing else about it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from coin.database.database import Conn
from coin.database.ids import new_id
from coin.errors import NotFound


class AccountClass(StrEnum):
    """The class of an account; cash and point_expense grow by debits, the others by credits."""

    HOLDER = "holder"
    MERCHANT = "merchant"
    CASH = "cash"
    POINT_EXPENSE = "point_expense"
    EXPIRED_INCOME = "expired_income"
    PAYOUT = "payout"

    @property
    def grows_by_debit(self) -> bool:
        """Whether the normal balance is a debit balance."""
        return self in (AccountClass.CASH, AccountClass.POINT_EXPENSE)


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the books."""

    id: UUID
    account_class: AccountClass


def ensure_account(
    connection: Conn, municipality_code: str, account_class: AccountClass, reference: str
) -> Account:
    """Return the account of that class and reference; open it, if it does not exist."""
    return ensure_accounts(connection, municipality_code, account_class, [reference])[reference]


def ensure_accounts(
    connection: Conn, municipality_code: str, account_class: AccountClass, references: Sequence[str]
) -> dict[str, Account]:
    """Return the accounts of that class by reference; open those that do not exist."""
    wanted = sorted(set(references))
    connection.execute(
        """INSERT INTO account (municipality, id, class, reference)
           SELECT %s, id, %s, reference FROM unnest(%s::uuid[], %s::text[]) AS new (id, reference)
           ON CONFLICT (municipality, class, reference) DO NOTHING""",
        [municipality_code, account_class, [new_id() for _ in wanted], wanted],
    )
    rows = connection.execute(
        "SELECT id, reference FROM account WHERE municipality = %s AND class = %s AND reference = ANY (%s)",
        [municipality_code, account_class, wanted],
    )
    return {row["reference"]: Account(row["id"], account_class) for row in rows}


def find_account(
    connection: Conn, municipality_code: str, account_class: AccountClass, reference: str
) -> Account:
    """Return the account of that class and reference.

    Raises:  NotFound (`account_unknown`).
    """
    row = connection.execute(
        "SELECT id FROM account WHERE municipality = %s AND class = %s AND reference = %s",
        [municipality_code, account_class, reference],
    ).fetchone()
    if row is None:
        raise NotFound(
            "この勘定はありません。", "There is no such account.", field="account", code="account_unknown"
        )
    return Account(row["id"], account_class)
