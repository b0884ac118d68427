"""Checkouts: a shop's request for an amount, until a deadline.

A till opens one and shows its code, or a wallet that has read a sticker opens one for the amount that its owner typed. The
id has 130 random bits, so only someone who has read the code knows it. A till may draw the id itself, and then knows that no
receipt for it is older than its request. Only `coin.payments.accept` decides whether it is paid. A shop can cancel a
checkout of its tills, which ends it as its deadline would; it is paid or cancelled, never both. Opening one is free, so for
each till and each wallet the number of checkouts before their deadline is limited (cancelling one gives no room), and how many
it may open in a day (`coin.registry.quotas`).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import LiteralString
from uuid import UUID

from coin.codes import new_checkout_id
from coin.errors import SENTENCES, Conflict, NotFound, Rejected, Rejection
from coin.formats import MAX_LANE_YEN
from coin.ledger.journal_head import lock_head
from coin.payments.announcements import announce
from coin.registry import merchants, quotas, wallets
from coin.registry.books import Books
from coin.registry.municipality import Municipality
from coin.registry.quotas import Deed

MOST_OPEN_AT_TILL = 100
MOST_OPEN_OF_WALLET = 20
_COLUMNS: LiteralString = """c.id, c.merchant_number, c.till, c.wallet, c.amount AS amount_yen,
    c.opened_at_ms, c.deadline_ms, c.payment, c.cancelled_at_ms"""
_OPEN_AT_TILL = """SELECT count(*) AS count FROM checkout
    WHERE municipality = %s AND till = %s AND deadline_ms > %s AND payment IS NULL"""
_OPEN_OF_WALLET = """SELECT count(*) AS count FROM checkout
    WHERE municipality = %s AND wallet = %s AND deadline_ms > %s AND payment IS NULL"""


class CheckoutStatus(StrEnum):
    """The state of a checkout; a paid one stays paid, a cancelled one cancelled."""

    OPEN = "open"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout; exactly one of `till` and `wallet` says who opened it."""

    id: str
    merchant_number: int
    till: UUID | None
    wallet: bytes | None
    amount_yen: int
    opened_at_ms: int
    deadline_ms: int
    payment: bytes | None
    cancelled_at_ms: int | None

    @property
    def is_final(self) -> bool:
        """Whether it is paid or cancelled."""
        return self.payment is not None or self.cancelled_at_ms is not None

    def status(self, now_ms: int) -> CheckoutStatus:
        """Return its state at `now_ms`."""
        if self.payment is not None:
            return CheckoutStatus.PAID
        if self.cancelled_at_ms is not None:
            return CheckoutStatus.CANCELLED
        return CheckoutStatus.OPEN if now_ms < self.deadline_ms else CheckoutStatus.EXPIRED


def open_by_till(
    books: Books,
    *,
    merchant_number: int,
    till: UUID,
    amount_yen: int,
    drawn: str | None = None,
) -> Checkout:
    """Open a checkout at a till, for the till's merchant; `drawn` is the id that the till has drawn.

    Raises:  NotFound (`merchant_unknown`); Rejected (merchant_closed, amount_invalid, payment_limit);
             Conflict (`too_many_open_checkouts`, `checkout_exists`); QuotaUsed.
    """
    made = drawn or new_checkout_id()
    return _open(books, made, merchant_number, amount_yen, till, None)


def open_by_wallet(
    books: Books,
    *,
    merchant_number: int,
    wallet: bytes,
    amount_yen: int,
) -> Checkout:
    """Open a checkout for a wallet that has read a merchant's sticker.

    Raises:  NotFound (`merchant_unknown`, `wallet_unknown`); Rejected (merchant_closed, amount_invalid, payment_limit,
             holder_without_value); Conflict (`too_many_open_checkouts`); QuotaUsed.
    """
    made = new_checkout_id()
    return _open(books, made, merchant_number, amount_yen, None, wallet)


def cancel(books: Books, checkout: str, *, merchant_number: int) -> Checkout:
    """End a checkout of a shop's tills unless it is paid; return it as it is then: cancelled, or paid. Again: the same.

    It takes its turn with payments at the head of the journal, so that either the payment or the cancelling comes first, and
    the other one sees it.
    Raises:  NotFound (`checkout_unknown`), also for another shop's and for one that a wallet opened.
    """
    if _of_tills(books, checkout, merchant_number).is_final:
        return get(books, checkout)
    at_ms = lock_head(books.connection, books.municipality_code, books.clock).accepted_at_ms
    ended = books.connection.execute(
        """UPDATE checkout SET cancelled_at_ms = %s
           WHERE municipality = %s AND id = %s AND payment IS NULL AND cancelled_at_ms IS NULL""",
        [at_ms, books.municipality_code, checkout],
    )
    if ended.rowcount:
        announce(books, [checkout])
    return get(books, checkout)


def get(books: Books, checkout: str) -> Checkout:
    """Return the checkout of that id; the caller checks who may see it.

    Raises:  NotFound (`checkout_unknown`).
    """
    row = books.connection.execute(
        f"SELECT {_COLUMNS} FROM checkout c WHERE c.municipality = %s AND c.id = %s",  # noqa: S608
        [books.municipality_code, checkout],
    ).fetchone()
    if row is None:
        raise unknown()
    return Checkout(**row)


def recent(
    books: Books, merchant_number: int, *, since_ms: int, count: int
) -> list[tuple[str | None, Checkout]]:
    """Return a shop's checkouts opened since then, newest first, each with the label of its till.

    Checkouts that a wallet opened from the sticker have no till, and are listed only if they are paid, so that nobody can
    flood a shop's list.
    """
    rows = books.connection.execute(
        f"""SELECT {_COLUMNS}, t.label
            FROM checkout c LEFT JOIN till t ON t.municipality = c.municipality AND t.id = c.till
            WHERE c.municipality = %s AND c.merchant_number = %s AND c.opened_at_ms >= %s
              AND (c.till IS NOT NULL OR c.payment IS NOT NULL)
            ORDER BY c.opened_at_ms DESC, c.id DESC LIMIT %s""",  # noqa: S608
        [books.municipality_code, merchant_number, since_ms, count],
    )
    return [(row.pop("label"), Checkout(**row)) for row in rows]


def unknown() -> NotFound:
    """Return the error for a checkout that does not exist; it is the same for one that is not the caller's."""
    ja, en = SENTENCES[Rejection.CHECKOUT_UNKNOWN]
    return NotFound(ja, en, code=Rejection.CHECKOUT_UNKNOWN.code)


def _of_tills(books: Books, checkout: str, merchant_number: int) -> Checkout:
    found = get(books, checkout)
    if found.till is None or found.merchant_number != merchant_number:
        raise unknown()
    return found


def _check_amount(municipality: Municipality, amount_yen: int) -> None:
    if not 1 <= amount_yen <= MAX_LANE_YEN:
        raise Rejected(Rejection.AMOUNT_INVALID, field="amount")
    if amount_yen > municipality.program.limits.payment_yen:
        raise Rejected(Rejection.PAYMENT_LIMIT, field="amount")


def _demand_room(books: Books, now_ms: int, till: UUID | None, wallet: bytes | None) -> None:
    opener, query, most = (
        (wallet.hex(), _OPEN_OF_WALLET, MOST_OPEN_OF_WALLET)
        if wallet is not None
        else (till, _OPEN_AT_TILL, MOST_OPEN_AT_TILL)
    )
    # One at a time, so that parallel requests cannot exceed the limit.
    books.connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
        [f"checkouts {books.municipality_code} {opener}"],
    )
    found = books.connection.execute(query, [books.municipality_code, till or wallet, now_ms]).fetchone()
    if found is not None and found["count"] >= most:
        raise Conflict(
            "支払われていないお会計が多すぎます。どれかが支払われるか期限が切れるまで、お待ちください。",
            "Too many checkouts are open and not paid; wait until one is paid or has expired.",
            code="too_many_open_checkouts",
        )


def _count(books: Books, till: UUID | None, wallet: bytes | None) -> None:
    if wallet is not None:
        quotas.take(books, quotas.of_wallet(wallet), Deed.CHECKOUT, quotas.CHECKOUTS_OF_WALLET)
    elif till is not None:
        quotas.take(books, quotas.of_till(till), Deed.CHECKOUT, quotas.CHECKOUTS_OF_TILL)


def _open(
    books: Books,
    checkout: str,
    merchant_number: int,
    amount_yen: int,
    till: UUID | None,
    wallet: bytes | None,
) -> Checkout:
    if not merchants.by_number(books, merchant_number).is_open:
        raise Rejected(Rejection.MERCHANT_CLOSED, field="number")
    _check_amount(books.municipality, amount_yen)
    if wallet is not None:
        wallets.demand_value(books, wallets.get(books, wallet))
    now_ms = books.now_ms()
    _demand_room(books, now_ms, till, wallet)
    _count(books, till, wallet)
    deadline_ms = now_ms + books.municipality.program.checkout.lifetime_s * 1000
    made = Checkout(checkout, merchant_number, till, wallet, amount_yen, now_ms, deadline_ms, None, None)
    written = books.connection.execute(
        """INSERT INTO checkout (municipality, id, merchant_number, till, wallet, amount, opened_at_ms, deadline_ms)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING""",
        [
            books.municipality_code,
            made.id,
            merchant_number,
            till,
            wallet,
            amount_yen,
            now_ms,
            deadline_ms,
        ],
    )
    if not written.rowcount:
        raise Conflict(
            "この番号のお会計はもうあります。新しい番号を引いてください。",
            "There is a checkout with this id already; draw another one.",
            field="checkout",
            code="checkout_exists",
        )
    return made
