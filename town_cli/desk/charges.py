"""Charges at a channel: gets a quote, signs it with the channel's key, and posts it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from coin.errors import Rejected
from coin.office.quote import quote_now
from coin.operations.perform import Performed, perform, perform_each
from coin.operations.top_up import Quote, TopUp, quote
from coin.references import slip_reference, unkeyed_slip_reference
from coin.registry import slip_key
from coin.registry.books import Books
from coin.registry.signers import free_nonces
from coin.signatory import Signatory


@dataclass(frozen=True)
class Charge:
    """A charge that a person pays for; `slip` is the number on the slip, None if there is none."""

    holder: bytes
    coins: int
    slip: str | None = None


@dataclass(frozen=True)
class Charged:
    """A posted charge, with its coins and bonus."""

    posted: Performed
    quote: Quote


def charge(books: Books, channel: Signatory, request: Charge, *, actor: str) -> Charged:
    """Post one charge with its bonus.

    Raises:  InvalidInput (`period_closed`), if today is outside the period; Rejected with the reason; Unavailable
             (`slip_key_missing`). Then the caller rolls back, and nothing moved.
    """
    expected = quote_now(books, request.coins)
    nonces = free_nonces(books.connection, books.municipality_code, channel.address)
    message = _sign(books, channel, request, expected, next(nonces))
    return Charged(perform(books, message, actor=actor), expected)


def charge_many(
    books: Books, channel: Signatory, requests: Sequence[Charge], *, actor: str
) -> list[Performed | Rejected]:
    """Post charges in order, each with the full bonus.

    Use it only if the fund has enough for all: a charge whose bonus differs from the signed one is refused.
    """
    now_ms = books.now_ms()
    nonces = free_nonces(books.connection, books.municipality_code, channel.address)
    signed = [
        _sign(books, channel, item, quote(books, now_ms, item.coins), next(nonces)) for item in requests
    ]
    return perform_each(books, signed, actor=actor)


def _sign(books: Books, channel: Signatory, request: Charge, expected: Quote, nonce: int) -> TopUp:
    draft = TopUp(
        channel=channel.address,
        holder=request.holder,
        coins=expected.coins,
        coin_expiry_s=expected.coin_expiry_s,
        points=expected.points,
        point_expiry_s=expected.point_expiry_s,
        reference=_reference(books, request.slip),
        nonce=nonce,
        signature=b"",
        earlier_reference=None if request.slip is None else unkeyed_slip_reference(request.slip),
    )
    return replace(draft, signature=channel.sign(books.municipality.domain, draft).signature)


def _reference(books: Books, slip: str | None) -> bytes:
    if slip is None:
        return secrets.token_bytes(32)
    return slip_reference(slip_key.read(books.connection, books.municipality_code), slip)
