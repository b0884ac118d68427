"""What a caller may do in a day (of Japan) where it costs the town and not the caller.

Decides the numbers, and counts in the books: across processes and restarts, and exactly, however many ask at once. A number
is far above what a person does in a day, and low enough that one caller costs the town little. Payments and sends are not
counted here but from their own rows, by `accept_run`; what costs a caller nothing else is refused before a wallet's first
value (`coin.registry.wallets.demand_value`), because wallets are free.
"""

from enum import StrEnum
from uuid import UUID

from coin.clock import DAY_S, JST_OFFSET_S, jst_day
from coin.errors import QuotaUsed
from coin.registry.books import Books

SPENDS_OF_WALLET = (
    200  # payments and sends: each five rows for ever and about 12,000 gas, and one yen is enough
)
SENDS_OF_WALLET = 50  # of these: what was sent can be sent back, so one yen could go to and fro all day
CANCELS_OF_WALLET = 20  # each four rows for ever and 27,000 gas
LEASES_OF_WALLET = 400  # rows for hours only; a program that starts for each payment leases for each
CHECKOUTS_OF_WALLET = 100  # rows for a month
CHECKOUTS_OF_TILL = 5_000  # a busy till opens one every ten seconds, all day


class Deed(StrEnum):
    """What is counted here."""

    CANCEL = "cancel"
    LEASE = "lease"
    CHECKOUT = "checkout"


def of_wallet(address: bytes) -> str:
    """Return the name under which a wallet is counted."""
    return f"wallet:{address.hex()}"


def of_till(till: UUID) -> str:
    """Return the name under which a till is counted."""
    return f"till:{till}"


def used_today(books: Books, caller: str, deed: Deed) -> int:
    """Return how often the caller has done it today."""
    row = books.connection.execute(
        """SELECT used FROM daily_use
           WHERE municipality = %s AND caller = %s AND deed = %s AND day >= %s""",
        [books.municipality_code, caller, deed, _today(books)],
    ).fetchone()
    return row["used"] if row else 0


def take(books: Books, caller: str, deed: Deed, most: int) -> None:
    """Count one deed of the caller; it counts only if the caller's transaction is committed.

    Raises:  QuotaUsed, if there were `most` today already.
    """
    # The row is locked by the update, so that concurrent callers are counted one after the other.
    row = books.connection.execute(
        """INSERT INTO daily_use AS u (municipality, caller, deed, day, used) VALUES (%s, %s, %s, %s, 1)
           ON CONFLICT (municipality, caller, deed) DO UPDATE
           SET day = greatest(u.day, excluded.day), used = CASE WHEN u.day < excluded.day THEN 1 ELSE u.used + 1 END
           WHERE u.day < excluded.day OR u.used < %s
           RETURNING used""",
        [books.municipality_code, caller, deed, _today(books), most],
    ).fetchone()
    if row is None:
        raise used_up(books)


def used_up(books: Books) -> QuotaUsed:
    """Return the refusal, with the seconds until the next day."""
    next_day_s = (_today(books) + 1) * DAY_S - JST_OFFSET_S
    return QuotaUsed(max(1, next_day_s - books.now_ms() // 1000))


def _today(books: Books) -> int:
    return jst_day(books.now_ms() // 1000)
