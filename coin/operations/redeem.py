"""Redeems a shop's balance before the payout in yen: the cashier signs, the value is burnt.

Redeemable is the confirmed value, less what was taken since and what is in open incidents; coins and each fund's points are
counted separately. Source: docs/formats.md §3 (0B).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from coin import messages
from coin.errors import InvariantBroken, NotFound, Rejected, Rejection
from coin.formats import MAX_TOTAL_YEN
from coin.ledger.accounts import Account, AccountClass, ensure_account
from coin.ledger.posting import Posted, Transfer
from coin.lots import Lot, take_in_order
from coin.operations.operation import Case, Entry, Operation, Signing
from coin.program import LotKind
from coin.records.journal_codes import JournalCode
from coin.records.kinds import Kind
from coin.registry import merchants
from coin.registry.books import Books
from coin.registry.merchants import Merchant
from coin.signatures import Signature


@dataclass(frozen=True, slots=True)
class _Facts:
    """The shop, and its redeemable value by kind and fund."""

    merchant: Merchant | None
    available: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Redeem(messages.Redeem, Operation[_Facts]):
    """Burns a part of a shop's confirmed balance; points first, funds in the program's order; a cashier signs.

    Keeps:   I-01, I-02, I-10.
    """

    KIND = Kind.REDEEM
    ACTION = "redeem"
    signature: bytes

    def signing(self) -> Signing:
        """Return the cashier's signature and nonce."""
        return Signing((Signature(self.cashier, self.signature),), self.nonce)

    def facts(self, case: Case) -> _Facts:
        """Return the shop and its redeemable value."""
        try:
            merchant = merchants.by_address(case.books, self.merchant)
        except NotFound:
            return _Facts(None, {})
        return _Facts(merchant, redeemable(case.books, merchant.number))

    def refusals(self, case: Case, facts: _Facts) -> Iterator[Rejected]:  # noqa: ARG002
        """Yield the rejections: an unknown shop, a wrong amount, more than is redeemable."""
        if facts.merchant is None:
            yield Rejected(Rejection.MERCHANT_NOT_REGISTERED, field="merchant")
        if not 1 <= self.amount <= MAX_TOTAL_YEN:
            yield Rejected(Rejection.AMOUNT_INVALID, field="amount")
        if sum(facts.available.values()) < self.amount:
            yield Rejected(Rejection.INSUFFICIENT_REDEEMABLE, field="amount")

    def transfers(self, case: Case, facts: _Facts) -> list[Transfer]:
        """From the shop to its payout."""
        merchant = _known(facts)
        source = Account(merchant.account, AccountClass.MERCHANT)
        target = ensure_account(
            case.books.connection, case.head.municipality_code, AccountClass.PAYOUT, f"{merchant.number:06d}"
        )
        return [
            Transfer(JournalCode.REDEEM, source, target, Lot(LotKind(kind), 0, fund), amount)
            for (kind, fund), amount in take_in_order(facts.available, self.amount).items()
        ]

    def remember(self, case: Case, facts: _Facts, posted: Posted, digest: bytes) -> Entry:  # noqa: ARG002
        """Store the payout."""
        number = _known(facts).number
        case.books.connection.execute(
            """INSERT INTO redeem (municipality, payout, operation, merchant_number, amount)
               VALUES (%s, %s, %s, %s, %s)""",
            [case.head.municipality_code, self.payout, posted.operation, number, self.amount],
        )
        return Entry(f"merchant:{number:06d}", {"amount": self.amount})


def _known(facts: _Facts) -> Merchant:
    if facts.merchant is None:
        raise InvariantBroken("a redeem of no shop was decided")
    return facts.merchant


def redeemable(books: Books, number: int) -> dict[tuple[str, str], int]:
    """Return a shop's redeemable value by kind and fund, in spending order; zeros are left out.

    Raises:  NotFound (`merchant_unknown`).
    """
    merchant = merchants.by_number(books, number)
    rows = books.connection.execute(
        _REDEEMABLE, {"municipality": books.municipality_code, "account": merchant.account}
    )
    return {(row["kind"], row["fund"]): int(row["amount"]) for row in rows}


_REDEEMABLE = """
WITH confirmed AS (SELECT coalesce(max(last_sequence), 0) AS last FROM batch
                   WHERE municipality = %(municipality)s AND state = 'confirmed'),
     held_back AS (
        SELECT j.kind, j.fund, sum(j.amount) AS amount
        FROM journal j JOIN operation o ON o.municipality = j.municipality AND o.id = j.operation
        WHERE j.municipality = %(municipality)s AND j.credit = %(account)s
          AND (o.sequence > (SELECT last FROM confirmed)
               OR EXISTS (SELECT FROM incident i WHERE i.municipality = o.municipality AND i.sequence = o.sequence
                          AND i.disposition IS NULL))
        GROUP BY j.kind, j.fund)
SELECT b.kind, b.fund, b.amount - coalesce(h.amount, 0) AS amount
FROM balance b
LEFT JOIN held_back h ON h.kind = b.kind AND h.fund = b.fund
LEFT JOIN fund f ON f.municipality = b.municipality AND f.id = b.fund
WHERE b.municipality = %(municipality)s AND b.account = %(account)s AND b.amount - coalesce(h.amount, 0) > 0
ORDER BY b.kind, f.position, b.fund
"""
