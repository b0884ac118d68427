"""Which lots are spent, restored and issued: the order that books, reconciliation and statements share.

A lot is value of one kind, one expiry and one fund. Pure: it knows no holder, no database and no clock of its own.
Payments come in thousands, so SQL (`accept_run`) divides them; a test compares it with `choose`. Keeps I-06 (value expired
at acceptance never pays) and I-09 (a refund restores the lots it came from).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from coin.errors import InvariantBroken, Rejected, Rejection
from coin.program import Exhaustion, LotKind

Key = TypeVar("Key")
NO_FUND = ""
FULL_RATE_BPS = 10_000


@dataclass(frozen=True, slots=True)
class Lot:
    """Value of one kind and one expiry; points name the fund that pays for them, coins have no fund.

    A shop's value does not expire: its expiry is 0.
    """

    kind: LotKind
    expiry_s: int
    fund: str = NO_FUND

    def __post_init__(self) -> None:
        if (self.kind is LotKind.COIN) is not (self.fund == NO_FUND):
            raise InvariantBroken(f"a {self.kind} lot with fund {self.fund!r}")

    def is_live(self, at_ms: int) -> bool:
        """Return whether the lot can be spent at that moment; at its expiry it cannot."""
        return at_ms < self.expiry_s * 1000


@dataclass(frozen=True, slots=True)
class Part:
    """An amount of one lot, at least 1 yen."""

    lot: Lot
    amount_yen: int

    def __post_init__(self) -> None:
        if self.amount_yen < 1:
            raise InvariantBroken(f"a part of {self.amount_yen} yen")


def spending_order(lots: Iterable[Lot], fund_order: Sequence[str]) -> list[Lot]:
    """Return the lots in the order of spending: nearest expiry first, then points before coins, then funds as in
    program.toml.

    Points of a fund that the file no longer lists can still be spent, after those of the listed funds, by the fund's id.
    """
    places = {fund: place for place, fund in enumerate(fund_order)}

    def key(lot: Lot) -> tuple[int, bool, int, str]:
        return lot.expiry_s, lot.kind is LotKind.COIN, places.get(lot.fund, len(places)), lot.fund

    return sorted(lots, key=key)


def live_balance_yen(lots: Mapping[Lot, int], at_ms: int) -> int:
    """Return the amount that can be spent at that moment."""
    return sum(amount_yen for lot, amount_yen in lots.items() if lot.is_live(at_ms))


def choose(
    lots: Mapping[Lot, int], amount_yen: int, at_ms: int, fund_order: Sequence[str]
) -> tuple[Part, ...]:
    """Return the parts of a holder's lots that pay an amount accepted at `at_ms`, in spending order.

    Raises:  Rejected (`amount_invalid`), if the amount is below 1;
             Rejected (`insufficient_balance`), if the live lots do not hold it.
    Keeps:   I-02, I-06: no part is larger than its lot, none has expired; the parts add up to the amount.
    """
    _require_amount(amount_yen)
    live = {lot: lots[lot] for lot in spending_order(lots, fund_order) if lot.is_live(at_ms)}
    return _parts(live, amount_yen, otherwise=Rejection.INSUFFICIENT_BALANCE)


def quote_bonus_yen(coins_yen: int, rate_bps: int, left_yen: int, exhaustion: Exhaustion) -> int:
    """Return the points that a charge gives now, rounded down; never more than the fund still has.

    If the fund has less than the full bonus, `partial` gives what is left and `none` gives nothing.
    """
    full_yen = coins_yen * rate_bps // FULL_RATE_BPS
    if full_yen <= left_yen:
        return full_yen
    return left_yen if exhaustion is Exhaustion.PARTIAL else 0


def choose_refund(spent: Sequence[Part], restored: Mapping[Lot, int], amount_yen: int) -> tuple[Part, ...]:
    """Return the parts of a payment that a refund restores: the lot that was spent last comes back first.

    `spent` are the payment's parts in spending order; `restored` is the sum of its earlier refunds.

    Raises:  Rejected (`amount_invalid`), if the amount is below 1 or above what has not been restored yet.
    Keeps:   I-09: the parts are lots of the payment, and all refunds together restore no lot beyond it.
    """
    _require_amount(amount_yen)
    left = {part.lot: part.amount_yen - restored.get(part.lot, 0) for part in reversed(spent)}
    return _parts(left, amount_yen, otherwise=Rejection.AMOUNT_INVALID)


def split_by_life(parts: Iterable[Part], at_ms: int) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Split the restored parts of a refund into those that the payer can spend again and those that have expired."""
    every = tuple(parts)
    live = tuple(part for part in every if part.lot.is_live(at_ms))
    return live, tuple(part for part in every if not part.lot.is_live(at_ms))


def take_in_order(available: Mapping[Key, int], amount_yen: int) -> dict[Key, int]:
    """Divide an amount over the available parts, in their order; unused parts are left out, and a shortfall is ignored."""
    taken = {}
    for key, value_yen in available.items():
        part_yen = min(value_yen, amount_yen)
        if part_yen:
            taken[key] = part_yen
            amount_yen -= part_yen
    return taken


def _parts(available: Mapping[Lot, int], amount_yen: int, *, otherwise: Rejection) -> tuple[Part, ...]:
    taken = take_in_order(available, amount_yen)
    if sum(taken.values()) != amount_yen:
        raise Rejected(otherwise, field="amount_yen")
    return tuple(Part(lot, part_yen) for lot, part_yen in taken.items())


def _require_amount(amount_yen: int) -> None:
    if amount_yen < 1:
        raise Rejected(Rejection.AMOUNT_INVALID, field="amount_yen")
