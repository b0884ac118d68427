"""The wallet's texts about value and movements, in Japanese or, in an English locale, in English."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from bandai_client import Authorization, Counterpart, Movement, Paid
from coin import clock
from coin.console import say, written
from wallet_cli.common.wording import yen
from wallet_cli.resident.home import Home

MOVEMENTS = {
    "top_up": ("チャージ", "charge"),
    "payment": ("支払い", "payment"),
    "send": ("送金", "send"),
    "expiry": ("失効", "expiry"),
    "other": ("その他", "other"),
}
COUNTERPARTS = {
    "merchant": ("加盟店", "shop"),
    "cash": ("窓口", "channel"),
    "point_expense": ("特典", "bonus"),
    "holder": ("相手", "wallet"),
}
_NAMED_BY_THE_RULES = ("cash", "point_expense")  # their ids say nothing to a person
KINDS = {"coin": ("コイン", "coins"), "point": ("ポイント", "points")}


def last_day(expiry_s: int) -> str:
    """Write the last day on which value can be used; it expires at the midnight after."""
    day = written(clock.last_day(expiry_s))
    return say(f"{day}まで", f"until {day}")


def kind_name(kind: str) -> str:
    """Name a kind of value."""
    ja, en = KINDS.get(kind, (kind, kind))
    return say(ja, en)


def movement_lines(movements: Iterable[Movement]) -> Iterator[str]:
    """Write a history: a line for each movement, with the times aligned."""
    told = [(written(clock.jst_datetime(one.accepted_at_ms)), one) for one in movements]
    longest = max((len(at) for at, _ in told), default=0)  # they differ only in their digits
    for at, one in told:
        others = say("、", ", ").join(map(_counterpart, one.others))
        yield f"{at:<{longest}}  {one.amount_yen:+,}  {_movement(one.what)}  {others}"


def paid_lines(paid: Paid, file: Path, shop: str) -> list[str]:
    """Write what was paid, to whom, and where the receipt is."""
    parts = say("、", ", ").join(f"{kind_name(part.kind)} {yen(part.amount_yen)}" for part in paid.parts)
    return [
        say(f"支払いました: {yen(paid.amount_yen)}（{parts}）", f"Paid: {yen(paid.amount_yen)} ({parts})"),
        *([say(f"お店: {shop}", f"Shop: {shop}")] if shop else []),
        say(f"支払いの番号: 0x{paid.payment.hex()}", f"Payment: 0x{paid.payment.hex()}"),
        say(f"受領証: {file}", f"Receipt: {file}"),
    ]


def fate_lines(paid: Paid | None, in_doubt: Authorization | None, place: Home) -> list[str]:
    """Write what became of an earlier payment: accepted, or not (yet) arrived; nothing, if it was refused."""
    if paid is not None:
        file = place.receipt_file(paid.payment)
        return [
            say(
                f"前回のお支払い（{yen(paid.amount_yen)}）は完了していました。受領証: {file}",
                f"The earlier payment of {yen(paid.amount_yen)} was accepted. Receipt: {file}",
            )
        ]
    if in_doubt is None:
        return []
    until = f"{clock.jst_datetime(in_doubt.valid_before_s * 1000):%m/%d %H:%M}"
    return [
        say(
            f"前回のお支払い（{yen(in_doubt.amount_yen)}）は、まだ町に届いていません。{until} までは届くことがあります。"
            "やめるときは bandai-wallet cancel で取り消してから、ほかの方法で払ってください。",
            f"The earlier payment of {yen(in_doubt.amount_yen)} has not arrived; until {until} it still may. To give it up, "
            "run bandai-wallet cancel before you pay in another way.",
        )
    ]


def fate_unknown_lines(in_doubt: Authorization | None, why: str) -> list[str]:
    """Write that it is not known what became of an earlier payment."""
    if in_doubt is None:
        return []
    return [
        say(
            f"前回のお支払い（{yen(in_doubt.amount_yen)}）は届いたかもしれません。まだ確かめられません（{why}）。",
            f"The earlier payment of {yen(in_doubt.amount_yen)} may have arrived; this cannot be found out yet ({why}).",
        )
    ]


def _movement(what: str) -> str:
    ja, en = MOVEMENTS.get(what, (what, what))
    return say(ja, en)


def _counterpart(other: Counterpart) -> str:
    """Return the other side's name with its number: only the gateway vouches for the name."""
    ja, en = COUNTERPARTS.get(other.kind, ("", ""))
    if other.name and other.kind in _NAMED_BY_THE_RULES:
        return f"{say(ja, en)} {other.name}"
    numbered = f"{say(ja, en)} {other.reference}".strip()
    return say(f"{other.name}（{numbered}）", f"{other.name} ({numbered})") if other.name else numbered
