"""The rules between values of program.toml.

A rule is skipped if one of its values is wrong by itself, so that one mistake gives one message.
"""

import re
from collections.abc import Iterable
from itertools import pairwise

from coin.clock import fiscal_year_start_s
from coin.formats import LANE_REST_S, LANES, MAX_LANE_YEN
from coin.program.lines import Path
from coin.program.rules import IssuedDate, LotKind, Program, SendPolicy
from coin.program.table import Problems

PREFECTURES = 47
LAST_NUMBERED_CLOSING_DAY = 28
END_OF_MONTH = 31
_CODE_WEIGHTS = (6, 5, 4, 3, 2)
_PLACEHOLDER = re.compile(r".*(?:0{6}|([0-9])\1{7})", re.ASCII)  # 0242-00-0000, T9999999999999


def check_agreement(program: Program, problems: Problems) -> None:
    """Record every rule between values that is violated."""
    _check_code(program, problems)
    _check_period(program, problems)
    _check_expiry(program, problems)
    _check_live_dates(program, problems)
    _check_ids(program, problems)
    _check_charge(program, problems)
    _check_charge_limits(program, problems)
    _check_send(program, problems)
    _check_payout(program, problems)
    _check_placeholders(program, problems)


def local_government_code_is_good(code: str) -> bool:
    """Return whether six digits are a code of a municipality in one of the 47 prefectures, with its check digit.

    Source:  総務省「全国地方公共団体コード」検査数字: 11 − (Σ digit × weight 6..2 mod 11), its last digit.
    """
    total = sum(int(digit) * weight for digit, weight in zip(code, _CODE_WEIGHTS, strict=False))
    return 1 <= int(code[:2]) <= PREFECTURES and int(code[5]) == (11 - total % 11) % 10


def _check_code(program: Program, problems: Problems) -> None:
    code = program.municipality.code
    problems.require(
        not code or local_government_code_is_good(code),
        ("municipality", "code"),
        "municipality_code_check_digit",
        "全国地方公共団体コードの検査数字（6桁目）か都道府県（先頭2桁）が合いません。",
        "the check digit or the prefecture of the local government code is wrong.",
    )


def _check_period(program: Program, problems: Problems) -> None:
    period = program.period
    first_s, next_s = fiscal_year_start_s(period.fiscal_year), fiscal_year_start_s(period.fiscal_year + 1)
    starts, ends = ("period", "starts_at"), ("period", "ends_at")
    problems.require(
        first_s <= period.starts_s < next_s,
        starts,
        "period_outside_fiscal_year",
        f"{period.fiscal_year}年度（4月1日から3月31日）の中の日時を書いてください。",
        f"must be in fiscal year {period.fiscal_year} (1 April to 31 March).",
        reads=(("period", "fiscal_year"),),
    )
    problems.require(
        period.starts_s < period.ends_s <= next_s,
        ends,
        "period_end_wrong",
        f"starts_at より後で、{period.fiscal_year}年度の終わり（翌4月1日の0時）までの日時を書いてください。",
        f"must come after starts_at and not after the end of fiscal year {period.fiscal_year}.",
        reads=(("period", "fiscal_year"), starts),
    )


def _check_expiry(program: Program, problems: Problems) -> None:
    for index, rule in enumerate(program.expiry):
        problems.require(
            rule.issued_before_s <= rule.ends_s,
            ("expiry", index, "ends_at"),
            "expiry_before_issue",
            "issued_before より前にはできません（発行したときには期限切れになります）。",
            "must not be before issued_before: the value would be expired when it is issued.",
            reads=(("expiry", index, "issued_before"),),
        )
    for kind in LotKind:
        _check_expiry_of(kind, program, problems)


def _check_expiry_of(kind: LotKind, program: Program, problems: Problems) -> None:
    rules = [(index, rule) for index, rule in enumerate(program.expiry) if rule.kind is kind]
    for (_, before), (index, after) in pairwise(rules):
        problems.require(
            before.issued_before_s < after.issued_before_s and before.ends_s <= after.ends_s,
            ("expiry", index, "issued_before"),
            "expiry_order",
            f"{kind} の期限は、発行の早い順に、前より後の日時で書いてください。",
            f"the rules of {kind} must be in ascending order of issued_before and ends_at.",
            reads=(("expiry",),),
        )
    problems.require(
        bool(rules) and rules[-1][1].issued_before_s >= program.period.ends_s,
        ("expiry",),
        "expiry_does_not_cover_period",
        f"発行期間の終わり（period.ends_at）までに発行する {kind} の期限がありません。",
        f"no rule says when a {kind} issued until period.ends_at ends.",
        reads=(("period", "ends_at"),),
    )


def _check_live_dates(program: Program, problems: Problems) -> None:
    most = _most_live_dates(program)
    problems.require(
        most <= LANES,
        ("expiry",),
        "expiry_too_many_dates",
        f"同時に生きている期限が {most} 個になります。台帳に置けるのは {LANES} 個までです"
        "（期限のあと10日間も1個に数えます）。",
        f"{most} expiry dates would be active at once, and the ledger allows {LANES}"
        " (a date counts until 10 days after its end).",
        reads=(("period",),),
    )


def _most_live_dates(program: Program) -> int:
    """Return the largest number of dates that hold a lane at one moment, from first issue to 10 days after the end."""
    dates = program.dates()
    return max((_live_at(date.first_s, dates) for date in dates), default=0)


def _live_at(moment_s: int, dates: Iterable[IssuedDate]) -> int:
    return sum(date.first_s <= moment_s < date.ends_s + LANE_REST_S for date in dates)


def _check_ids(program: Program, problems: Problems) -> None:
    _check_unique("funds", [fund.id for fund in program.funds], problems)
    _check_unique("channels", [channel.id for channel in program.channels], problems)
    problems.require(
        program.premium.fund in program.fund_order(),
        ("premium", "fund"),
        "fund_unknown",
        "[[funds]] にない予算です。",
        "is not the id of a fund in [[funds]].",
        reads=(("funds",),),
    )


def _check_unique(table: str, ids: list[str], problems: Problems) -> None:
    for index, name in enumerate(ids):
        path: Path = (table, index, "id")
        problems.require(
            name not in ids[:index],
            path,
            "id_repeated",
            f"「{name}」は前にも使われています。",
            f"{name} has been used before.",
        )


def _check_charge(program: Program, problems: Problems) -> None:
    charge = program.charge
    for key, amount_yen in (("min_yen", charge.min_yen), ("max_yen_per_charge", charge.max_yen_per_charge)):
        problems.require(
            amount_yen % charge.unit_yen == 0,
            ("charge", key),
            "charge_not_in_units",
            f"unit_yen（{charge.unit_yen:,}円）の倍数にしてください。",
            f"must be a multiple of unit_yen ({charge.unit_yen:,}).",
            reads=(("charge", "unit_yen"),),
        )


def _check_charge_limits(program: Program, problems: Problems) -> None:
    charge = program.charge
    rising = (
        ("min_yen", charge.min_yen),
        ("max_yen_per_charge", charge.max_yen_per_charge),
        ("max_yen_per_person_day", charge.max_yen_per_person_day),
        ("max_yen_per_person_year", charge.max_yen_per_person_year),
    )
    for (low_key, low), (key, amount_yen) in pairwise(rising):
        problems.require(
            low <= amount_yen,
            ("charge", key),
            "charge_limits_order",
            f"{low_key}（{low:,}円）より小さくはできません。",
            f"must not be smaller than {low_key} ({low:,}).",
            reads=(("charge", low_key),),
        )
    _check_charge_fits(program, problems)


def _check_charge_fits(program: Program, problems: Problems) -> None:
    least_yen = program.charge.min_yen
    with_bonus_yen = least_yen + least_yen * program.premium.rate_bps // 10_000
    problems.require(
        with_bonus_yen <= program.limits.balance_yen <= MAX_LANE_YEN,
        ("limits", "balance_yen"),
        "balance_limit_below_charge",
        f"最小のチャージと特典（{with_bonus_yen:,}円）が入りません。",
        f"the smallest charge with its bonus ({with_bonus_yen:,}) would not fit.",
        reads=(("charge", "min_yen"), ("premium", "rate_bps")),
    )


def _check_send(program: Program, problems: Problems) -> None:
    send = program.send
    path, month = ("send", "max_yen_per_transfer"), ("send", "max_yen_per_month")
    is_open = send.policy is SendPolicy.PERSON_TO_PERSON
    for key, amount_yen in ((path, send.max_yen_per_transfer), (month, send.max_yen_per_month)):
        problems.require(
            (amount_yen > 0) is is_open,
            key,
            "send_cap_against_policy",
            '送る（policy が "person_to_person"）なら1円以上、送らない（"none"）なら0にしてください。',
            'must be 1 or more with policy "person_to_person", and 0 with "none".',
            reads=(("send", "policy"),),
        )
    problems.require(
        send.max_yen_per_transfer <= send.max_yen_per_month,
        month,
        "send_caps_order",
        "max_yen_per_transfer より小さくはできません。",
        "must not be smaller than max_yen_per_transfer.",
        reads=(path,),
    )


def _check_payout(program: Program, problems: Problems) -> None:
    payout = program.payout
    days = payout.closing_days
    problems.require(
        bool(days)
        and list(days) == sorted(set(days))
        and all(1 <= day <= LAST_NUMBERED_CLOSING_DAY or day == END_OF_MONTH for day in days),
        ("payout", "closing_days"),
        "closing_days_wrong",
        "締め日を1から28、または31（月末）で、小さい順に重ならないように書いてください。",
        "must be days from 1 to 28, or 31 for the end of the month, in ascending order and each once.",
    )
    problems.require(
        bool(payout.invoice_number) or (payout.fee_yen == 0 and payout.fee_rate_bps == 0),
        ("payout", "invoice_number"),
        "invoice_number_missing",
        "手数料を取るには適格請求書の登録番号（T と13桁の数字）が要ります。",
        "a fee needs the registration number of qualified invoices (T and 13 digits).",
        reads=(("payout", "fee_yen"), ("payout", "fee_rate_bps")),
    )


def _check_placeholders(program: Program, problems: Problems) -> None:
    """Refuse a number that stands for the real one, except in a demo: it would be printed on every sheet and slip."""
    numbers = (
        (("help_desk", "phone"), program.help_desk.phone),
        (("payout", "invoice_number"), program.payout.invoice_number),
    )
    for path, number in numbers:
        problems.require(
            program.municipality.is_demo or not _PLACEHOLDER.fullmatch(number.replace("-", "")),
            path,
            "placeholder",
            f"「{number}」は仮の番号です。町の本物の番号に直してください。",
            f"{number} is a placeholder; write the town's own number.",
            reads=(("municipality", "is_demo"),),
        )
