"""The rules of a town for tests: room for whatever is tried, and any of them can be replaced."""

from dataclasses import replace

from coin.clock import jst_midnight_s, parse_jst_date
from coin.program import (
    Channel,
    ChannelKind,
    Charge,
    CheckoutRules,
    Exhaustion,
    ExpiryRule,
    Fund,
    HelpDesk,
    Limits,
    LotKind,
    Municipality,
    Party,
    PartyKind,
    Payout,
    Period,
    Premium,
    Program,
    Send,
    SendPolicy,
)

FIRST_DAY_S = jst_midnight_s(parse_jst_date("2022-07-22"))
START_MS = FIRST_DAY_S * 1000 + 10 * 3600 * 1000
HALF_YEAR_S = jst_midnight_s(parse_jst_date("2022-10-01"))
YEAR_END_S = jst_midnight_s(parse_jst_date("2023-04-01"))
NEXT_YEAR_END_S = jst_midnight_s(parse_jst_date("2024-04-01"))
COUNTER, ATM = "counter", "atm"  # the channels
SPARE_FUND, FUND = "older", "town"

_TOWN = Party("磐梯町", "Bandai", PartyKind.TOWN)
_RULES = Program(
    municipality=Municipality("074071", "磐梯町", "Bandai", "BANDAI", is_demo=True),
    issuer=_TOWN,
    operator=_TOWN,
    period=Period(2022, FIRST_DAY_S, YEAR_END_S, 100_000_000),
    expiry=(
        ExpiryRule(LotKind.COIN, YEAR_END_S, YEAR_END_S),
        ExpiryRule(LotKind.COIN, NEXT_YEAR_END_S, NEXT_YEAR_END_S),
        ExpiryRule(LotKind.POINT, HALF_YEAR_S, HALF_YEAR_S),
        ExpiryRule(LotKind.POINT, YEAR_END_S, YEAR_END_S),
        ExpiryRule(LotKind.POINT, NEXT_YEAR_END_S, NEXT_YEAR_END_S),
    ),
    funds=(
        Fund(SPARE_FUND, "旧", "old", 1_000_000, Exhaustion.PARTIAL, 0),
        Fund(FUND, "町", "town", 1_000_000, Exhaustion.PARTIAL, 1),
    ),
    premium=Premium(1000, FUND),
    charge=Charge(1000, 1000, 50_000, 100_000, 1_000_000),
    channels=(
        Channel(COUNTER, "窓口", "counter", ChannelKind.COUNTER, 10_000_000),
        Channel(ATM, "ATM", "ATM", ChannelKind.ATM, 10_000_000),
    ),
    limits=Limits(200_000, 100_000),
    send=Send(SendPolicy.PERSON_TO_PERSON, 30_000, 50_000),
    excluded_goods=(),
    payout=Payout((10, 25), 5, 0, 0, ""),
    checkout=CheckoutRules(600),
    help_desk=HelpDesk("0242-74-1211", "", ""),
    source=b"rules of the tests",
)


def program(**changes: object) -> Program:
    """Return the rules; any field can be replaced."""
    return replace(_RULES, **changes)  # type: ignore[arg-type]
