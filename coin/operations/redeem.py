"""Redeems a shop's balance before it is paid out in yen: the cashier signs, the value is burnt.

Redeemable is what the chain has confirmed, less what was taken since, less what an open incident holds; coins and
each fund's points apart. Source: docs/formats.md §3 (0B).
"""

from dataclasses import dataclass

from coin import messages
from coin.clock import Clock
from coin.database.database import Conn
from coin.errors import NotFound, Rejected, Rejection
from coin.ledger.accounts import Account, AccountClass, ensure_account
from coin.ledger.journal_head import numbering
from coin.ledger.posting import Posted, Transfer, post
from coin.lots import Lot, take_in_order
from coin.operations.signed import check_record
from coin.program import LotKind
from coin.records.journal_codes import JournalCode
from coin.records.kinds import Kind
from coin.registry import audit, merchants, signers
from coin.registry.books import Books
from coin.registry.merchants import Merchant
from coin.registry.municipality import Municipality
from coin.registry.signers import SignerRole
from coin.signatures import Signature

_MAX_AMOUNT = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Redeem(messages.Redeem):
    """A Redeem as a cashier signed it; `payout` names the payout that it is for."""

    signature: Signature


def redeemable(books: Books, number: int) -> dict[tuple[str, str], int]:
    """What a shop can redeem now, by kind and fund, in spending order; those with nothing left out.

    Raises:  NotFound (`merchant_unknown`).
    """
    merchant = merchants.by_number(books, number)
    rows = books.connection.execute(
        _REDEEMABLE, {"code": books.municipality_code, "account": merchant.account}
    )
    return {(row["kind"], row["fund"]): int(row["amount"]) for row in rows}


_REDEEMABLE = """
WITH confirmed AS (SELECT coalesce(max(last_sequence), 0) AS last FROM batch
                   WHERE municipality = %(code)s AND state = 'confirmed'),
     held_back AS (
        SELECT j.kind, j.fund, sum(j.amount) AS amount
        FROM journal j JOIN operation o ON o.municipality = j.municipality AND o.id = j.operation
        WHERE j.municipality = %(code)s AND j.credit = %(account)s
          AND (o.sequence > (SELECT last FROM confirmed)
               OR EXISTS (SELECT FROM incident i WHERE i.municipality = o.municipality AND i.sequence = o.sequence
                          AND i.disposition IS NULL))
        GROUP BY j.kind, j.fund)
SELECT b.kind, b.fund, b.amount - coalesce(h.amount, 0) AS amount
FROM balance b
LEFT JOIN held_back h ON h.kind = b.kind AND h.fund = b.fund
LEFT JOIN fund f ON f.municipality = b.municipality AND f.id = b.fund
WHERE b.municipality = %(code)s AND b.account = %(account)s AND b.amount - coalesce(h.amount, 0) > 0
ORDER BY b.kind, f.position, b.fund
"""


def redeem(
    connection: Conn, municipality: Municipality, clock: Clock, message: Redeem, *, actor: str
) -> Posted:
    """Burn a part of a shop's confirmed balance; points first, funds in the program's order.

    Raises:  Rejected; then nothing moved.
    Keeps:   I-01, I-02, I-10.
    """
    _, record = check_record(municipality, message, [message.signature])
    books = Books(connection, municipality, clock)
    with numbering(connection, municipality.code, clock) as head:
        signer = signers.find(connection, head.code, message.signature.signer)
        signers.demand_role(signer, SignerRole.CASHIER)
        signers.demand_nonce(signer, message.nonce)
        merchant = _merchant(books, message)
        transfers = _transfers(books, merchant, message)
        posted = post(connection, head, kind=Kind.REDEEM, actor=actor, record=record, transfers=transfers)
        signers.use_nonce(connection, head.code, signer, message.nonce)
    _remember(connection, municipality, merchant, message, posted, actor)
    return posted


def _merchant(books: Books, message: Redeem) -> Merchant:
    try:
        merchant = merchants.by_address(books, message.merchant)
    except NotFound:
        raise Rejected(Rejection.MERCHANT_NOT_REGISTERED, field="merchant") from None
    if not 1 <= message.amount <= _MAX_AMOUNT:
        raise Rejected(Rejection.AMOUNT_INVALID, field="amount")
    return merchant


def _transfers(books: Books, merchant: Merchant, message: Redeem) -> list[Transfer]:
    available = redeemable(books, merchant.number)
    if sum(available.values()) < message.amount:
        raise Rejected(Rejection.INSUFFICIENT_REDEEMABLE, field="amount")
    source = Account(merchant.account, AccountClass.MERCHANT)
    target = ensure_account(
        books.connection, books.municipality_code, AccountClass.PAYOUT, f"{merchant.number:06d}"
    )
    return [
        Transfer(JournalCode.REDEEM, source, target, Lot(LotKind(kind), 0, fund), amount)
        for (kind, fund), amount in take_in_order(available, message.amount).items()
    ]


def _remember(
    connection: Conn,
    municipality: Municipality,
    merchant: Merchant,
    message: Redeem,
    posted: Posted,
    actor: str,
) -> None:
    connection.execute(
        """INSERT INTO redeem (municipality, payout, operation, merchant_number, amount)
           VALUES (%s, %s, %s, %s, %s)""",
        [municipality.code, message.payout, posted.operation, merchant.number, message.amount],
    )
    audit.record(
        connection,
        municipality.code,
        at_ms=posted.accepted_at_ms,
        actor=actor,
        action="redeem",
        subject=f"merchant:{merchant.number:06d}",
        detail={"sequence": posted.sequence, "amount": message.amount},
    )
