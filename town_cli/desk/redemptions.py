"""Redeems each shop's confirmed value: the cashier signs, the value is burnt, and the payout can follow."""

from dataclasses import replace

from coin.operations.perform import Performed, perform
from coin.operations.redeem import Redeem, redeemable
from coin.references import payout_reference
from coin.registry.books import Books
from coin.registry.merchants import Merchant, all_merchants
from coin.registry.municipality import Municipality
from coin.registry.signers import free_nonces
from coin.signatory import Signatory


def redeem_everything(books: Books, cashier: Signatory, payout: str, *, actor: str) -> dict[int, Performed]:
    """Redeem every shop's whole redeemable balance for one payout, which is named.

    Returns: the redemptions by merchant number; shops with nothing to redeem are left out.
    Raises:  Rejected; then the caller rolls back, and nothing moved.
    """
    municipality = books.municipality
    nonces = free_nonces(books.connection, municipality.code, cashier.address)
    done = {}
    for merchant in all_merchants(books):
        amount = sum(redeemable(books, merchant.number).values())
        if amount:
            message = _signed(municipality, cashier, merchant, amount, payout, next(nonces))
            done[merchant.number] = perform(books, message, actor=actor)
    return done


def _signed(
    municipality: Municipality, cashier: Signatory, merchant: Merchant, amount: int, payout: str, nonce: int
) -> Redeem:
    name = payout_reference(payout, merchant.number)
    draft = Redeem(cashier.address, merchant.address, amount, name, nonce, b"")
    return replace(draft, signature=cashier.sign(municipality.domain, draft).signature)
