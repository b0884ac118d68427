"""Charges at a channel: asks what the charge brings, signs for it with the channel's key, and posts it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from coin.clock import Clock, jst_date, last_day
from coin.console import written_in_both
from coin.database.database import Conn, Database
from coin.errors import InvalidInput, Rejected
from coin.operations.top_up import Quote, ToppedUp, TopUp, quote, top_up, top_up_many
from coin.references import slip_reference
from coin.registry.municipality import Municipality
from coin.registry.signers import free_nonces
from coin.signatory import Signatory


@dataclass(frozen=True)
class Charge:
    """Coins that somebody pays for; `slip` is the number on its slip, None if it has none."""

    holder: bytes
    coins: int
    slip: str | None = None


@dataclass(frozen=True)
class Charged:
    """A charge that is in the books, with what it brought."""

    posted: ToppedUp
    quote: Quote


def charge(
    database: Database,
    municipality: Municipality,
    clock: Clock,
    channel: Signatory,
    request: Charge,
    *,
    actor: str,
) -> Charged:
    """Post one charge with its bonus.

    Raises:  InvalidInput (`period_closed`), if the rules issue nothing today; Rejected with the ladder's reason; then nothing
             moved.
    """
    _demand_open(municipality, clock.now_ms())
    with database.transaction() as connection:
        nonces = free_nonces(connection, municipality.code, channel.address)
        expected = quote(connection, municipality, clock.now_ms(), request.coins)
        message = _sign(municipality, channel, request, expected, next(nonces))
        return Charged(top_up(connection, municipality, clock, message, actor=actor), expected)


def _demand_open(municipality: Municipality, now_ms: int) -> None:
    period = municipality.program.period
    if not period.contains(now_ms):
        first_ja, first_en = written_in_both(jst_date(period.starts_s * 1000))
        last_ja, last_en = written_in_both(last_day(period.ends_s))
        raise InvalidInput(
            f"チャージできるのは{first_ja}から{last_ja}までです。",
            f"Charging is open from {first_en} until {last_en}.",
            field="period",
            code="period_closed",
        )


def charge_many(
    connection: Conn,
    municipality: Municipality,
    clock: Clock,
    channel: Signatory,
    requests: Sequence[Charge],
    *,
    actor: str,
) -> list[ToppedUp | Rejected]:
    """Post charges in order in the caller's transaction, each with the bonus of an untouched fund.

    Use it where the fund has room for all: a charge whose bonus differs from what was signed is refused.
    """
    nonces = free_nonces(connection, municipality.code, channel.address)
    now_ms = clock.now_ms()
    signed = [
        _sign(municipality, channel, item, quote(connection, municipality, now_ms, item.coins), next(nonces))
        for item in requests
    ]
    return top_up_many(connection, municipality, clock, signed, actor=actor)


def _sign(
    municipality: Municipality, channel: Signatory, request: Charge, expected: Quote, nonce: int
) -> TopUp:
    slip = request.slip
    reference = secrets.token_bytes(32) if slip is None else slip_reference(slip)
    draft = TopUp(
        channel=channel.address,
        holder=request.holder,
        coins=expected.coins,
        coin_expiry_s=expected.coin_expiry_s,
        points=expected.points,
        point_expiry_s=expected.point_expiry_s,
        reference=reference,
        nonce=nonce,
        signature=b"",
    )
    return replace(draft, signature=channel.sign(municipality.domain, draft).signature)
