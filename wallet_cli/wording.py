"""What the commands say: Japanese, or English where LANG says so; amounts, dates and exit codes."""

import os
from datetime import date

from coin.clock import jst_date
from coin.errors import (
    CoinError,
    Forbidden,
    InvalidInput,
    NotFound,
    Rejected,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)

EXIT_CODES: tuple[tuple[type[CoinError], int], ...] = (
    (InvalidInput, 3),
    (Rejected, 4),
    (Unauthorized, 5),
    (Forbidden, 5),
    (NotFound, 6),
    (Unavailable, 7),
    (TooManyRequests, 7),
)
EXIT_HELP_JA = "終了コード: 0 完了、1 そのほかの問題、2 使い方、3 入力、4 支払いの拒否、5 パスワード・権限、6 見つからない、7 通信"
EXIT_HELP_EN = (
    "Exit codes: 0 done, 1 other, 2 usage, 3 input, 4 refused, 5 password or right, 6 not found, 7 no answer"
)
MOVEMENTS = {
    "top_up": ("チャージ", "charge"),
    "payment": ("支払い", "payment"),
    "send": ("送付", "send"),
    "expiry": ("失効", "expiry"),
    "other": ("その他", "other"),
}
KINDS = {"coin": ("コイン", "coins"), "point": ("ポイント", "points")}


def is_english() -> bool:
    """Tell whether the person reads English (LC_ALL before LANG)."""
    return (os.environ.get("LC_ALL") or os.environ.get("LANG") or "").startswith("en")


def say(ja: str, en: str) -> str:
    """Choose the sentence."""
    return en if is_english() else ja


def sentence(error: CoinError) -> str:
    """Give the one line of an error, with its stable code."""
    return f"{say(error.ja, error.en)} [{error.code}]"


def exit_code(error: CoinError) -> int:
    """Give the exit code of an error; the table is in every command's help."""
    return next((code for kind, code in EXIT_CODES if isinstance(error, kind)), 1)


def yen(amount_yen: int) -> str:
    """Write an amount for people."""
    return say(f"{amount_yen:,}円", f"{amount_yen:,} yen")


def last_day(expiry_s: int) -> str:
    """Write the last day on which value can be used; it ends at the midnight after."""
    day: date = jst_date((expiry_s - 1) * 1000)
    return say(f"{day.year}年{day.month}月{day.day}日まで", f"until {day.isoformat()}")


def movement_name(what: str) -> str:
    """Name a movement of a history."""
    ja, en = MOVEMENTS.get(what, (what, what))
    return say(ja, en)


def kind_name(kind: str) -> str:
    """Name a kind of value."""
    ja, en = KINDS.get(kind, (kind, kind))
    return say(ja, en)
