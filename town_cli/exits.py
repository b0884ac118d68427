"""What a command's exit number means; the one table from errors to numbers.

Where the wallet's commands can end the same way they end with the same number; a test holds both tables to it.
"""

from coin.errors import (
    CoinError,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    Rejected,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)

DONE = 0
DIFFERENCES = 1
WRONG_USE = 2
OTHER = 9
INTERRUPTED = 130  # the shell's own number for a program that Ctrl-C ended
EXIT_NUMBERS: tuple[tuple[type[CoinError], int], ...] = (
    (InvalidInput, 3),
    (Rejected, 4),
    (Unauthorized, 5),
    (Forbidden, 5),
    (NotFound, 6),
    (Unavailable, 7),
    (TooManyRequests, 7),
    (Conflict, 8),
)
EXITS_JA = (
    "終了コード: 0 完了、1 差異・未了・問題あり、2 使い方、3 入力、4 決まりによる拒否、"
    "5 パスフレーズ・権限、6 見つからない、7 応答なし、8 すでにある、9 その他"
)
EXITS_EN = (
    "Exit codes: 0 done, 1 differences, open items or problems, 2 usage, 3 input, 4 refused by a rule, "
    "5 passphrase or right, 6 not found, 7 no answer, 8 there already, 9 other"
)


def exit_number(error: CoinError) -> int:
    """The number with which a command ends that met this error."""
    return next((number for kind, number in EXIT_NUMBERS if isinstance(error, kind)), OTHER)
