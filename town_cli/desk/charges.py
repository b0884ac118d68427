"""Charges at a channel: gets a quote, signs it with the channel's key, and posts it."""

import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace

from coin.clock import jst_date
from coin.codes import new_code
from coin.errors import Rejected
from coin.office.quote import quote_now
from coin.operations.perform import Performed, perform, perform_each
from coin.operations.top_up import Quote, TopUp, quote
from coin.references import slip_reference, unkeyed_slip_reference
from coin.registry import slip_key
from coin.registry.books import Books
from coin.registry.signers import free_nonces
from coin.signatory import Signatory

_DRAWN_LENGTH = 6


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


class _Rehearsed(Exception):
    """Rolls a charge back that would have been good."""


def rehearse(
    open_books: Callable[[], AbstractContextManager[Books]],
    channel: Signatory,
    request: Charge,
    *,
    actor: str,
) -> Quote:
    """Find out whether a charge would be refused, before the cash is taken: post it, and roll back.

    Raises:  as `charge`.
    """
    quotes = []
    with suppress(_Rehearsed), open_books() as books:
        quotes.append(charge(books, channel, request, actor=actor).quote)
        raise _Rehearsed
    return quotes[0]


def charge(
    books: Books, channel: Signatory, request: Charge, *, expected: Quote | None = None, actor: str
) -> Charged:
    """Post one charge with its bonus; with `expected` only if the bonus is still the one that a person was told.

    Raises:  InvalidInput (`period_closed`), if today is outside the period; Rejected with the reason; Unavailable
             (`slip_key_missing`). Then the caller rolls back, and nothing moved.
    """
    offered = quote_now(books, request.coins) if expected is None else expected
    nonces = free_nonces(books.connection, books.municipality_code, channel.address)
    message = _sign(books, channel, request, offered, next(nonces))
    return Charged(perform(books, message, actor=actor), offered)


def drawn_slip(books: Books) -> str:
    """Return a new number for a slip: the day, and six characters that no other slip of the day has."""
    return f"{jst_date(books.now_ms()):%Y%m%d}-{new_code(_DRAWN_LENGTH)}"


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
