"""Rules of a town whose dates end every few days, so that a history of weeks sees many of them come and go."""

import random
from dataclasses import dataclass

from history_moves import CHANNELS

from coin.clock import DAY_S, jst_day
from coin.program import (
    Channel,
    ChannelKind,
    Exhaustion,
    ExpiryRule,
    Fund,
    Limits,
    LotKind,
    Period,
    Premium,
    Program,
    Send,
    SendPolicy,
)
from coin.program import Charge as ChargeRules
from tests.worlds.rules import FUND, SPARE_FUND, program

MANY = 10**10
HORIZON_DAYS = 90


@dataclass(frozen=True)
class Knobs:
    """What differs from town to town."""

    start_ms: int
    coin_days: int
    coin_rest_days: int
    point_days: int
    budget_yen: int
    exhaustion: Exhaustion
    allowance_yen: int
    cap_yen: int
    rate_bps: int
    is_rich: bool


def midnight_after_s(at_ms: int, days: int = 1) -> int:
    """00:00 in Japan, `days` days after the day of the moment."""
    return (jst_day(at_ms // 1000) + days) * DAY_S - 32_400


def knobs_of(rng: random.Random, start_ms: int) -> Knobs:
    """Draw a town; now and then one with amounts at the edge of a lane."""
    is_rich = rng.random() < 0.2
    return Knobs(
        start_ms=start_ms + rng.randrange(40) * DAY_S * 1000,
        coin_days=rng.choice([3, 6, 9]),
        coin_rest_days=rng.choice([0, 0, 2]),
        point_days=rng.choice([2, 4, 9]),
        budget_yen=MANY if is_rich else rng.choice([300, 3_000, 1_000_000]),
        exhaustion=rng.choice(list(Exhaustion)),
        allowance_yen=MANY if is_rich else rng.choice([4_000, MANY]),
        cap_yen=MANY if is_rich else rng.choice([15_000, MANY]),
        rate_bps=rng.choice([0, 1_000, 1_000, 3_333]),
        is_rich=is_rich,
    )


def program_of(knobs: Knobs, number: int) -> Program:
    """The rules of that town."""
    kinds = (ChannelKind.COUNTER, ChannelKind.ATM)
    return program(
        period=Period(
            2022, knobs.start_ms // 1000, midnight_after_s(knobs.start_ms, HORIZON_DAYS), knobs.cap_yen
        ),
        expiry=(
            *_rules(LotKind.COIN, knobs.start_ms, knobs.coin_days, knobs.coin_rest_days),
            *_rules(LotKind.POINT, knobs.start_ms, knobs.point_days, 0),
        ),
        funds=(
            Fund(SPARE_FUND, "旧", "old", 1_000, Exhaustion.PARTIAL, 0),
            Fund(FUND, "町", "town", knobs.budget_yen, knobs.exhaustion, 1),
        ),
        premium=Premium(knobs.rate_bps, FUND),
        charge=ChargeRules(1, 1, MANY, MANY, MANY),
        channels=tuple(
            Channel(name, name, name, kind, knobs.allowance_yen)
            for name, kind in zip(CHANNELS, kinds, strict=True)
        ),
        limits=Limits(MANY, MANY),
        send=Send(SendPolicy.PERSON_TO_PERSON, MANY, MANY),
        source=f"rules of history {number}".encode(),
    )


def _rules(kind: LotKind, start_ms: int, days: int, rest_days: int) -> tuple[ExpiryRule, ...]:
    ends = range(1, HORIZON_DAYS, days)
    return tuple(
        ExpiryRule(kind, midnight_after_s(start_ms, day), midnight_after_s(start_ms, day + rest_days))
        for day in ends
    )
