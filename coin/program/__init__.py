"""The town's rules: the file program.toml, which staff write and every process reads.

Decides which values are allowed. A file with a mistake is refused as a whole, and all mistakes are named at once. Knows no
database and no chain. docs/program.md is the manual.
"""

from coin.program.load import load_program, parse_program
from coin.program.opening import demand_dates_to_come
from coin.program.rules import (
    MAX_YEN,
    Channel,
    ChannelKind,
    Charge,
    CheckoutRules,
    ExcludedGoods,
    Exhaustion,
    ExpiryRule,
    Fund,
    HelpDesk,
    IssuedDate,
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

__all__ = [
    "MAX_YEN",
    "Channel",
    "ChannelKind",
    "Charge",
    "CheckoutRules",
    "ExcludedGoods",
    "Exhaustion",
    "ExpiryRule",
    "Fund",
    "HelpDesk",
    "IssuedDate",
    "Limits",
    "LotKind",
    "Municipality",
    "Party",
    "PartyKind",
    "Payout",
    "Period",
    "Premium",
    "Program",
    "Send",
    "SendPolicy",
    "demand_dates_to_come",
    "load_program",
    "parse_program",
]
