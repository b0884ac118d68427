"""The town's rules: one file, program.toml, that staff write and every process reads.

It decides what a rule may say, and refuses a file with any wrong place as a whole, naming every place at once.
It knows no database and no chain. docs/program.md is its manual.
"""

from coin.program.load import load_program, parse_program
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
    "load_program",
    "parse_program",
]
