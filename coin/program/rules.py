"""The rules as frozen values, already validated.

Amounts are whole yen; moments are seconds since 1970-01-01T00:00Z; an end is exclusive.
"""

import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum

from coin.errors import NotFound, Rejected, Rejection

MAX_YEN = 999_999_999_999
"""The largest budget or cap that a file can name."""


class LotKind(StrEnum):
    """Coins are paid for, points are given; every book and report keeps them separate."""

    POINT = "point"
    COIN = "coin"


class PartyKind(StrEnum):
    """A town is exempt from the act on prepaid instruments; an association is not."""

    TOWN = "town"
    ASSOCIATION = "association"


class Exhaustion(StrEnum):
    """What to give if a fund has less than the bonus: what is left, or nothing."""

    PARTIAL = "partial"
    NONE = "none"


class ChannelKind(StrEnum):
    """How cash is taken."""

    COUNTER = "counter"
    MACHINE = "machine"
    ATM = "atm"


class SendPolicy(StrEnum):
    """Whether holders may send to each other."""

    PERSON_TO_PERSON = "person_to_person"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Municipality:
    """The municipality; `code` has six digits, the last of them a check digit."""

    code: str
    name_ja: str
    name_en: str
    name_romaji: str
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Party:
    """The issuer or the operator."""

    name_ja: str
    name_en: str
    kind: PartyKind


@dataclass(frozen=True, slots=True)
class Period:
    """The part of one fiscal year in which value is issued, and how much; coins and points both count."""

    fiscal_year: int
    starts_s: int
    ends_s: int
    cap_yen: int

    def contains(self, at_ms: int) -> bool:
        """Return whether value can be issued at that moment; the end is exclusive."""
        return self.starts_s * 1000 <= at_ms < self.ends_s * 1000


@dataclass(frozen=True, slots=True)
class ExpiryRule:
    """Value of `kind` that is issued before `issued_before_s` (and after the rule before it) ends at `ends_s`."""

    kind: LotKind
    issued_before_s: int
    ends_s: int


@dataclass(frozen=True, slots=True)
class IssuedDate:
    """An expiry date of the rules, and when value under it is issued: from the first moment until before the last one."""

    ends_s: int
    first_s: int
    last_s: int

    def is_wanted(self, at_ms: int) -> bool:
        """Return whether value under the date will be issued or, if the rules issue none, may be left from a year before."""
        is_to_come = at_ms < self.last_s * 1000 or self.last_s <= self.first_s
        return is_to_come and at_ms < self.ends_s * 1000


@dataclass(frozen=True, slots=True)
class Fund:
    """A budget that pays for points; `order` is its position in the file and in spending, from 0."""

    id: str
    name_ja: str
    name_en: str
    budget_yen: int
    exhaustion: Exhaustion
    order: int


@dataclass(frozen=True, slots=True)
class Premium:
    """The bonus of a charge, in hundredths of a percent, rounded down to whole yen."""

    rate_bps: int
    fund: str


@dataclass(frozen=True, slots=True)
class Charge:
    """The unit and the limits of charges."""

    unit_yen: int
    min_yen: int
    max_yen_per_charge: int
    max_yen_per_person_day: int
    max_yen_per_person_year: int


@dataclass(frozen=True, slots=True)
class Channel:
    """A place that takes cash; coins and points both count against its allowance."""

    id: str
    name_ja: str
    name_en: str
    kind: ChannelKind
    daily_allowance_yen: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest balance of a wallet, and the largest payment."""

    balance_yen: int
    payment_yen: int


@dataclass(frozen=True, slots=True)
class Send:
    """Sends between holders; the caps apply to sender and receiver, and are 0 if sending is not allowed."""

    policy: SendPolicy
    max_yen_per_transfer: int
    max_yen_per_month: int


@dataclass(frozen=True, slots=True)
class ExcludedGoods:
    """Goods that may not be bought."""

    name_ja: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Payout:
    """When shops are paid in yen, and the fee; closing day 31 is the last day of each month."""

    closing_days: tuple[int, ...]
    paid_after_banking_days: int
    fee_yen: int
    fee_rate_bps: int
    invoice_number: str


@dataclass(frozen=True, slots=True)
class CheckoutRules:
    """How long a checkout stays open."""

    lifetime_s: int


@dataclass(frozen=True, slots=True)
class HelpDesk:
    """Whom people call."""

    phone: str
    hours_ja: str
    hours_en: str


@dataclass(frozen=True, slots=True)
class Program:
    """All rules of one municipality; `source` is the file they were read from, byte by byte."""

    municipality: Municipality
    issuer: Party
    operator: Party
    period: Period
    expiry: tuple[ExpiryRule, ...]
    funds: tuple[Fund, ...]
    premium: Premium
    charge: Charge
    channels: tuple[Channel, ...]
    limits: Limits
    send: Send
    excluded_goods: tuple[ExcludedGoods, ...]
    payout: Payout
    checkout: CheckoutRules
    help_desk: HelpDesk
    source: bytes = field(repr=False, compare=False)

    def text(self) -> str:
        """Return the text of the file, as it is read."""
        return self.source.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")

    def expiry_s(self, kind: LotKind, issued_ms: int) -> int:
        """Return the expiry of value of `kind` that is issued at `issued_ms`.

        Raises:  Rejected (`date_not_in_calendar`), if the time is outside the period or no rule covers it.
        """
        for rule in self.expiry if self.period.contains(issued_ms) else ():
            if rule.kind is kind and issued_ms < rule.issued_before_s * 1000:
                return rule.ends_s
        raise Rejected(Rejection.DATE_NOT_IN_CALENDAR, field="expiry")

    def dates(self) -> tuple[IssuedDate, ...]:
        """Return every expiry date of the file once, in the order in which they are needed."""
        found: dict[int, IssuedDate] = {}
        for kind in LotKind:
            first_s = self.period.starts_s
            for rule in self.expiry:
                if rule.kind is kind:
                    last_s = min(rule.issued_before_s, self.period.ends_s)
                    known = found.get(rule.ends_s, IssuedDate(rule.ends_s, first_s, last_s))
                    found[rule.ends_s] = IssuedDate(
                        rule.ends_s, min(first_s, known.first_s), max(last_s, known.last_s)
                    )
                    first_s = max(first_s, rule.issued_before_s)
        return tuple(sorted(found.values(), key=lambda date: (date.first_s, date.ends_s)))

    def fund(self, fund_id: str) -> Fund:
        """Return the fund of that id.

        Raises:  NotFound (`fund_unknown`).
        """
        for fund in self.funds:
            if fund.id == fund_id:
                return fund
        raise NotFound("この予算はありません。", "There is no such fund.", field="fund", code="fund_unknown")

    def fund_order(self) -> tuple[str, ...]:
        """Return the ids of the funds in the order in which their points are spent."""
        return tuple(fund.id for fund in self.funds)

    def channel(self, named: str) -> Channel:
        """Return the channel of that id, or of that name.

        Raises:  NotFound (`channel_unknown`).
        """
        wanted = _plain(named)
        for channel in self.channels:
            if wanted in (channel.id, _plain(channel.name_ja), _plain(channel.name_en)):
                return channel
        ja = "、".join(f"{channel.name_ja}（{channel.id}）" for channel in self.channels)
        en = ", ".join(f"{channel.name_en} ({channel.id})" for channel in self.channels)
        raise NotFound(
            f"このチャージ窓口はありません。あるのは {ja} です。",
            f"There is no such channel; there are {en}.",
            field="channel",
            code="channel_unknown",
        )


def _plain(name: str) -> str:
    """Return a name without the differences that nobody hears: width, case, spaces."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
